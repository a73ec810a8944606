import { METADATA_PIECE_LENGTH } from '@brine/wire';
import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  METADATA_PEERS_MAX,
  METADATA_SIZE_MAX,
  MetadataDownload,
  type MetadataOutcome,
} from '../../src/discovery/metadata-download.ts';

const info = Uint8Array.from({ length: 3 * METADATA_PIECE_LENGTH + 100 }, (_, index) => (index * 7919) >> 3);
const size = info.length;

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

function download(sizeMax?: number): MetadataDownload {
  return new MetadataDownload({ infoHash: sha1(info), sha1, ...(sizeMax !== undefined && { sizeMax }) });
}

function pieceOf(bytes: Uint8Array, piece: number): Uint8Array {
  return bytes.slice(piece * METADATA_PIECE_LENGTH, (piece + 1) * METADATA_PIECE_LENGTH);
}

/** How a peer behaves towards one request. */
type Behaviour = (
  machine: MetadataDownload,
  key: string,
  piece: number,
  nowMs: number,
) => MetadataOutcome | void;

const honest: Behaviour = (machine, key, piece) => machine.received(key, piece, size, pieceOf(info, piece));
const rejecting: Behaviour = (machine, key, piece, nowMs) => machine.rejected(key, piece, nowMs);
const silent: Behaviour = () => undefined;

/** Answers everything with bytes of its own, of a copy that it claims to be `claimed` long. */
function lying(claimed: number): Behaviour {
  return (machine, key, piece) => {
    const length = Math.min(METADATA_PIECE_LENGTH, claimed - piece * METADATA_PIECE_LENGTH);
    return machine.received(key, piece, claimed, new Uint8Array(length).fill(piece + 1));
  };
}

/** Peers that answer in the order given, one second after the other, until the download is complete. */
function run(machine: MetadataDownload, peers: Readonly<Record<string, Behaviour>>, secondsMax: number) {
  const banned: string[] = [];
  for (let second = 0; second < secondsMax; second++) {
    for (const [key, behaviour] of Object.entries(peers)) {
      if (banned.includes(key)) continue;
      for (const piece of machine.nextRequests(key, second * 1000)) {
        const outcome = behaviour(machine, key, piece, second * 1000);
        if (outcome?.type === 'corrupt') banned.push(...outcome.banned);
        if (outcome?.type === 'complete') return { second, banned, infoBytes: outcome.infoBytes };
      }
    }
  }
  return undefined;
}

describe('metadata from honest peers', () => {
  test('is asked from one peer in pieces and handed over verified', () => {
    const machine = download();
    expect(machine.peerOffers('a', size)).toBe(true);
    expect(machine.nextRequests('a', 0)).toEqual([0, 1, 2, 3]);
    expect(machine.received('a', 3, size, pieceOf(info, 3))).toEqual({ type: 'stored' });
    expect(machine.received('a', 0, size, pieceOf(info, 0))).toEqual({ type: 'stored' });
    expect(machine.received('a', 1, size, pieceOf(info, 1))).toEqual({ type: 'stored' });
    expect(machine.received('a', 2, size, pieceOf(info, 2))).toEqual({ type: 'complete', infoBytes: info });
  });

  test('is asked from several at once, no piece twice', () => {
    const large = 7 * METADATA_PIECE_LENGTH;
    const machine = download();
    machine.peerOffers('a', large);
    machine.peerOffers('b', large);
    expect(machine.nextRequests('a', 0)).toEqual([0, 1, 2, 3]);
    expect(machine.nextRequests('b', 0)).toEqual([4, 5, 6]);
    expect(machine.nextRequests('b', 0)).toEqual([]);
  });

  test('is copied: the bytes handed in may change afterwards', () => {
    const machine = download();
    machine.peerOffers('a', size);
    const outcomes = machine.nextRequests('a', 0).map((piece) => {
      const bytes = pieceOf(info, piece);
      const outcome = machine.received('a', piece, size, bytes);
      bytes.fill(0);
      return outcome;
    });
    expect(outcomes.at(-1)).toEqual({ type: 'complete', infoBytes: info });
  });

  test('survives a peer that leaves: its pieces are asked from another', () => {
    const machine = download();
    machine.peerOffers('a', size);
    machine.peerOffers('b', size);
    machine.nextRequests('a', 0);
    machine.received('a', 0, size, pieceOf(info, 0));
    machine.peerGone('a');
    expect(machine.nextRequests('b', 0)).toEqual([1, 2, 3]);
  });
});

