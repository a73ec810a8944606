import type { LimitSettings, LimitsView } from '@brine/control-http';
import type { Engine } from '@brine/swarm';

/** Limits over all payloads: those that were ordered, or else those of the configuration. */
export class LimitsInForce {
  readonly #engine: Engine;
  readonly #configured: LimitSettings;

  constructor(engine: Engine, configured: LimitSettings) {
    this.#engine = engine;
    this.#configured = configured;
  }

  /** How limits are told when these are ordered; undefined: none are. */
  view(ordered: LimitSettings | undefined): LimitsView {
    return { ...(ordered ?? this.#configured), source: ordered === undefined ? 'configuration' : 'order' };
  }

  apply(ordered: LimitSettings | undefined): void {
    const { total = {}, outside = {}, site = {}, near = {}, wan = {} } = ordered ?? this.#configured;
    this.#engine.setLimits(total);
    for (const [name, limits] of Object.entries({ outside, site, near, wan }))
      this.#engine.setLimits(limits, { class: name as 'outside' | 'site' | 'near' | 'wan' });
  }
}
