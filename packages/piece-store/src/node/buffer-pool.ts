import { BLOCK_LENGTH } from '../piece-store.ts';
import type { PieceBuffer } from '../piece-store.ts';
import type { PoolSlot } from './disk-pool.ts';

/** Slots that are always to be had, however small the pool: a piece in the making for each of a few peers. */
const SLOTS_MIN = 8;
/** … but pieces above this are huge: half as many. */
const HUGE_PIECE = 4 * 1024 * 1024;

/** Places that may come back before somebody who waits has asked again. */
const PATIENCE = 8;

/**
 * A place for a piece. What is lent at first is the right to it; the memory comes with the first byte. Requests run seconds ahead
 * of what they bring, so of many places lent only a few are being filled, and those share the slots that are still in the
 * processor's cache (measured, together with larger request batches: 7 % of a transfer's time).
 */
export class LentBuffer implements PieceBuffer {
  readonly piece: number;
  /** The store that it is lent to. */
  readonly owner: number;
  readonly #length: number;
  readonly #take: () => PoolSlot;
  #slot: PoolSlot | undefined;
  #bytes: Uint8Array | undefined;

  constructor(owner: number, piece: number, length: number, take: () => PoolSlot) {
    this.owner = owner;
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
 *
 * Among stores it is shared so that none starves: whoever is alone may have everything, but while somebody waits, nobody gets more than an
 * equal share of what all who hold or wait can have. What one holds beyond that goes to the others as its pieces become complete.
 */
export class BufferPool {
  readonly #bytesMax: number;
  readonly #dropped: (slot: number) => void;
  readonly #free = new Map<number, PoolSlot[]>();
  /** Lent, with or without memory: in all, and by store. */
  #lentBytes = 0;
  readonly #held = new Map<number, number>();
  /** Stores that were refused and have not got anything since, the longest first; and how many places came back since they last asked. */
  readonly #waiting = new Map<number, number>();
  /** Allocated, lent or idle. */
  #bytes = 0;
  #nextNumber = 1;

  /** `dropped` is told the number of each slot whose memory is let go. */
  constructor(bytesMax: number, dropped: (slot: number) => void) {
    this.#bytesMax = bytesMax;
    this.#dropped = dropped;
  }

  /** A place for `piece` of `length` bytes in the store `owner`, of pieces of `pieceLength`; undefined when it must wait. */
  lend(owner: number, piece: number, length: number, pieceLength: number): LentBuffer | undefined {
    const slotBytes = slotLength(pieceLength);
    if (!this.#mayHave(owner, slotBytes)) {
      this.#waiting.set(owner, 0);
      return undefined;
    }
    this.#waiting.delete(owner);
    this.#lentBytes += slotBytes;
    this.#held.set(owner, this.#heldBy(owner) + slotBytes);
    return new LentBuffer(owner, piece, length, () => this.#take(slotBytes));
  }

  giveBack({ owner, slot }: LentBuffer, pieceLength: number): void {
    const slotBytes = slotLength(pieceLength);
    this.#lentBytes -= slotBytes;
    const held = this.#heldBy(owner) - slotBytes;
    if (held > 0) this.#held.set(owner, held);
    else this.#held.delete(owner);
    this.#forgetWhoWentAway();
    if (slot === undefined) return;
    const free = this.#free.get(slotBytes);
    if (free === undefined) this.#free.set(slotBytes, [slot]);
    else free.push(slot);
  }

  #mayHave(owner: number, slotBytes: number): boolean {
    const budget = this.#budget(slotBytes);
    const room = budget - this.#lentBytes;
    if (room < slotBytes) return false;
    const others = this.#waiting.size - (this.#waiting.has(owner) ? 1 : 0);
    if (others === 0) return true;
    const sharers = new Set([...this.#held.keys(), ...this.#waiting.keys(), owner]).size;
    const share = Math.max(slotBytes, budget / sharers);
    const isWithin = (store: number): boolean => this.#heldBy(store) + slotBytes <= share;
    if (!isWithin(owner)) return false;
    // Who has waited longer goes first: there may be more stores than places.
    let ahead = 0;
    for (const waiter of this.#waiting.keys()) {
      if (waiter === owner) break;
      if (isWithin(waiter)) ahead += 1;
    }
    return room >= slotBytes * (ahead + 1);
  }

  #heldBy(owner: number): number {
    return this.#held.get(owner) ?? 0;
  }

  /** Whoever waits asks each time when a place comes back; who does not was paused or has ended, and keeps nobody waiting. */
  #forgetWhoWentAway(): void {
    for (const [owner, times] of this.#waiting) {
      if (times >= PATIENCE) this.#waiting.delete(owner);
      else this.#waiting.set(owner, times + 1);
    }
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
