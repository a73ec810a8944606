import { describe, expect, it } from 'vitest';

import { parseChurn, parseInstant } from '../../src/plan/notation.ts';
import { fleetFlagsIn, scenarioOfOptions } from '../../src/plan/plan-options.ts';
import { MBIT } from './fleet.ts';

describe('The options of plan', () => {
  it('describe a fleet of equal sites', () => {
    const scenario = scenarioOfOptions({
      sites: 100,
      hosts: 4,
      link: 50 * MBIT,
      linkUp: 10 * MBIT,
      size: 2 ** 30,
    });
    expect(scenario.sites).toHaveLength(100);
    expect(scenario.sites[4]).toMatchObject({
      name: 'site-005',
      hosts: 4,
      downBytesPerSecond: 50 * MBIT,
      upBytesPerSecond: 10 * MBIT,
    });
    expect(scenario.pieceLength).toBe(2 ** 20);
    expect(scenario.seeds).toEqual([1, 2, 3]);
  });

  it('are refused by name when nobody would ever be done, or when they are beyond measure', () => {
    expect(() => scenarioOfOptions({ link: 0 })).toThrow(/^--link: .*more than 0/);
    expect(() => scenarioOfOptions({ budget: 0 })).toThrow(/^--budget: /);
    expect(() => scenarioOfOptions({ sites: 100_001 })).toThrow(/^--sites: at most 100000/);
    expect(() => scenarioOfOptions({ seeds: 1001 })).toThrow(/^--seeds: at most 1000/);
    expect(() => scenarioOfOptions({ pieceSize: 3 * 2 ** 20 })).toThrow(
      /^--piece-size: 3 MiB is not a power of two/,
    );
  });

  it('that describe a fleet are known by name', () => {
    expect(fleetFlagsIn({ link: 1, linkUp: 2, startSpread: 0 })).toEqual([
      '--link',
      '--link-up',
      '--start-spread',
    ]);
    expect(fleetFlagsIn({})).toEqual([]);
  });
});

describe('Times and churn', () => {
  it('are read as they are written', () => {
    expect(parseInstant('2026-01-05')).toBe(Date.UTC(2026, 0, 5));
    expect(parseInstant('2026-01-05T20:30')).toBe(Date.UTC(2026, 0, 5, 20, 30));
    expect(parseInstant('2026-01-05T20:30+01:00')).toBe(Date.UTC(2026, 0, 5, 19, 30));
    expect(parseChurn('2h/5m')).toEqual({ everyMs: 7_200_000, forMs: 300_000 });
  });

  it('are refused with an example when they are not', () => {
    expect(() => parseInstant('tomorrow')).toThrow(/2026-01-05T20:00/);
    expect(() => parseChurn('2h')).toThrow(/2h\/5m/);
    expect(() => parseChurn('0/5m')).toThrow(/more than 0/);
  });
});