describe('a peer that does not deliver', () => {
  test('loses its requests to others after a time-out, and then gets one at a time after a pause', () => {
    const machine = download();
    machine.peerOffers('a', size);
    machine.peerOffers('b', size);
    machine.nextRequests('a', 0);
    expect(machine.nextRequests('b', 9_999)).toEqual([]);
    expect(machine.nextRequests('a', 10_000)).toEqual([]);
    expect(machine.nextRequests('b', 10_000)).toEqual([0, 1, 2, 3]);
    machine.peerGone('b');
    expect(machine.nextRequests('a', 14_999)).toEqual([]);
    expect(machine.nextRequests('a', 15_000)).toEqual([0]);
  });

  test('is left alone for longer with each rejection', () => {
    const machine = download();
    machine.peerOffers('a', METADATA_PIECE_LENGTH);
    const askedAt: number[] = [];
    for (let second = 0; second < 200; second++) {
      const pieces = machine.nextRequests('a', second * 1000);
      if (pieces.length > 0) askedAt.push(second);
      for (const piece of pieces) machine.rejected('a', piece, second * 1000);
    }
    expect(askedAt).toEqual([0, 5, 15, 35, 75, 155]);
  });

  test('does not keep an honest one from completing', () => {
    const machine = download();
    for (const key of ['silent', 'rejecting', 'honest']) machine.peerOffers(key, size);
    expect(run(machine, { silent, rejecting, honest }, 60)?.infoBytes).toEqual(info);
  });
});

