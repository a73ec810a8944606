import { BLOCK_LENGTH } from '@brine/piece-store';
import type { PieceBuffer } from '@brine/piece-store';

import type { Peer } from '../peers/peer.ts';

/** Marks a block that has arrived; smaller values count the peers that it has been asked from. */
const RECEIVED = 0xff;

/** A piece between its first request and its verification: which blocks are open, asked for, here, and from whom. */
export class PartialPiece {
  readonly piece: number;
  readonly buffer: PieceBuffer;
  readonly blockCount: number;
  /** Who sent each block, as keys of blame. */
  readonly contributors: string[];
  /** `collecting` blocks; `committing`: with the store; `dropped`: the buffer is not ours any more. */
  state: 'collecting' | 'committing' | 'dropped' = 'collecting';
  /** The peer that fetches this piece as a whole; others help when there is nothing else to ask for. */
  owner: Peer | undefined;
  /** Nobody helps: the owner is on parole and must answer for every block. */
  exclusive = false;
  /** The files it was to be written to were gone. */
  metLoss = false;
  /** Blocks that nobody has been asked for. */
  openCount: number;
  receivedCount = 0;
  readonly #length: number;
  readonly #blocks: Uint8Array;
  #openFrom = 0;

  /** When it was begun, or last got a block. Not when a block was last asked for: who refuses all and is asked again makes no progress. */
  progressMs: number;

  /** `length` of the piece in bytes. */
  constructor(buffer: PieceBuffer, length: number, nowMs: number) {
    this.#length = length;
    this.progressMs = nowMs;
    this.piece = buffer.piece;
    this.buffer = buffer;
    this.blockCount = Math.ceil(length / BLOCK_LENGTH);
    this.openCount = this.blockCount;
    this.#blocks = new Uint8Array(this.blockCount);
    this.contributors = Array.from<string>({ length: this.blockCount }).fill('');
  }

  get complete(): boolean {
    return this.receivedCount === this.blockCount;
  }

  /** Bytes of one block; only the last of a piece can be shorter than 16 KiB. */
  blockLength(block: number): number {
    return Math.min(BLOCK_LENGTH, this.#length - block * BLOCK_LENGTH);
  }

  /** The lowest open block, or -1. */
  nextOpen(): number {
    if (this.openCount === 0) return -1;
    const at = this.#blocks.indexOf(0, this.#openFrom);
    this.#openFrom = at === -1 ? this.blockCount : at;
    return at;
  }

  isReceived(block: number): boolean {
    return this.#blocks[block] === RECEIVED;
  }

  requesters(block: number): number {
    const mark = this.#blocks[block]!;
    return mark === RECEIVED ? 0 : mark;
  }

  requested(block: number): void {
    if (this.#blocks[block] === 0) this.openCount -= 1;
    this.#blocks[block]! += 1;
  }

  /** A request came to nothing: choked, rejected, timed out, peer gone. */
  released(block: number): void {
    const mark = this.#blocks[block]!;
    if (mark === RECEIVED || mark === 0) return;
    this.#blocks[block] = mark - 1;
    if (mark === 1) {
      this.openCount += 1;
      this.#openFrom = Math.min(this.#openFrom, block);
    }
  }

  received(block: number, contributor: string, nowMs: number): void {
    this.progressMs = nowMs;
    if (this.#blocks[block] === 0) this.openCount -= 1;
    this.#blocks[block] = RECEIVED;
    this.contributors[block] = contributor;
    this.receivedCount += 1;
  }
}
