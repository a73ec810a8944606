import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { encodeInfo, encodeMetainfo } from '@brine/wire';

import { EngineError } from '../src/errors.ts';
import { parseOrder } from '../src/parse-order.ts';
import { resolveOptions } from '../src/resolved-options.ts';

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();

const infoBytes = encodeInfo({
  name: 'payload',
  folder: false,
  pieceLength: 16_384,
  pieceHashes: new Uint8Array(20),
  files: [{ path: ['payload'], length: 100, padding: false, executable: false, hidden: false }],
  private: false,
});
const metainfo = encodeMetainfo({ infoBytes, trackers: [['http://tracker.example/announce']] });

function complaint(order: () => unknown): EngineError {
  try {
    order();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('An order to add a torrent', () => {
  it('is named by its info-hash', () => {
    const { id, name, trackerTiers } = parseOrder({ metainfo, directory: '/' }, sha1);
    expect(id).toBe(Buffer.from(sha1(infoBytes)).toString('hex'));
    expect(name).toBe('payload');
    expect(trackerTiers).toEqual([['http://tracker.example/announce']]);
  });

  it('can be a magnet with peers of its own', () => {
    const magnet = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=name&x.pe=192.0.2.1:6881`;
    const { id, name, info, peers } = parseOrder({ magnet, directory: '/' }, sha1);
    expect([id, name, info]).toEqual(['ab'.repeat(20), 'name', undefined]);
    expect(peers).toEqual([{ ip: '192.0.2.1', port: 6881 }]);
  });

  it('is refused with what is wrong: neither or both kinds, damaged bytes, impossible numbers', () => {
    expect(complaint(() => parseOrder({ directory: '/' }, sha1)).code).toBe('option-invalid');
    expect(complaint(() => parseOrder({ directory: '/', metainfo, magnet: 'magnet:?' }, sha1)).code).toBe(
      'option-invalid',
    );
    expect(complaint(() => parseOrder({ directory: '/', metainfo: metainfo.subarray(3) }, sha1)).code).toBe(
      'torrent-invalid',
    );
    expect(complaint(() => parseOrder({ directory: '/', magnet: 'http://example' }, sha1)).code).toBe(
      'torrent-invalid',
    );
    const tooMany = complaint(() => parseOrder({ directory: '/', metainfo, filePriorities: [1, 1] }, sha1));
    expect(tooMany.message).toContain('2 file priorities for 1 files');
    const tooHigh = complaint(() => parseOrder({ directory: '/', metainfo, filePriorities: [8] }, sha1));
    expect(tooHigh.message).toContain('0 (not wanted) to 7 (first)');
    const negative = complaint(() =>
      parseOrder({ directory: '/', metainfo, limits: { downBytesPerSecond: -1 } }, sha1),
    );
    expect(negative.message).toContain('downBytesPerSecond is -1');
  });

  it('for a v2-only torrent says what to do instead', () => {
    const magnet = `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}`;
    expect(complaint(() => parseOrder({ magnet, directory: '/' }, sha1)).message).toContain('BEP 52');
  });
});

describe('The options of an engine', () => {
  it('have defaults', () => {
    expect(resolveOptions({})).toMatchObject({
      connectionsMax: 500,
      halfOpenMax: 50,
      chokePolicy: 'share',
      pex: true,
    });
  });

  it('name the one that is wrong', () => {
    expect(complaint(() => resolveOptions({ connectionsMax: 0 })).message).toContain('connectionsMax is 0');
    expect(complaint(() => resolveOptions({ limits: { upBytesPerSecond: NaN } })).message).toContain(
      'upBytesPerSecond',
    );
  });
});
