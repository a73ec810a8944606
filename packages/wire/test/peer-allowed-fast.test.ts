import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { allowedFastSet } from '../src/peer/allowed-fast.ts';

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
const INFO_HASH = new Uint8Array(20).fill(0xaa);

describe('the allowed fast set', () => {
  it('is the one that BEP 6 publishes', () => {
    const seven = [1059, 431, 808, 1217, 287, 376, 1188];
    expect(allowedFastSet('80.4.4.200', INFO_HASH, 1313, sha1, 7)).toEqual(seven);
    expect(allowedFastSet('80.4.4.200', INFO_HASH, 1313, sha1, 9)).toEqual([...seven, 353, 508]);
  });

  it('is the same for neighbours in a network', () => {
    expect(allowedFastSet('80.4.4.1', INFO_HASH, 1313, sha1)).toEqual(
      allowedFastSet('80.4.4.200', INFO_HASH, 1313, sha1),
    );
    expect(allowedFastSet('2001:db8::1', INFO_HASH, 1313, sha1)).toEqual(
      allowedFastSet('2001:db8::2', INFO_HASH, 1313, sha1),
    );
  });

  it('is every piece of a small torrent, and none of an empty one', () => {
    expect(allowedFastSet('1.2.3.4', INFO_HASH, 3, sha1).sort((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(allowedFastSet('1.2.3.4', INFO_HASH, 0, sha1)).toEqual([]);
  });
});
