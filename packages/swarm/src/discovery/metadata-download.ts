import { equalBytes } from '@brine/wire';
import type { Digest } from '@brine/wire';

import { MetadataAttempt } from './metadata-attempt.ts';

/*
 * Fetching an info dictionary of which only the SHA-1 is known, BEP 9, from peers that may lie about its size and about every
 * byte. Only the whole can be checked, so a lie is found at the end, and if several peers contributed nobody knows whose it was.
 * Therefore: peers that claim the same size first work on one shared copy, which is fast. If that copy proves wrong, sharing is
 * over for this size: each of its peers gets a turn to deliver a copy alone, and whoever delivers a wrong one alone is
 * proven to lie. Copies of different sizes are fetched side by side, at most `METADATA_ATTEMPTS_MAX` at a time; one that does not get
 * done gives way to the next in line, and gets more time at its next turn. So an honest peer's turn always comes, and is
 * always enough in the end.
 */

/** The largest info dictionary that is fetched. 32 MiB describe 1.6 million pieces, or some 300,000 files. */
export const METADATA_SIZE_MAX: number = 32 * 1024 * 1024;
/** Copies assembled at a time; with `METADATA_SIZE_MAX` the bound of memory. */
const METADATA_ATTEMPTS_MAX = 3;
/** Peers that are considered at a time. */
export const METADATA_PEERS_MAX = 500;

/** What became of a piece. `banned` are peers proven to have lied. */
export type MetadataOutcome =
  /** Kept; more are to come. */
  | { readonly type: 'stored' }
  /** Not asked for, or no longer needed. */
  | { readonly type: 'ignored' }
  /** The peer contradicts itself or the protocol; it is used no more. */
  | { readonly type: 'violation'; readonly message: string }
  /** A whole copy had the wrong hash. */
  | { readonly type: 'corrupt'; readonly banned: readonly string[] }
  /** The info dictionary, its hash verified; the receiver's to keep. */
  | { readonly type: 'complete'; readonly infoBytes: Uint8Array };

export interface MetadataDownloadOptions {
  /** SHA-1 of the info dictionary: 20 bytes. */
  readonly infoHash: Uint8Array;
  readonly sha1: Digest;
  /** Default `METADATA_SIZE_MAX`. */
  readonly sizeMax?: number;
}

/** Requests outstanding at one peer; a peer that just failed gets one at a time. */
const depthMax = 4;
/** Time for an answer; doubles with each failure in a row, so that a very slow link gets there too. */
const requestTimeoutMs = 10_000;
const timeoutDoublingsMax = 4;
/** First pause after a rejection or time-out; doubles each time in a row up to the maximum. */
const pauseMs = 5_000;
const pauseMaxMs = 300_000;
/** First turn; doubles with each turn that did not get done. */
const turnMs = 20_000;
const turnDoublingsMax = 10;

/** The state machine of one info dictionary's download. Pure: it is told what happened and when, and says what to ask. */
export class MetadataDownload {
  readonly #infoHash: Uint8Array;
  readonly #sha1: Digest;
  readonly #sizeMax: number;
  readonly #peers = new Map<string, MetadataPeer>();
  /** Sizes of which a shared copy was wrong, to the number of turns taken; forgotten with the last peer that claims the size. */
  readonly #sizes = new Map<number, SizeRecord>();
  #attempts: MetadataAttempt[] = [];

  constructor(options: MetadataDownloadOptions) {
    this.#infoHash = options.infoHash;
    this.#sha1 = options.sha1;
    this.#sizeMax = options.sizeMax ?? METADATA_SIZE_MAX;
  }

