import { BLOCK_LENGTH } from '../piece-store.ts';
import type { PieceBuffer } from '../piece-store.ts';
import type { PoolSlot } from './disk-pool.ts';

/** Slots that are always to be had, however small the pool: a piece in the making for each of a few peers. */
const SLOTS_MIN = 8;
/** … but pieces above this are huge: half as many. */
const HUGE_PIECE = 4 * 1024 * 1024;

/**
 * A place for a piece. What is lent at first is the right to it; the memory comes with the first byte. Requests run seconds ahead
 * of what they bring, so of many places lent only a few are being filled, and those share the slots that are still in the
 * processor's cache (measured, together with larger request batches: 7 % of a transfer's time).
 */
export class LentBuffer implements PieceBuffer {
  readonly piece: number;
  readonly #length: number;
  readonly #take: () => PoolSlot;
  #slot: PoolSlot | undefined;
  #bytes: Uint8Array | undefined;

  constructor(piece: number, length: number, take: () => PoolSlot) {
    this.piece = piece;
    this.#length = length;
    this.#take = take;
  }

  /** The memory behind it, if any was needed yet. */
  get slot(): PoolSlot | undefined {
    return this.#slot;
  }

  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      this.#slot = this.#take();
      this.#bytes = new Uint8Array(this.#slot.memory, 0, this.#length);
    }
    return this.#bytes;
  }
}

/**
 * Shared memory for pieces in the making, lent in slots. One budget for all torrents of a storage; a slot is as long as the
 * torrent's pieces. Memory is allocated when first needed and then reused, the warmest slot first: fresh buffers cost 0.36 CPU s
 * a GB in page faults (measured). When another piece length needs room, idle slots of other lengths are let go.
 */
export class BufferPool {
  readonly #bytesMax: number;
  readonly #dropped: (slot: number) => void;
  readonly #free = new Map<number, PoolSlot[]>();
  /** Lent, with or without memory. */
  #lentBytes = 0;
  /** Allocated, lent or idle. */
  #bytes = 0;
  #nextNumber = 1;

  /** `dropped` is told the number of each slot whose memory is let go. */
  constructor(bytesMax: number, dropped: (slot: number) => void) {
    this.#bytesMax = bytesMax;
    this.#dropped = dropped;
  }

  /** A place for `piece` of `length` bytes in a torrent of pieces of `pieceLength`, or undefined when the budget is used up. */
  lend(piece: number, length: number, pieceLength: number): LentBuffer | undefined {
    const slotBytes = slotLength(pieceLength);
    if (this.#lentBytes + slotBytes > this.#budget(slotBytes)) return undefined;
    this.#lentBytes += slotBytes;
    return new LentBuffer(piece, length, () => this.#take(slotBytes));
  }

  giveBack({ slot }: LentBuffer, pieceLength: number): void {
    const slotBytes = slotLength(pieceLength);
    this.#lentBytes -= slotBytes;
    if (slot === undefined) return;
    const free = this.#free.get(slotBytes);
    if (free === undefined) this.#free.set(slotBytes, [slot]);
    else free.push(slot);
  }

  #take(slotBytes: number): PoolSlot {
    const warm = this.#free.get(slotBytes)?.pop();
    if (warm !== undefined) return warm;
    while (this.#bytes + slotBytes > this.#budget(slotBytes) && this.#dropIdle());
    this.#bytes += slotBytes;
    return { number: this.#nextNumber++, memory: new SharedArrayBuffer(slotBytes) };
  }

  #budget(slotBytes: number): number {
    const slotsMin = slotBytes > HUGE_PIECE ? SLOTS_MIN / 2 : SLOTS_MIN;
    return Math.max(this.#bytesMax, slotsMin * slotBytes);
  }

  #dropIdle(): boolean {
    for (const slots of this.#free.values()) {
      const slot = slots.shift();
      if (slot === undefined) continue;
      this.#bytes -= slot.memory.byteLength;
      this.#dropped(slot.number);
      return true;
    }
    return false;
  }
}

function slotLength(pieceLength: number): number {
  return Math.ceil(pieceLength / BLOCK_LENGTH) * BLOCK_LENGTH;
}