describe('a peer that lies', () => {
  test('alone is banned for the copy that it delivered alone', () => {
    const machine = download();
    machine.peerOffers('liar', size);
    const outcomes = machine.nextRequests('liar', 0).map((piece) => lying(size)(machine, 'liar', piece, 0));
    expect(outcomes.at(-1)).toEqual({ type: 'corrupt', banned: ['liar'] });
    expect(machine.nextRequests('liar', 1000)).toEqual([]);
    expect(machine.peerOffers('liar', size)).toBe(false);
  });

  test('among honest ones is found by asking each alone, and nobody honest is banned', () => {
    const machine = download();
    for (const key of ['liar', 'one', 'two']) machine.peerOffers(key, size);
    const [bad = -1] = machine.nextRequests('liar', 0);
    machine.rejected('liar', 1, 0);
    machine.rejected('liar', 2, 0);
    machine.rejected('liar', 3, 0);
    lying(size)(machine, 'liar', bad, 0);
    const rest = machine.nextRequests('one', 0);
    const outcomes = rest.map((piece) => honest(machine, 'one', piece, 0));
    expect(outcomes.at(-1)).toEqual({ type: 'corrupt', banned: [] });
    const result = run(machine, { liar: lying(size), one: honest, two: honest }, 60);
    expect(result?.infoBytes).toEqual(info);
    expect(result?.banned).not.toContain('one');
  });

  test.each([size, size - 1, size + METADATA_PIECE_LENGTH, 5])(
    'in a crowd of liars that claim %i bytes and are always first: one honest peer is enough',
    (claimed) => {
      const machine = download();
      const liars = Array.from({ length: 30 }, (_, index) => `liar ${index}`);
      for (const key of [...liars, 'honest']) machine.peerOffers(key, key === 'honest' ? size : claimed);
      const crowd = Object.fromEntries(liars.map((key) => [key, lying(claimed)]));
      const result = run(machine, { ...crowd, honest }, 300);
      expect(result?.infoBytes).toEqual(info);
      expect(result?.banned).not.toContain('honest');
    },
  );

  test('with a different size for each of many, all silent, gives way in turn', () => {
    const machine = download();
    const liars = Array.from({ length: 40 }, (_, index) => `liar ${index}`);
    for (const [index, key] of liars.entries()) machine.peerOffers(key, size + 1 + index);
    machine.peerOffers('honest', size);
    const crowd = Object.fromEntries(liars.map((key) => [key, silent]));
    expect(run(machine, { ...crowd, honest }, 600)?.infoBytes).toEqual(info);
  });

  test('slowly, one piece before each time-out, gives way too', () => {
    const machine = download();
    const huge = 600 * METADATA_PIECE_LENGTH;
    const due = new Map<string, number>();
    const trickle: Behaviour = (_machine, key, piece) => void due.set(key, piece);
    const liars = Array.from({ length: 12 }, (_, index) => `liar ${index}`);
    for (const [index, key] of liars.entries()) machine.peerOffers(key, huge + index);
    machine.peerOffers('honest', size);
    const crowd = Object.fromEntries(liars.map((key) => [key, trickle]));
    let result: ReturnType<typeof run>;
    for (let round = 0; round < 60 && result === undefined; round++) {
      const offset = round * 8;
      const shifted = (key: string): number[] => machine.nextRequests(key, offset * 1000);
      for (const key of liars) for (const piece of shifted(key)) crowd[key]?.(machine, key, piece, 0);
      for (const [key, piece] of due) {
        machine.received(key, piece, huge + liars.indexOf(key), new Uint8Array(METADATA_PIECE_LENGTH));
      }
      due.clear();
      for (const piece of shifted('honest')) {
        const outcome = honest(machine, 'honest', piece, offset * 1000);
        if (outcome?.type === 'complete')
          result = { second: offset, banned: [], infoBytes: outcome.infoBytes };
      }
    }
    expect(result?.infoBytes).toEqual(info);
  });

  test('about the size of a piece or of the whole is a violation and is used no more', () => {
    const machine = download();
    for (const key of ['a', 'b']) machine.peerOffers(key, size);
    machine.nextRequests('a', 0);
    expect(machine.received('a', 0, size + 1, pieceOf(info, 0)).type).toBe('violation');
    expect(machine.nextRequests('a', 0)).toEqual([]);
    const [piece = -1] = machine.nextRequests('b', 0);
    expect(machine.received('b', piece, size, new Uint8Array(5)).type).toBe('violation');
  });
});

describe('bounds of a metadata download', () => {
  test.each([0, -1, 1.5, NaN, Infinity, METADATA_SIZE_MAX + 1])('%d bytes are not believed', (claimed) => {
    expect(download().peerOffers('a', claimed)).toBe(false);
  });

  test('a peer cannot claim a second size', () => {
    const machine = download();
    machine.peerOffers('a', size);
    expect(machine.peerOffers('a', size + 1)).toBe(false);
    expect(machine.peerOffers('a', size)).toBe(true);
  });

  test('only so many peers are considered, until some are gone', () => {
    const machine = download();
    for (let index = 0; index < METADATA_PEERS_MAX; index++) machine.peerOffers(`${index}`, size);
    expect(machine.peerOffers('late', size)).toBe(false);
    machine.peerGone('0');
    expect(machine.peerOffers('late', size)).toBe(true);
  });

  test('pieces that were not asked for are ignored, from strangers too', () => {
    const machine = download();
    machine.peerOffers('a', size);
    expect(machine.received('a', 0, size, pieceOf(info, 0))).toEqual({ type: 'ignored' });
    expect(machine.received('stranger', 0, size, pieceOf(info, 0))).toEqual({ type: 'ignored' });
  });
});
