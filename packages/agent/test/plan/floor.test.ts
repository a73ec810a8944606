import { describe, expect, it } from 'vitest';

import { fleetFloor, siteFloorSeconds } from '../../src/plan/floor.ts';
import { fleet, MBIT, site } from './fleet.ts';

/** 1,448 of 1,514 bytes of a frame are the stream's, 16,384 of 16,397 of those the payload's: 9,566,491 payload bytes are ten million on the wire. */
const TEN_MILLION_ON_THE_WIRE = Math.round((10_000_000 * 1448 * 16_384) / (1514 * 16_397));

describe('The floor', () => {
  it('is what the slowest line needs for one payload', () => {
    const sites = [site('north'), site('south', { downBytesPerSecond: 4 * MBIT })];
    const floor = fleetFloor(fleet({ payloadBytes: TEN_MILLION_ON_THE_WIRE, sites }));
    expect(floor.reason).toBe('site line');
    expect(floor.site).toBe('south');
    expect(floor.seconds).toBeCloseTo(20, 4);
  });

  it('is what the origin needs to send it once, when its line is slower than those of the sites', () => {
    const floor = fleetFloor(
      fleet({ payloadBytes: TEN_MILLION_ON_THE_WIRE, origin: { upBytesPerSecond: MBIT, latencyMs: 5 } }),
    );
    expect(floor).toMatchObject({ reason: 'origin line' });
    expect(floor.seconds).toBeCloseTo(80, 4);
  });

  it('is what all lines together need, when sites can send much less than they receive', () => {
    const sites = Array.from({ length: 9 }, (_, index) => site(`s${index}`, { upBytesPerSecond: MBIT / 9 }));
    const floor = fleetFloor(
      fleet({
        payloadBytes: TEN_MILLION_ON_THE_WIRE,
        sites,
        origin: { upBytesPerSecond: 8 * MBIT, latencyMs: 5 },
      }),
    );
    // Nine payloads of ten megabytes out of lines that carry 1.125 MB/s together.
    expect(floor).toMatchObject({ reason: 'all lines together' });
    expect(floor.seconds).toBeCloseTo(80, 4);
  });

  it('counts a budget, a late start, and the hours in which a schedule says stop', () => {
    const payloadBytes = TEN_MILLION_ON_THE_WIRE;
    const seconds = (options: Parameters<typeof site>[1]): number =>
      siteFloorSeconds(fleet({ payloadBytes }), site('x', options));
    expect(seconds({ budget: 250_000 })).toBeCloseTo(40, 4);
    expect(seconds({ startMs: 60_000 })).toBeCloseTo(70, 4);
    // Four seconds until 00:00:04 would do; the stop lasts until 01:00.
    const budget = {
      timeZone: 'UTC',
      windows: [{ from: '00:00', to: '01:00', bytesPerSecond: 0 }],
      otherwise: 500_000,
    };
    expect(seconds({ budget })).toBeCloseTo(3620, 4);
    expect(seconds({ budget: { windows: [], otherwise: 0 } })).toBe(Infinity);
  });
});
