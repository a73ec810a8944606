import { EngineError } from './errors.ts';
import type { EngineOptions, RateLimits } from './options.ts';
import { VERSION } from './version.ts';

/** The engine's options with every default filled in. */
export type ResolvedOptions = Required<Omit<EngineOptions, 'listen' | 'limits'>>;

/** Fills in defaults and checks; throws `EngineError` `option-invalid` that names the option. */
export function resolveOptions(options: EngineOptions): ResolvedOptions {
  checkLimits(options.limits ?? {});
  return {
    connectionsMax: count('connectionsMax', options.connectionsMax ?? 500),
    connectionsPerTorrentMax: count('connectionsPerTorrentMax', options.connectionsPerTorrentMax ?? 200),
    halfOpenMax: count('halfOpenMax', options.halfOpenMax ?? 50),
    unchokeSlots: count('unchokeSlots', options.unchokeSlots ?? 50),
    chokePolicy: options.chokePolicy ?? 'share',
    pex: options.pex ?? true,
    clientName: options.clientName ?? `Brine ${VERSION}`,
  };
}

/** Throws `option-invalid` for a rate that is negative or no number. */
export function checkLimits(limits: RateLimits): void {
  for (const [name, rate] of Object.entries(limits)) {
    if (rate === undefined || (typeof rate === 'number' && rate >= 0)) continue;
    throw new EngineError(
      'option-invalid',
      `${name} is ${String(rate)}; give bytes per second, 0 to stop, or leave it out`,
    );
  }
}

function count(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new EngineError('option-invalid', `${name} is ${value}; give a whole number above 0`);
}
