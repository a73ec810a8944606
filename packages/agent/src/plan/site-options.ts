import type { EngineOptions, RateWindow } from '@brine/swarm';

import type { Budget } from './scenario.ts';

/** What an engine of the simulated fleet is told about sites. */
export interface SiteOfHost {
  /** False: plain BitTorrent, for comparison. */
  readonly aware: boolean;
  readonly label: string;
  /** Label to address ranges, of all sites. */
  readonly map: Readonly<Record<string, readonly string[]>>;
  /** In real rates. */
  readonly budget: Budget | undefined;
  /** Real rates for simulated ones. */
  readonly rateFactor: number;
}

/**
 * The part of an engine's options that sites are about. Plain BitTorrent knows no budget of a site; it is compared as if lines were free.
 */
export function siteOptionsFor({
  aware,
  label,
  map,
  budget,
  rateFactor,
}: SiteOfHost): Pick<EngineOptions, 'site'> {
  if (!aware) return { site: false };
  if (budget === undefined) return { site: { label, map } };
  return { site: { label, map, budget: { downBytesPerSecond: slower(budget, rateFactor) } } };
}

function slower(budget: Budget, factor: number): Budget {
  if (typeof budget === 'number') return budget / factor;
  const divided = ({ bytesPerSecond, ...window }: RateWindow): RateWindow =>
    bytesPerSecond === undefined
      ? window
      : Object.assign(window, { bytesPerSecond: bytesPerSecond / factor });
  const { windows, otherwise, ...rest } = budget;
  return {
    ...rest,
    windows: windows.map(divided),
    ...(otherwise === undefined ? {} : { otherwise: otherwise / factor }),
  };
}
