import { describe, expect, it } from 'vitest';

import type { InterfaceAddress } from '../src/ports/interfaces.ts';
import { Neighbourhood } from '../src/sites/neighbourhood.ts';
import { commonNames, isSiteLabel } from '../src/sites/site-label.ts';
import { SiteMap } from '../src/sites/site-map.ts';
import { Subnet } from '../src/sites/subnet.ts';

const lan = (ip: string, prefixLength: number, tunnel = false): InterfaceAddress => ({
  name: 'eth0',
  ip,
  prefixLength,
  tunnel,
});
const on = (...addresses: InterfaceAddress[]) => ({ list: () => addresses });

describe('A subnet', () => {
  it.each([
    ['10.1.0.0/16', [10, 1, 255, 3], true],
    ['10.1.0.0/16', [10, 2, 0, 3], false],
    ['10.1.2.128/25', [10, 1, 2, 127], false],
    ['10.1.2.128/25', [10, 1, 2, 128], true],
    ['0.0.0.0/0', [8, 8, 8, 8], true],
    ['192.0.2.7', [192, 0, 2, 7], true],
    ['192.0.2.7', [192, 0, 2, 6], false],
    ['::ffff:10.1.0.0/112', [10, 1, 9, 9], true],
    ['2001:db8::/32', [10, 1, 9, 9], false],
  ])('%s and %j: %s', (text, bytes, inside) => {
    expect(Subnet.parse(text).contains(Uint8Array.from(bytes))).toBe(inside);
  });

  it.each(['', '10.1', '10.1.0.0/33', '10.1.0.0/-1', '10.1.0.0/1/2', 'fe80::/x', 'hq', '2001:db8::/129'])(
    'refuses %j and says how it is written',
    (text) => {
      expect(() => Subnet.parse(text)).toThrow(RangeError);
    },
  );
});

describe('A site label', () => {
  it.each(['hq', 'de/muc/hq', 'München/Süd-1', '12', 'a.b_c-d'])('%j is one', (text) => {
    expect(isSiteLabel(text)).toBe(true);
  });

  it.each([
    '',
    '/',
    'de/',
    '/de',
    'de//muc',
    'a b',
    '-x',
    'x\n',
    '\u001b[2J',
    'x'.repeat(129),
    'a/b/c/d/e/f/g/h/i',
  ])('%j is none', (text) => {
    expect(isSiteLabel(text)).toBe(false);
  });

  it('is nearer the more names it shares from the start', () => {
    expect(commonNames('de/muc/hq', 'de/muc/lab')).toBe(2);
    expect(commonNames('de/muc', 'de/muc/lab')).toBe(2);
    expect(commonNames('de/muc', 'fr/muc')).toBe(0);
  });
});

describe('A site map', () => {
  it('lets the narrowest range decide', () => {
    const map = new SiteMap({ wide: ['10.0.0.0/8'], narrow: ['10.1.2.0/24'], middle: ['10.1.0.0/16'] });
    expect(map.labelOf('10.1.2.3')).toBe('narrow');
    expect(map.labelOf('10.1.3.3')).toBe('middle');
    expect(map.labelOf('10.9.9.9')).toBe('wide');
    expect(map.labelOf('11.0.0.1')).toBeUndefined();
  });

  it('names what is wrong', () => {
    expect(() => new SiteMap({ 'de//x': ['10.0.0.0/8'] })).toThrow('de//x');
    expect(() => new SiteMap({ hq: ['10.0.0/8'] })).toThrow('10.0.0/8');
  });
});

describe('A neighbourhood', () => {
  it('without configuration is the network of an interface, tunnels and whole companies left out', () => {
    const here = new Neighbourhood(
      {},
      on(lan('10.1.2.3', 24), lan('10.8.0.2', 24, true), lan('172.16.0.1', 12), lan('127.0.0.1', 8)),
    );
    expect(here.placeOf('10.1.2.99', 0).class).toBe('site');
    expect(here.placeOf('10.1.3.99', 0).class).toBe('wan');
    expect(here.placeOf('10.8.0.9', 0).class).toBe('wan');
    expect(here.placeOf('172.20.0.1', 0).class).toBe('wan');
    expect(here.placeOf('127.3.2.1', 0).class).toBe('site');
  });

  it('with a map believes the map, and finds itself on it', () => {
    const map = { 'de/muc': ['10.1.0.0/16'], 'de/ham': ['10.2.0.0/16'], fr: ['10.3.0.0/16'] };
    const here = new Neighbourhood({ map }, on(lan('10.1.2.3', 24)));
    expect(here.label(0)).toBe('de/muc');
    expect(here.placeOf('10.1.77.1', 0)).toEqual({ class: 'site', label: 'de/muc', nearness: 2 });
    expect(here.placeOf('10.2.0.1', 0)).toEqual({ class: 'near', label: 'de/ham', nearness: 1 });
    expect(here.placeOf('10.3.0.1', 0)).toEqual({ class: 'wan', label: 'fr', nearness: 0 });
  });

  it('lets a map cut a network in two, and nobody talk itself in', () => {
    const map = { a: ['10.1.2.0/25'], b: ['10.1.2.128/25'] };
    const here = new Neighbourhood({ map }, on(lan('10.1.2.3', 24)));
    expect(here.placeOf('10.1.2.200', 0, 'a').class).toBe('wan');
    expect(here.placeOf('198.51.100.1', 0, 'a').class).toBe('wan');
  });

  it('believes a peer on its network that says it is elsewhere', () => {
    const here = new Neighbourhood({ label: 'de/muc' }, on(lan('10.1.2.3', 24)));
    expect(here.placeOf('10.1.2.4', 0).class).toBe('site');
    expect(here.placeOf('10.1.2.4', 0, 'de/muc').class).toBe('site');
    expect(here.placeOf('10.1.2.4', 0, 'de/ham').class).toBe('near');
    expect(here.placeOf('10.1.2.4', 0, 'fr').class).toBe('wan');
  });

  it('knows a claimed label only as a hint whom to ask first', () => {
    const here = new Neighbourhood({ label: 'de/muc' }, on(lan('10.1.2.3', 24)));
    expect(here.placeOf('198.51.100.1', 0, 'de/ham')).toEqual({ class: 'wan', label: 'de/ham', nearness: 1 });
  });

  it('notices that an interface came', () => {
    const addresses = [lan('10.1.2.3', 24)];
    const here = new Neighbourhood({}, on(...addresses));
    expect(here.placeOf('10.5.0.1', 0).class).toBe('wan');
    const moving = new Neighbourhood({}, { list: () => addresses });
    expect(moving.placeOf('10.5.0.1', 0).class).toBe('wan');
    addresses.push(lan('10.5.0.9', 24));
    expect(moving.placeOf('10.5.0.1', 9_000).class).toBe('wan');
    expect(moving.placeOf('10.5.0.1', 11_000).class).toBe('site');
  });
});
