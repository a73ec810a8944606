import type { FleetClient } from './fleet-client.ts';
import { plainLibtorrent, plainTransmission } from './fleet-client.ts';
import { last, timesFloor, worst } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { bestFetcherDies, churn, foreigners, lateSite, together } from './scenarios.ts';
import type { Conditions } from './scenarios.ts';

/** What must hold; absent where nothing is promised. */
export interface Bounds {
  /** Copies of the payload into the site that takes most, headers counted: 1.05 is one copy. */
  readonly into: number;
  /** Copies out of the origin. */
  readonly origin?: number;
  /** When the last host is done, as a multiple of the link's floor. Means something from 64 MiB on: starting a process takes what it takes. */
  readonly timesFloor?: number;
}

/** Something that can be run and measured. `turn` counts repetitions from 0 and seeds what is left to chance. */
export interface Scenario {
  readonly name: string;
  readonly bounds: Bounds;
  run(conditions: Conditions, client: FleetClient, turn: number): Promise<Outcome>;
}

const THREE_BY_FOUR = { sites: 3, hosts: 4 };
const THREE_BY_FOUR_NAME = '3 sites × 4 hosts';
/** The mission, for machines that all start at once. */
const MISSION: Bounds = { into: 1.08, origin: 1.15, timesFloor: 1.15 };
const FOREIGNERS: Bounds = { into: 1.3 };

/** All scenarios with what must hold in each, by the name of their group. */
export const CATALOGUE: Readonly<Record<string, readonly Scenario[]>> = {
  together: [{ name: THREE_BY_FOUR_NAME, bounds: MISSION, run: shaped(THREE_BY_FOUR) }],
  shapes: [
    { name: '2 sites × 12 hosts', bounds: MISSION, run: shaped({ sites: 2, hosts: 12 }) },
    { name: '6 sites × 3 hosts', bounds: MISSION, run: shaped({ sites: 6, hosts: 3 }) },
    { name: '1 site × 8 hosts', bounds: { into: 1.07 }, run: shaped({ sites: 1, hosts: 8 }) },
  ],
  losses: [
    {
      name: `${THREE_BY_FOUR_NAME}, half of them killed once`,
      bounds: { into: 1.15 },
      run: (conditions, client, turn) => churn(conditions, THREE_BY_FOUR, client, turn + 1),
    },
    {
      name: `${THREE_BY_FOUR_NAME}, the best fetcher of one site dies`,
      bounds: { into: 1.15 },
      run: (conditions, client) => bestFetcherDies(conditions, THREE_BY_FOUR, client),
    },
  ],
  late: [
    {
      name: 'a site of 4 hosts after two others, near one of them',
      // From the near site, not from the origin: what is asked before anybody has said who is near may come from there.
      bounds: { into: 1.15, origin: 0.15 },
      run: (conditions, client) => lateSite(conditions, 4, client),
    },
  ],
  foreigners: [
    {
      name: `${THREE_BY_FOUR_NAME}, one of each Transmission`,
      bounds: FOREIGNERS,
      run: withOne(plainTransmission),
    },
    {
      name: `${THREE_BY_FOUR_NAME}, one of each libtorrent`,
      bounds: FOREIGNERS,
      run: withOne(plainLibtorrent),
    },
  ],
};

/** What of the bounds an outcome does not keep, as sentences. Times are judged only when asked to. */
export function broken(outcome: Outcome, bounds: Bounds, withTime: boolean): readonly string[] {
  const found: string[] = [];
  const judge = (what: string, value: number, bound: number | undefined): void => {
    if (bound !== undefined && value > bound) found.push(`${what}: ${value.toFixed(3)}, allowed ${bound}`);
  };
  judge('copies into the worst site', worst(outcome), bounds.into);
  judge('copies out of the origin', outcome.origin, bounds.origin);
  if (withTime)
    judge(`last host, ${last(outcome).toFixed(1)} s, in floors`, timesFloor(outcome), bounds.timesFloor);
  if (outcome.damaged.length > 0) found.push(`damaged on ${outcome.damaged.join(', ')}`);
  return found;
}

function shaped(shape: { readonly sites: number; readonly hosts: number }): Scenario['run'] {
  return (conditions, client) => together(conditions, shape, client);
}

function withOne(foreigner: FleetClient): Scenario['run'] {
  return (conditions, client) =>
    foreigners(conditions, THREE_BY_FOUR, client, (_, number) => (number === 0 ? foreigner : client));
}
