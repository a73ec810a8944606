import { EngineError } from './errors.ts';
import type { EngineOptions, RateLimits, SiteOptions } from './options.ts';
import { isSiteLabel } from './sites/site-label.ts';
import { SiteMap } from './sites/site-map.ts';
import type { SiteRanges } from './sites/site-map.ts';
import { VERSION } from './version.ts';

/** The engine's options with every default filled in. */
export type ResolvedOptions = Required<Omit<EngineOptions, 'listen' | 'limits' | 'site'>> & {
  readonly site: ResolvedSite | undefined;
};

/** Undefined label: what the map says. */
export interface ResolvedSite {
  readonly label: string | undefined;
  readonly map: SiteRanges;
  readonly fetchersMax: number;
  /** An administrator has said something about sites, so that others are there even while no member is met. */
  readonly configured: boolean;
}

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
    site: options.site === false ? undefined : resolveSite(options.site ?? {}),
    clientName: options.clientName ?? `Brine ${VERSION}`,
  };
}

function resolveSite({ label, map, fetchersMax }: SiteOptions): ResolvedSite {
  if (label !== undefined && !isSiteLabel(label))
    throw new EngineError(
      'option-invalid',
      `site.label is "${label}"; write names of letters, digits, dots and dashes, separated by slashes, such as de/muc/hq`,
    );
  try {
    // oxlint-disable-next-line no-new -- for its complaints
    new SiteMap(map);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EngineError('option-invalid', `site.map: ${error.message}`, { cause: error });
  }
  return {
    label,
    map: map ?? {},
    fetchersMax: count('site.fetchersMax', fetchersMax ?? 2),
    configured: label !== undefined || map !== undefined,
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
