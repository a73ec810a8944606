import { describe, expect, it } from 'vitest';

import { CommandError } from '../../src/command-error.ts';
import { parsePlanFile } from '../../src/plan/plan-file.ts';
import { MBIT } from './fleet.ts';

const WHOLE = `
payload: { size: 10GiB, piece-size: 4MiB }
origin: { up: 200mbit, latency: 2ms }
defaults: { hosts: 8, link: 20mbit, lan: 100mbit, latency: 20ms }
sites:
  - name: de/muc
    hosts: 40
    link: { down: 100mbit, up: 20mbit }
  - name: de/shop
    count: 3
    link: 6mbit
    budget: mon-fri 08:00-18:00 1mbit; 4mbit; zone UTC
    start: 2h
start-spread: 5m
start-at: 2026-01-05T20:00+01:00
churn: 2h/5m
seeds: 2
`;

describe('A plan file', () => {
  it('describes kinds of sites, and what is not said comes from the defaults', () => {
    const scenario = parsePlanFile('fleet.yaml', WHOLE);
    expect(scenario).toMatchObject({
      payloadBytes: 10 * 2 ** 30,
      pieceLength: 4 * 2 ** 20,
      origin: { upBytesPerSecond: 200 * MBIT, latencyMs: 2 },
      startSpreadMs: 300_000,
      startEpochMs: Date.UTC(2026, 0, 5, 19),
      churn: { everyMs: 7_200_000, forMs: 300_000 },
      seeds: [1, 2],
    });
    expect(scenario.sites.map(({ name, hosts }) => `${name} ${hosts}`)).toEqual([
      'de/muc 40',
      'de/shop-1 8',
      'de/shop-2 8',
      'de/shop-3 8',
    ]);
    expect(scenario.sites[0]).toMatchObject({
      downBytesPerSecond: 100 * MBIT,
      upBytesPerSecond: 20 * MBIT,
      lanBytesPerSecond: 100 * MBIT,
      latencyMs: 20,
      budget: undefined,
      startMs: 0,
    });
    expect(scenario.sites[3]).toMatchObject({
      downBytesPerSecond: 6 * MBIT,
      upBytesPerSecond: 6 * MBIT,
      startMs: 7_200_000,
      budget: { otherwise: 4 * MBIT, timeZone: 'UTC' },
    });
  });

  it('needs no more than a payload and a site', () => {
    const scenario = parsePlanFile('f.yaml', 'payload: {size: 1GiB}\nsites: [{}]', [7]);
    expect(scenario.sites).toHaveLength(1);
    expect(scenario.sites[0]).toMatchObject({ name: 'site-1', hosts: 10, downBytesPerSecond: 20 * MBIT });
    expect(scenario.seeds).toEqual([7]);
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    [
      'a key that does not exist',
      'payload: {size: 1GiB}\nsites: [{hots: 3}]',
      /^f\.yaml: sites\[1\]\.hots: .*known here are .*hosts/,
    ],
    [
      'a rate that is none',
      'payload: {size: 1GiB}\nsites: [{link: 20mbits}]',
      /^f\.yaml: sites\[1\]\.link: "20mbits" .*10mbit/,
    ],
    ['a size that is none', 'payload: {size: 1 gig}\nsites: [{}]', /^f\.yaml: payload\.size: .*4MiB/],
    ['no sites', 'payload: {size: 1GiB}\nsites: []', /^f\.yaml: sites: .*at least one site/],
    [
      'two sites of one name',
      'payload: {size: 1GiB}\nsites: [{name: a}, {name: a}]',
      /^f\.yaml: sites\[2\]\.name: two sites are called a/,
    ],
    [
      'a count that is no number',
      'payload: {size: 1GiB}\nsites: [{hosts: many}]',
      /^f\.yaml: sites\[1\]\.hosts: a whole number/,
    ],
    [
      'a line that carries nothing',
      'payload: {size: 1GiB}\nsites: [{link: 0}]',
      /^f\.yaml: sites\[1\]\.link: .*more than 0/,
    ],
    [
      'a schedule without an end',
      'payload: {size: 1GiB}\nsites: [{budget: mon 08:00-09:00 1mbit}]',
      /^f\.yaml: sites\[1\]\.budget: .*windows/,
    ],
    [
      'a piece size that no client takes',
      'payload: {size: 1GiB, piece-size: 3MiB}\nsites: [{}]',
      /^f\.yaml: payload\.piece-size: .*power of two/,
    ],
    ['what is no YAML', 'payload: {size: 1GiB', /^f\.yaml: this is no YAML: /],
    ['nothing', '', /^f\.yaml: a mapping with payload/],
  ];
  it.each(wrong)('is refused for %s, with the key and the way out', (_, text, message) => {
    let error: unknown;
    try {
      parsePlanFile('f.yaml', text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toMatch(message);
    expect((error as CommandError).exitCode).toBe(3);
  });
});
