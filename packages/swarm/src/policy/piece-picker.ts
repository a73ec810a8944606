/**
 * Which whole piece to begin next: priority first, then rarest first, so that no piece dies out when a peer leaves (BEP 3), by
 * chance among equals, so that peers fetch different pieces and have something to trade.
 *
 * Pieces are kept sorted while counts change (see `PieceOrder`): closed ones (had, started or unwanted) first, then the open ones
 * in a row of buckets for each priority, one bucket for each availability. A pick walks the rows from the rarest bucket. A peer
 * may lack everything rare, so the walk is bounded and then goes over the peer's own bits instead, eight pieces a step. Seeds have
 * everything, make nothing rarer, and are one number.
 */
import { PieceOrder } from './piece-order.ts';
import type { PieceSet } from './piece-set.ts';

export type { PieceSet } from './piece-set.ts';

export interface PiecePickerOptions {
  readonly pieceCount: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** This many pieces are begun by chance instead of rarest first: rare pieces come slowly, and a newcomer needs something to trade. Default 4. */
  readonly randomFirst?: number;
}

/** Highest priority of a piece; 0 means unwanted. */
const PRIORITY_MAX = 7;

const PRIORITY_BITS = 7;
const STARTED = 8;
const HAD = 16;

const CLOSED_BUCKET = 0;
const OPEN_BUCKETS = 1;

/** Pieces that a pick looks at in order of rarity before it turns to the peer's bits. */
const WALK_MAX = 512;
/** Candidates compared in the peer's bits; more than this many are a sample that starts anywhere. Measured: 20 to 25 µs for such a pick. */
const CANDIDATES_MAX = 4_096;

export class PiecePicker {
  /** Lowest index first instead of rarest first; priorities still come before. */
  sequential = false;

  readonly #pieceCount: number;
  readonly #random: () => number;
  readonly #randomFirst: number;
  readonly #state: Uint8Array;
  /** Peers that have a piece, seeds left out; no more than 65,535. */
  readonly #availability: Uint16Array;
  #seedCount = 0;
  readonly #order: PieceOrder;
  /** `#order` lags behind the states and availabilities; put right by the next pick. */
  #stale = true;
  /** Steps that `#order` made since the last pick: when many, sorting anew is cheaper. */
  #steps = 0;
  /** Buckets of a row: availabilities below this. */
  #rowLength = 16;
  /** Open pieces of each priority, as bits and as counts. Always up to date. */
  readonly #rows: (Uint8Array | undefined)[] = [];
  readonly #rowCounts: Uint32Array = new Uint32Array(PRIORITY_MAX + 1);
  readonly #started = new Set<number>();
  #hadCount = 0;
  #openCount: number;
  #wantedMissingCount: number;

  /** Every piece begins with priority 1, missing and held by nobody. */
  constructor(options: PiecePickerOptions) {
    this.#pieceCount = options.pieceCount;
    this.#random = options.random;
    this.#randomFirst = options.randomFirst ?? 4;
    this.#state = new Uint8Array(options.pieceCount).fill(1);
    this.#availability = new Uint16Array(options.pieceCount);
    this.#order = new PieceOrder(options.pieceCount, options.random);
    this.#openCount = options.pieceCount;
    this.#wantedMissingCount = options.pieceCount;
    this.#rowCounts[1] = options.pieceCount;
    const row = this.#row(1);
    for (let piece = 0; piece < options.pieceCount; piece++) row[piece >> 3]! |= 0x80 >> (piece & 7);
  }

  /** Pieces wanted, not had, not started. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Pieces wanted and not had, started ones included. */
  get wantedMissingCount(): number {
    return this.#wantedMissingCount;
  }

  /** 0 = unwanted, 7 = first. */
  setPriority(piece: number, priority: number): void {
    this.#change(piece, (this.#state[piece]! & ~PRIORITY_BITS) | priority);
  }

