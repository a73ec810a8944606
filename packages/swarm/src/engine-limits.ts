import type { EngineOptions } from './options.ts';
import type { PeerConnection } from './peers/peer-connection.ts';
import { LimiterTree } from './policy/limiter-tree.ts';
import type { LimitedClass } from './policy/rate-limits.ts';
import type { Clock } from './ports/clock.ts';
import type { ResolvedOptions, ResolvedSite } from './resolved-options.ts';
import { BackgroundKeeper } from './sites/background-keeper.ts';
import { BudgetKeeper } from './sites/budget-keeper.ts';

/** The tree of limits as an engine's options set it; these connections hear of every change. */
export function createLimiters(
  { limits, classLimits }: EngineOptions,
  clock: Clock,
  connections: () => Iterable<PeerConnection>,
): LimiterTree {
  const limiters = new LimiterTree({
    clock,
    changed: () => {
      for (const connection of connections()) connection.limitsChanged();
    },
  });
  limiters.setEngine(limits ?? {});
  for (const [limited, limits] of Object.entries(classLimits ?? {}))
    limiters.setClass(limited as LimitedClass, limits);
  return limiters;
}

/** Undefined unless traffic with other sites is to give way. */
export function createBackground(
  options: ResolvedOptions['background'],
  limiters: LimiterTree,
  clock: Clock,
): BackgroundKeeper | undefined {
  return options === undefined ? undefined : new BackgroundKeeper(options, limiters, clock);
}

/** Undefined while nobody has set a budget for the site. */
export function createBudget(
  site: ResolvedSite | undefined,
  limiters: LimiterTree,
  clock: Clock,
): BudgetKeeper | undefined {
  const { downBytesPerSecond, upBytesPerSecond } = site?.budget ?? {};
  if (site === undefined || (downBytesPerSecond ?? upBytesPerSecond) === undefined) return undefined;
  return new BudgetKeeper(site.budget, limiters, clock);
}
