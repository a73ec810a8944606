import type { BandwidthConsumer } from '../policy/bandwidth-queue.ts';
import type { FramedRun } from './framed-cache.ts';

/** A block that the peer wants and has not been sent. */
export interface UploadRequest {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** What goes out at the moment: bytes of a run, up to `end`; every frame that ends within is counted when its last byte left. */
export interface SendingSpan {
  /** Absent for a block that was read by itself because it does not fit the 16 KiB raster. */
  readonly run: FramedRun | undefined;
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  /** Bytes of blocks in it, without their headers. */
  readonly payload: number;
}

/** Requests kept for a peer; one that asks for more without waiting has its requests rejected. */
export const UPLOAD_QUEUE_MAX = 2_000;

/** A peer's requests in the order of arrival. A ring would save nothing: an array with a moving head is compacted as it empties. */
export class UploadQueue {
  sending: SendingSpan | undefined;
  /** Waiting for a read or for bandwidth: somebody else will go on. */
  waiting: 'no' | 'read' | 'bandwidth' = 'no';
  /** Its place in the queue for bandwidth, while it has one. */
  turn: BandwidthConsumer | undefined;
  /** The piece that is being sent, block by block as the peer asks for them; -1 before the first. */
  piece = -1;
  /** Bytes of blocks that the stream has not taken yet. */
  unflushedBytes = 0;
  #requests: UploadRequest[] = NONE;
  #head = 0;

  get length(): number {
    return this.#requests.length - this.#head;
  }

  /** The request at this distance from the head. */
  at(index: number): UploadRequest | undefined {
    return this.#requests[this.#head + index];
  }

  /** False when the queue is full. */
  push(request: UploadRequest): boolean {
    if (this.length >= UPLOAD_QUEUE_MAX) return false;
    if (this.#requests === NONE) this.#requests = [];
    this.#requests.push(request);
    return true;
  }

  shift(): void {
    this.#head += 1;
    if (this.#head === this.#requests.length) {
      this.#requests.length = 0;
      this.#head = 0;
    } else if (this.#head === 1024) {
      this.#requests.splice(0, 1024);
      this.#head = 0;
    }
  }

  /** The pieces that are asked for, each once for every run of its blocks. */
  *pieces(): Generator<number> {
    let last = -1;
    for (let at = this.#head; at < this.#requests.length; at += 1) {
      const { piece } = this.#requests[at]!;
      if (piece !== last) yield piece;
      last = piece;
    }
  }

  /** Requests for this piece come first from now on, in their order. */
  advance(piece: number): void {
    const waiting = this.#requests.slice(this.#head);
    const first = waiting.filter((request) => request.piece === piece);
    this.#requests = [...first, ...waiting.filter((request) => request.piece !== piece)];
    this.#head = 0;
  }

  /** True when such a request was waiting. */
  remove(piece: number, begin: number, length: number): boolean {
    for (let at = this.#head; at < this.#requests.length; at += 1) {
      const request = this.#requests[at]!;
      if (request.piece !== piece || request.begin !== begin || request.length !== length) continue;
      this.#requests.splice(at, 1);
      return true;
    }
    return false;
  }

  /** Empties the queue but for the pieces that `keep` names; returns what was dropped. */
  drop(keep: ReadonlySet<number> | undefined): UploadRequest[] {
    const all = this.#requests.slice(this.#head);
    const kept = keep === undefined ? [] : all.filter((request) => keep.has(request.piece));
    this.#requests = kept;
    this.#head = 0;
    return keep === undefined ? all : all.filter((request) => !keep.has(request.piece));
  }
}

/** Shared by all idle peers; never written. */
const NONE: UploadRequest[] = [];