  isWanted(piece: number): boolean {
    return (this.#state[piece]! & PRIORITY_BITS) !== 0;
  }

  /** Picked: in progress, nobody else begins it. */
  start(piece: number): void {
    this.#change(piece, this.#state[piece]! | STARTED);
  }

  /** Verified, as far as the picker was told. */
  isHad(piece: number): boolean {
    return (this.#state[piece]! & HAD) !== 0;
  }

  /** Wanted, not had, not started. */
  isOpen(piece: number): boolean {
    return this.#bucketOf(piece) !== CLOSED_BUCKET;
  }

  /** All open pieces matter alike, and in no order. */
  get indifferent(): boolean {
    return !this.sequential && this.#rowCounts.every((count) => count === 0 || count === this.#openCount);
  }

  /** In progress no more: open again. */
  abandon(piece: number): void {
    this.#change(piece, this.#state[piece]! & ~STARTED);
  }

  /** Verified. */
  have(piece: number): void {
    this.#change(piece, (this.#state[piece]! & ~STARTED) | HAD);
  }

  /** A verified piece is gone, with its file perhaps: open again. */
  lose(piece: number): void {
    this.#change(piece, this.#state[piece]! & ~(STARTED | HAD));
  }

  /** Peers that have the piece, seeds included. */
  availability(piece: number): number {
    return this.#availability[piece]! + this.#seedCount;
  }

  /** Peers that have the piece, seeds left out. */
  rarity(piece: number): number {
    return this.#availability[piece]!;
  }

  /** Counts a peer, by its bits or as a seed; `removePeer` with the same set undoes it. */
  addPeer(pieces: PieceSet): void {
    if (pieces.bits !== undefined) this.addBits(pieces.bits);
    else if (pieces.count > 0) this.addSeed();
  }

  removePeer(pieces: PieceSet): void {
    if (pieces.bits !== undefined) this.removeBits(pieces.bits);
    else if (pieces.count > 0) this.removeSeed();
  }

  /** Counts a bitfield: BEP 3 order, a bit for each piece; spare bits are ignored. */
  addBits(bits: Uint8Array): void {
    this.#eachBit(bits, (piece) => this.increment(piece));
  }

  removeBits(bits: Uint8Array): void {
    this.#eachBit(bits, (piece) => this.decrement(piece));
  }

  addSeed(): void {
    this.#seedCount++;
  }

  removeSeed(): void {
    if (this.#seedCount === 0) throw new Error('a seed left that was never counted');
    this.#seedCount--;
  }

  /** A peer, not counted as a seed, got the piece. */
  increment(piece: number): void {
    if (++this.#availability[piece]! >= this.#rowLength) {
      this.#rowLength *= 2;
      this.#stale = true;
    }
    if (!this.#stale) this.#moveInRow(piece, 1);
  }

  decrement(piece: number): void {
    if (this.#availability[piece] === 0) throw new Error(`nobody was counted to have piece ${piece}`);
    this.#availability[piece]!--;
    if (!this.#stale) this.#moveInRow(piece, -1);
  }

  /**
   * The best open piece that the peer has, or -1. Changes nothing that a caller sees: `start` it. Of a peer that is `counted` by its bits
   * (`addPeer`), pieces that nobody has are not looked for.
   */
  pick(peer: PieceSet, counted = false): number {
    if (this.#openCount === 0 || peer.count === 0) return -1;
    if (this.sequential) return this.#pickByBits((row) => this.#lowestOf(row, peer));
    if (this.#hadCount + this.#started.size < this.#randomFirst)
      return this.#pickByBits((row) => this.#anyOf(row, peer));
    this.#refresh();
    return this.#pickRarest(peer, counted ? 1 : 0);
  }

  /** Has the peer any wanted piece that we miss, started ones included? */
  isInteresting(peer: PieceSet): boolean {
    if (this.#wantedMissingCount === 0 || peer.count === 0) return false;
    if (peer.count === this.#pieceCount) return true;
    if (this.#pickByBits((row) => this.#lowestOf(row, peer)) !== -1) return true;
    for (const piece of this.#started) {
      if (this.isWanted(piece) && peer.has(piece)) return true;
    }
    return false;
  }

  /** Priorities from the highest; the first row in which `find` finds something decides. */
  #pickByBits(find: (row: Uint8Array) => number, from: number = PRIORITY_MAX): number {
    for (let priority = from; priority > 0; priority--) {
      if (this.#rowCounts[priority] === 0) continue;
      const found = find(this.#row(priority));
      if (found !== -1) return found;
    }
    return -1;
  }

  #lowestOf(row: Uint8Array, peer: PieceSet): number {
    const theirs = peer.bits;
    for (let byte = 0; byte < row.length; byte++) {
      const both = theirs === undefined ? commonBits(row, peer, byte) : row[byte]! & theirs[byte]!;
      if (both !== 0) return byte * 8 + firstBit(both);
    }
    return -1;
  }

  #anyOf(row: Uint8Array, peer: PieceSet): number {
    const start = Math.floor(this.#random() * row.length);
    for (let step = 0; step < row.length; step++) {
      const byte = (start + step) % row.length;
      const both = commonBits(row, peer, byte);
      if (both !== 0) return byte * 8 + anyBit(both, this.#random());
    }
    return -1;
  }

  #pickRarest(peer: PieceSet, rarityMin: number): number {
    const chance = this.#random();
    let left = WALK_MAX;
    for (let priority = PRIORITY_MAX; priority > 0; priority--) {
      if (this.#rowCounts[priority] === 0) continue;
      const first = this.#firstBucket(priority);
      for (let bucket = first + rarityMin; bucket < first + this.#rowLength; bucket++) {
        const begin = this.#order.begin(bucket);
        const size = this.#order.end(bucket) - begin;
        // From a place by chance, round: pieces that came into the bucket together would otherwise be picked in that order by every client that saw it.
        let at = Math.floor(chance * size);
        for (let step = 0; step < size; step++) {
          const piece = this.#order.at(begin + at);
          if (peer.has(piece)) return piece;
          if (++at === size) at = 0;
          if (--left === 0)
            return this.#pickByBits((row) => this.#rarestOf(row, peer, bucket - first), priority);
        }
      }
    }
    return -1;
  }

  /** Nothing rarer than `floor` is known to be in the row: the first one as rare ends the search. */
  #rarestOf(row: Uint8Array, peer: PieceSet, floor: number): number {
    const start = Math.floor(this.#random() * row.length);
    let best = -1;
    let bestAvailability = Infinity;
    let left = CANDIDATES_MAX;
    const theirs = peer.bits;
    for (let step = 0; step < row.length && left > 0; step++) {
      const byte = start + step < row.length ? start + step : start + step - row.length;
      let both = theirs === undefined ? commonBits(row, peer, byte) : row[byte]! & theirs[byte]!;
      for (; both !== 0; left--) {
        const bit = firstBit(both);
        both &= ~(0x80 >> bit);
        const availability = this.#availability[byte * 8 + bit]!;
        if (availability >= bestAvailability) continue;
        best = byte * 8 + bit;
        bestAvailability = availability;
        if (availability === floor) return best;
      }
    }
    return best;
  }

  #change(piece: number, state: number): void {
    const before = this.#state[piece]!;
    if (before === state) return;
    const from = this.#bucketOf(piece);
    this.#state[piece] = state;
    const to = this.#bucketOf(piece);
    if ((state & STARTED) === 0) this.#started.delete(piece);
    else this.#started.add(piece);
    this.#hadCount += Number(isHad(state)) - Number(isHad(before));
    this.#wantedMissingCount += Number(isMissing(state)) - Number(isMissing(before));
    if (from === to) return;
    if (from !== CLOSED_BUCKET) this.#leaveRow(piece, before & PRIORITY_BITS);
    if (to !== CLOSED_BUCKET) this.#enterRow(piece, state & PRIORITY_BITS);
    if (!this.#stale) this.#move(piece, from, to);
  }

  #enterRow(piece: number, priority: number): void {
    this.#row(priority)[piece >> 3]! |= 0x80 >> (piece & 7);
    this.#rowCounts[priority]!++;
    this.#openCount++;
  }

  #leaveRow(piece: number, priority: number): void {
    this.#row(priority)[piece >> 3]! &= ~(0x80 >> (piece & 7));
    this.#rowCounts[priority]!--;
    this.#openCount--;
  }

  #row(priority: number): Uint8Array {
    return (this.#rows[priority] ??= new Uint8Array(Math.ceil(this.#pieceCount / 8)));
  }

  /** The availability of a piece has changed by one, which matters while it is open. */
  #moveInRow(piece: number, by: 1 | -1): void {
    const to = this.#bucketOf(piece);
    if (to !== CLOSED_BUCKET) this.#move(piece, to - by, to);
  }

  #move(piece: number, from: number, to: number): void {
    this.#steps += Math.abs(to - from);
    if (this.#steps > 64 + (this.#pieceCount >> 3)) this.#stale = true;
    else this.#order.move(piece, from, to);
  }

  #refresh(): void {
    if (this.#stale) {
      this.#order.rebuild(OPEN_BUCKETS + PRIORITY_MAX * this.#rowLength, (piece) => this.#bucketOf(piece));
    }
    this.#stale = false;
    this.#steps = 0;
  }

  #bucketOf(piece: number): number {
    const state = this.#state[piece]!;
    const priority = state & PRIORITY_BITS;
    if (priority === 0 || (state & (HAD | STARTED)) !== 0) return CLOSED_BUCKET;
    return this.#firstBucket(priority) + this.#availability[piece]!;
  }

  /** Rows lie with the lowest priority next to the closed pieces: nearly always it is the only one in use, and unused rows are not crossed. */
  #firstBucket(priority: number): number {
    return OPEN_BUCKETS + (priority - 1) * this.#rowLength;
  }

  #eachBit(bits: Uint8Array, visit: (piece: number) => void): void {
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if ((bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0) visit(piece);
    }
  }
}

/** Bits of one byte of a row that the peer has too, whatever its set is made of. */
function commonBits(row: Uint8Array, peer: PieceSet, byte: number): number {
  const open = row[byte]!;
  if (open === 0) return 0;
  let both = 0;
  for (let bit = 0; bit < 8; bit++) {
    const mask = 0x80 >> bit;
    if ((open & mask) !== 0 && peer.has(byte * 8 + bit)) both |= mask;
  }
  return both;
}

/** Place of the first set bit of a byte, counted as BEP 3 does. */
function firstBit(byte: number): number {
  return Math.clz32(byte) - 24;
}

/** Place of one of the set bits of a byte. */
function anyBit(byte: number, chance: number): number {
  const turn = Math.floor(chance * 8);
  const after = byte & (0xff >> turn);
  return firstBit(after === 0 ? byte : after);
}

function isHad(state: number): boolean {
  return (state & HAD) !== 0;
}

function isMissing(state: number): boolean {
  return (state & PRIORITY_BITS) !== 0 && !isHad(state);
}