  /** A peer that speaks ut_metadata claims this size (`metadata_size`). False when it is of no use: no believable size, or too many peers. */
  peerOffers(peerKey: string, size: number): boolean {
    if (!Number.isInteger(size) || size <= 0 || size > this.#sizeMax) return false;
    const known = this.#peers.get(peerKey);
    if (known !== undefined) return known.size === size && !known.excluded;
    if (this.#peers.size >= METADATA_PEERS_MAX) return false;
    this.#peers.set(peerKey, {
      key: peerKey,
      size,
      asked: new Map(),
      failures: 0,
      notBeforeMs: -Infinity,
      turns: 0,
      excluded: false,
    });
    if (!this.#sizes.has(size)) this.#sizes.set(size, { turns: 0, shared: true });
    return true;
  }

  /** Pieces to request from this peer now; counted as requested. To be asked after every outcome and about once a second. */
  nextRequests(peerKey: string, nowMs: number): number[] {
    this.#expireRequests(nowMs);
    this.#takeTurns(nowMs);
    const peer = this.#peers.get(peerKey);
    if (peer === undefined || peer.excluded || nowMs < peer.notBeforeMs) return [];
    const attempt = this.#attemptOf(peer);
    if (attempt === undefined) return [];
    const depth = peer.failures === 0 ? depthMax : 1;
    const pieces = attempt.missing(this.#askedOf(attempt), depth - peer.asked.size);
    const deadlineMs = nowMs + requestTimeoutMs * 2 ** Math.min(peer.failures, timeoutDoublingsMax);
    for (const piece of pieces) peer.asked.set(piece, deadlineMs);
    return pieces;
  }

  /** A piece arrived; `bytes` are copied. */
  received(peerKey: string, piece: number, totalSize: number, bytes: Uint8Array): MetadataOutcome {
    const peer = this.#peers.get(peerKey);
    if (peer === undefined || peer.excluded || !peer.asked.delete(piece)) return { type: 'ignored' };
    if (totalSize !== peer.size) {
      return this.#exclude(peer, `metadata of ${totalSize} bytes where ${peer.size} were claimed`);
    }
    const attempt = this.#attemptOf(peer);
    if (attempt === undefined) return { type: 'ignored' };
    const expected = attempt.lengthOf(piece);
    if (bytes.length !== expected) {
      return this.#exclude(peer, `metadata piece ${piece} has ${bytes.length} bytes instead of ${expected}`);
    }
    peer.failures = 0;
    if (!attempt.store(piece, peerKey, bytes)) return { type: 'ignored' };
    return attempt.whole ? this.#check(attempt) : { type: 'stored' };
  }

  /** The peer will not send this piece: it is left alone for a while, longer each time. */
  rejected(peerKey: string, piece: number, nowMs: number): void {
    const peer = this.#peers.get(peerKey);
    if (peer?.asked.delete(piece) === true) this.#pause(peer, nowMs);
  }

  peerGone(peerKey: string): void {
    const peer = this.#peers.get(peerKey);
    if (peer === undefined) return;
    this.#peers.delete(peerKey);
    this.#attempts = this.#attempts.filter((attempt) => attempt.owner !== peerKey);
    if (this.#claimants(peer.size).length > 0) return;
    this.#sizes.delete(peer.size);
    this.#attempts = this.#attempts.filter((attempt) => attempt.size !== peer.size);
  }

  #check(attempt: MetadataAttempt): MetadataOutcome {
    const infoBytes = attempt.assemble();
    if (equalBytes(this.#sha1(infoBytes), this.#infoHash)) return { type: 'complete', infoBytes };
    this.#end(attempt);
    const record = this.#sizes.get(attempt.size);
    if (record !== undefined && attempt.contributors.size > 1) record.shared = false;
    const banned = attempt.contributors.size === 1 ? [...attempt.contributors] : [];
    for (const key of banned) {
      const peer = this.#peers.get(key);
      if (peer !== undefined) peer.excluded = true;
    }
    return { type: 'corrupt', banned };
  }

  #exclude(peer: MetadataPeer, message: string): MetadataOutcome {
    peer.excluded = true;
    peer.asked.clear();
    this.#attempts = this.#attempts.filter((attempt) => attempt.owner !== peer.key);
    return { type: 'violation', message };
  }

  #pause(peer: MetadataPeer, nowMs: number): void {
    peer.notBeforeMs = nowMs + Math.min(pauseMs * 2 ** peer.failures, pauseMaxMs);
    peer.failures += 1;
  }

  #expireRequests(nowMs: number): void {
    for (const peer of this.#peers.values()) {
      const overdue = [...peer.asked].filter(([, deadlineMs]) => deadlineMs <= nowMs);
      for (const [piece] of overdue) peer.asked.delete(piece);
      if (overdue.length > 0) this.#pause(peer, nowMs);
    }
  }

  /** Ends turns that others wait for, and starts new ones while there is room. */
  #takeTurns(nowMs: number): void {
    const free = METADATA_ATTEMPTS_MAX - this.#attempts.length;
    const overdue = this.#attempts.filter(
      (attempt) => attempt.endsMs <= nowMs || !this.#alive(attempt, nowMs),
    );
    if (free === 0 && overdue.length === 0) return;
    const waiting = this.#waiting(nowMs);
    for (const attempt of overdue.slice(0, Math.max(0, waiting.length - free))) this.#end(attempt);
    const room = METADATA_ATTEMPTS_MAX - this.#attempts.length;
    for (const { size, owner, record } of waiting.slice(0, room)) {
      const lengthMs = turnMs * 2 ** Math.min(record.turns, turnDoublingsMax);
      record.turns += 1;
      this.#attempts.push(new MetadataAttempt({ size, owner, endsMs: nowMs + lengthMs }));
    }
  }

  /** Copies that could be started, fewest turns first, then those that most peers claim. */
  #waiting(nowMs: number): WaitingTurn[] {
    const waiting: WaitingTurn[] = [];
    for (const [size, able] of this.#ableBySize(nowMs)) {
      const record = this.#sizes.get(size);
      const claims = able.length;
      if (record?.shared === true) waiting.push({ size, owner: undefined, record, claims });
      else for (const peer of able) waiting.push({ size, owner: peer.key, record: peer, claims });
    }
    return waiting
      .filter(({ size, owner }) => !this.#attempts.some((running) => running.isFor(size, owner)))
      .sort((a, b) => a.record.turns - b.record.turns || b.claims - a.claims);
  }

  #ableBySize(nowMs: number): ReadonlyMap<number, MetadataPeer[]> {
    const bySize = new Map<number, MetadataPeer[]>();
    for (const peer of this.#peers.values()) {
      if (peer.excluded || nowMs < peer.notBeforeMs) continue;
      const able = bySize.get(peer.size);
      if (able === undefined) bySize.set(peer.size, [peer]);
      else able.push(peer);
    }
    return bySize;
  }

  /** Whether anybody can bring the copy forward at present. */
  #alive(attempt: MetadataAttempt, nowMs: number): boolean {
    return this.#participants(attempt).some((peer) => peer.asked.size > 0 || nowMs >= peer.notBeforeMs);
  }

  #end(attempt: MetadataAttempt): void {
    // Answers that are still under way belong to this copy: they must not reach another.
    for (const peer of this.#participants(attempt)) peer.asked.clear();
    this.#attempts = this.#attempts.filter((other) => other !== attempt);
  }

  #attemptOf(peer: MetadataPeer): MetadataAttempt | undefined {
    return this.#attempts.find((attempt) => attempt.admits(peer.size, peer.key));
  }

  #participants(attempt: MetadataAttempt): MetadataPeer[] {
    return this.#claimants(attempt.size).filter(({ key }) => attempt.admits(attempt.size, key));
  }

  #claimants(size: number): MetadataPeer[] {
    return [...this.#peers.values()].filter((peer) => peer.size === size && !peer.excluded);
  }

  #askedOf(attempt: MetadataAttempt): ReadonlySet<number> {
    const asked = new Set<number>();
    for (const peer of this.#participants(attempt)) for (const piece of peer.asked.keys()) asked.add(piece);
    return asked;
  }
}

interface MetadataPeer extends TurnRecord {
  readonly key: string;
  /** What it claims; a peer that claims another size later is not believed. */
  readonly size: number;
  /** Piece to the deadline of its request. */
  readonly asked: Map<number, number>;
  /** Rejections and time-outs in a row. */
  failures: number;
  notBeforeMs: number;
  /** It lied: used no more, but remembered until it is gone. */
  excluded: boolean;
}

interface TurnRecord {
  turns: number;
}

interface SizeRecord extends TurnRecord {
  /** No shared copy of this size was wrong so far. */
  shared: boolean;
}

interface WaitingTurn {
  readonly size: number;
  readonly owner: string | undefined;
  readonly record: TurnRecord;
  readonly claims: number;
}
