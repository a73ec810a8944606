import { describe, expect, it } from 'vitest';

import { BrineNetworks } from '../src/sites/brine-networks.ts';

describe('Networks with Brines', () => {
  it('are the addresses around one, or what the map calls a site', () => {
    const networks = new BrineNetworks();
    expect(networks.has('10.1.2.3', undefined, 0)).toBe(false);
    expect(networks.met('10.1.2.3', undefined, 0)).toBe(true);
    expect(networks.met('10.1.2.4', undefined, 0)).toBe(false);
    expect(networks.has('10.1.2.200', undefined, 0)).toBe(true);
    expect(networks.has('10.1.3.3', undefined, 0)).toBe(false);
    expect(networks.has('10.1.2.3', 'hq', 0)).toBe(false);
    networks.met('2001:db8:0:1::5', undefined, 0);
    expect(networks.has('2001:db8:0:1:9::1', undefined, 0)).toBe(true);
    expect(networks.has('2001:db8:0:2::5', undefined, 0)).toBe(false);
  });

  it('are forgotten in time, and bounded', () => {
    const networks = new BrineNetworks();
    networks.met('10.1.2.3', undefined, 0);
    expect(networks.has('10.1.2.3', undefined, 599_000)).toBe(true);
    expect(networks.has('10.1.2.3', undefined, 601_000)).toBe(false);
    networks.met('10.1.2.3', undefined, 601_000);
    for (let at = 0; at < 2_000; at += 1)
      networks.met(`10.${2 + (at >> 8)}.${at & 255}.1`, undefined, 602_000);
    expect(networks.has('10.1.2.3', undefined, 602_000)).toBe(false);
  });
});
