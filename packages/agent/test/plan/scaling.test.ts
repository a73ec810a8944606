import { describe, expect, it } from 'vitest';

import { simulatedOf, USUAL_EFFORT } from '../../src/plan/scaling.ts';
import { hostCount } from '../../src/plan/scenario.ts';
import { fleet, MBIT, site } from './fleet.ts';

const GIB = 2 ** 30;

describe('What is simulated', () => {
  it('is a small fleet as it is', () => {
    const scenario = fleet();
    const simulated = simulatedOf(scenario);
    expect(simulated).toMatchObject({ byteFactor: 1, rateFactor: 1, timeFactor: 1, sampled: false });
    expect(simulated.length).toBe(scenario.payloadBytes);
    expect(simulated.sites.map(({ name }) => name)).toEqual(['north', 'south']);
  });

  it('has as many pieces as a large payload, but shorter ones, and rates and times that fit', () => {
    const sites = Array.from({ length: 100 }, (_, index) =>
      site(`s${index}`, { hosts: 10, downBytesPerSecond: 20 * MBIT }),
    );
    const simulated = simulatedOf(fleet({ payloadBytes: 10 * GIB, pieceLength: 8 * 2 ** 20, sites }));
    expect(simulated.pieceCount).toBe(1280);
    expect(simulated.sampled).toBe(false);
    expect(simulated.length * simulated.byteFactor).toBeCloseTo(10 * GIB, 0);
    expect(simulated.timeFactor).toBeCloseTo(simulated.byteFactor / simulated.rateFactor, 9);
    expect(simulated.timeFactor).toBeGreaterThan(1);
    const blocks = 1000 * simulated.pieceCount * (simulated.pieceLength / 16_384);
    expect(blocks).toBeLessThanOrEqual(USUAL_EFFORT.blocks);
  });

  it('is a sample of many sites, of every kind in proportion, with their part of the origin', () => {
    const sites = Array.from({ length: 1400 }, (_, index) =>
      site(`s${index}`, { hosts: 10, downBytesPerSecond: index % 4 === 0 ? 2 * MBIT : 20 * MBIT }),
    );
    const scenario = fleet({
      payloadBytes: GIB,
      sites,
      origin: { upBytesPerSecond: 1400 * MBIT, latencyMs: 5 },
    });
    const simulated = simulatedOf(scenario);
    expect(simulated.sampled).toBe(true);
    expect(hostCount(simulated) * simulated.pieceCount).toBeLessThanOrEqual(USUAL_EFFORT.receiptsMax);
    expect(simulated.originUpBytesPerSecond / MBIT).toBeCloseTo(simulated.sites.length, 6);
    const slow = simulated.sites.filter(({ downBytesPerSecond }) => downBytesPerSecond === 2 * MBIT).length;
    expect(slow / simulated.sites.length).toBeCloseTo(0.25, 1);
    const represented = simulated.sites.reduce((sum, { standsFor }) => sum + standsFor, 0);
    expect(represented).toBeCloseTo(1400, 6);
  });

  it('has at most fifty machines at a site', () => {
    const simulated = simulatedOf(fleet({ sites: [site('campus', { hosts: 5000 }), site('branch')] }));
    expect(simulated.sites.map(({ hosts }) => hosts)).toEqual([50, 3]);
    expect(simulated.sampled).toBe(true);
  });
});
