import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerAddress } from '../src/address.ts';
import { peerPriority } from '../src/peer-priority.ts';

const at = (ip: string, port = 1): PeerAddress => ({ ip, port });
const priority = (a: string, b: string): string => peerPriority(at(a), at(b)).toString(16);

describe('peerPriority', () => {
  it('agrees with the examples of BEP 40', () => {
    expect(priority('123.213.32.10', '98.76.54.32')).toBe('ec2d7224');
    expect(priority('123.213.32.10', '123.213.32.234')).toBe('99568189');
  });

  it('masks the third byte only as 55 outside a common /16, and in full inside', () => {
    expect(priority('1.2.0.4', '9.9.9.9')).toBe(priority('1.2.170.4', '9.9.9.9'));
    expect(priority('1.2.0.4', '1.2.9.9')).not.toBe(priority('1.2.170.4', '1.2.9.9'));
  });

  it('masks IPv6 addresses after six bytes, and later the more they have in common', () => {
    const far = '2001:db9::1';
    expect(priority('2001:db8:0:aa00::1', far)).toBe(priority('2001:db8::1', far));
    expect(priority('2001:db8:0:aa00::1', '2001:db8:0:100::1')).not.toBe(
      priority('2001:db8::1', '2001:db8:0:100::1'),
    );
    expect(priority('2001:db8:0:aa::1', '2001:db8:0:100::1')).toBe(
      priority('2001:db8::1', '2001:db8:0:100::1'),
    );
    expect(priority('2001:db8:0:aa::1', '2001:db8:0:1::1')).not.toBe(
      priority('2001:db8::1', '2001:db8:0:1::1'),
    );
  });

  it('uses the ports, in order, when the addresses are the same', () => {
    const [a, b, c] = [at('1.1.1.1', 300), at('::ffff:1.1.1.1', 4), at('1.1.1.1', 5)];
    expect(peerPriority(a, b)).toBe(peerPriority(b, a));
    expect(peerPriority(a, b)).not.toBe(peerPriority(a, c));
  });

  it('is the same from both ends, whatever the addresses', () => {
    const address = fc.record({
      ip: fc.oneof(fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 0, max: 65_535 }),
    });
    fc.assert(
      fc.property(address, address, (a, b) => {
        const value = peerPriority(a, b);
        expect(value).toBe(peerPriority(b, a));
        expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true);
      }),
    );
  });
});
