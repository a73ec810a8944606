import { EngineError } from './errors.ts';
import type { EngineOptions, SiteOptions } from './options.ts';
import type { Rate, RateLimits } from './policy/rate-limits.ts';
import { Schedule } from './policy/schedule.ts';
import type { RateSchedule } from './policy/schedule.ts';
import { isSiteLabel } from './sites/site-label.ts';
import { SiteMap } from './sites/site-map.ts';
import type { SiteRanges } from './sites/site-map.ts';
import type { WanBudget } from './sites/wan-budget.ts';
import { VERSION } from './version.ts';

/** The engine's options with every default filled in. */
export type ResolvedOptions = Required<
  Omit<EngineOptions, 'listen' | 'limits' | 'classLimits' | 'site' | 'background'>
> & {
  readonly site: ResolvedSite | undefined;
  /** Undefined: not in the background. */
  readonly background: { readonly targetDelayMs: number } | undefined;
};

/** Undefined label: what the map says. */
export interface ResolvedSite {
  readonly label: string | undefined;
  readonly map: SiteRanges;
  readonly fetchersMax: number;
  readonly budget: WanBudget;
  /** An administrator has said something about sites, so that others are there even while no member is met. */
  configured: boolean;
}

/** Fills in defaults and checks; throws `EngineError` `option-invalid` that names the option. */
export function resolveOptions(options: EngineOptions): ResolvedOptions {
  checkLimits(options.limits ?? {});
  for (const limits of Object.values(options.classLimits ?? {})) checkLimits(limits);
  return {
    connectionsMax: count('connectionsMax', options.connectionsMax ?? 500),
    connectionsPerTorrentMax: count('connectionsPerTorrentMax', options.connectionsPerTorrentMax ?? 200),
    halfOpenMax: count('halfOpenMax', options.halfOpenMax ?? 50),
    unchokeSlots: count('unchokeSlots', options.unchokeSlots ?? 50),
    chokePolicy: options.chokePolicy ?? 'share',
    sharing: options.sharing ?? 'all',
    pex: options.pex ?? true,
    lsd: options.lsd ?? true,
    site: options.site === false ? undefined : resolveSite(options.site ?? {}),
    background: resolveBackground(options.background ?? false),
    superSeed: options.superSeed ?? false,
    uploadCacheBytes: count('uploadCacheBytes', options.uploadCacheBytes ?? 32 * 1024 * 1024),
    clientName: options.clientName ?? `Brine ${VERSION}`,
  };
}

function resolveBackground(
  background: boolean | { readonly targetDelayMs: number },
): ResolvedOptions['background'] {
  if (typeof background === 'boolean') return background ? { targetDelayMs: 40 } : undefined;
  return { targetDelayMs: count('background.targetDelayMs', background.targetDelayMs) };
}

export function resolveSite({ label, map, fetchersMax, budget = {} }: SiteOptions): ResolvedSite {
  checkLimits(budget);
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
    budget,
    configured: label !== undefined || map !== undefined,
  };
}

/** Throws `option-invalid` for a rate that is negative or no number, and for a schedule that cannot be read. */
export function checkLimits(limits: RateLimits): void {
  for (const [name, rate] of Object.entries(limits) as [string, Rate | undefined][]) {
    if (rate === undefined || (typeof rate === 'number' && rate >= 0)) continue;
    if (typeof rate === 'object') checkSchedule(name, rate);
    else
      throw new EngineError(
        'option-invalid',
        `${name} is ${String(rate)}; give bytes per second, 0 to stop, or leave it out`,
      );
  }
}

function checkSchedule(name: string, schedule: RateSchedule): void {
  try {
    // oxlint-disable-next-line no-new -- for its complaints
    new Schedule(schedule);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EngineError('option-invalid', `${name}: ${error.message}`, { cause: error });
  }
}

function count(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new EngineError('option-invalid', `${name} is ${value}; give a whole number above 0`);
}
