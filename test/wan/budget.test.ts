import { expect, test } from 'vitest';

import { brokenBudget, budget } from '../rig/wan/budget.ts';
import { brineWithBudget } from '../rig/wan/fleet-client.ts';
import { describeWanByOrder } from './describe-wan.ts';

const ORDER = { hosts: 8, linkRate: 20e6, budget: 5e6, nextBudget: 10e6, seconds: 20 };

describeWanByOrder('a WAN budget for a site', () => {
  test('eight hosts keep to 5 Mbit/s together, to 10 Mbit/s within two seconds of the change, and their LAN is free', async () => {
    const outcome = await budget(brineWithBudget, ORDER);
    // The outcome stands on both sides so that a failure shows all of it.
    expect({ ...outcome, broken: brokenBudget(outcome, ORDER) }).toEqual({ ...outcome, broken: [] });
  }, 300_000);
});
