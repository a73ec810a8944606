import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { copyFragment } from '../../src/torrent/copy-fragment.ts';

const LONGEST = 40 * 1024;

describe('a fragment of a block', () => {
  const source = Uint8Array.from({ length: LONGEST + 64 }, (_, at) => (at * 31 + (at >> 8)) & 0xff);

  it('is copied as `set` copies it, however source and target are aligned, and nothing beside it is touched', () => {
    const place = fc.record({
      from: fc.nat(31),
      base: fc.nat(31),
      offset: fc.nat(31),
      length: fc.oneof(fc.nat(40), fc.nat(LONGEST), fc.constant(16 * 1024), fc.constant(32 * 1024 + 1)),
      shared: fc.boolean(),
    });
    fc.assert(
      fc.property(place, ({ from, base, offset, length, shared }) => {
        const size = base + offset + length + 16;
        const memory = shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size);
        const expected = new Uint8Array(size).fill(0xaa);
        new Uint8Array(memory).fill(0xaa);
        const bytes = source.subarray(from, from + length);
        expected.set(bytes, base + offset);

        copyFragment(new Uint8Array(memory, base), bytes, offset);

        expect(Buffer.compare(Buffer.from(memory), expected)).toBe(0);
      }),
    );
  });

  it('that does not fit is refused', () => {
    expect(() => copyFragment(new Uint8Array(16), new Uint8Array(9), 8)).toThrow(RangeError);
  });
});
