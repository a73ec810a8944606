import { BLOCK_LENGTH } from '../piece-store.ts';
import type { PoolSlot } from './disk-pool.ts';

/** Slots that are always to be had, however small the pool: a piece in the making for each of a few peers. */
const SLOTS_MIN = 8;
/** … but pieces above this are huge: half as many. */
const HUGE_PIECE = 4 * 1024 * 1024;

/**
 * Shared memory for pieces in the making, lent in slots. One budget for all torrents of a storage; a slot is as long as the
 * torrent's pieces. Memory is allocated when first needed and then reused, the warmest slot first: fresh buffers cost 0.36 CPU s
 * a GB in page faults (measured). When another piece length needs room, idle slots of other lengths are let go.
 */
export class BufferPool {
  readonly #bytesMax: number;
  readonly #dropped: (slot: number) => void;
  readonly #free = new Map<number, PoolSlot[]>();
  #bytes = 0;
  #nextNumber = 1;

  /** `dropped` is told the number of each slot whose memory is let go. */
  constructor(bytesMax: number, dropped: (slot: number) => void) {
    this.#bytesMax = bytesMax;
    this.#dropped = dropped;
  }

  /** Bytes allocated now, lent or idle. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A slot of at least `pieceLength` bytes, or undefined when the budget is used up. */
  take(pieceLength: number): PoolSlot | undefined {
    const length = slotLength(pieceLength);
    const warm = this.#free.get(length)?.pop();
    if (warm !== undefined) return warm;
    const slotsMin = length > HUGE_PIECE ? SLOTS_MIN / 2 : SLOTS_MIN;
    const bytesMax = Math.max(this.#bytesMax, slotsMin * length);
    while (this.#bytes + length > bytesMax) if (!this.#dropIdle()) return undefined;
    this.#bytes += length;
    return { number: this.#nextNumber++, memory: new SharedArrayBuffer(length) };
  }

  give(slot: PoolSlot): void {
    const length = slot.memory.byteLength;
    const free = this.#free.get(length);
    if (free === undefined) this.#free.set(length, [slot]);
    else free.push(slot);
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
