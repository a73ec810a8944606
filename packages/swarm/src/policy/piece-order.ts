/**
 * All pieces in one array, sorted by bucket, unsorted (shuffled) inside a bucket. Moving a piece to a neighbouring bucket swaps
 * it with the piece at the border and shifts the border: O(1), whatever the size of the buckets. Moving far costs one such step
 * for each border crossed. When much moves at once (a bitfield arrives), sorting everything anew by counting is cheaper.
 */
export class PieceOrder {
  /** Piece at a position. */
  #order: Uint32Array;
  /** The other array for counting sort; the two change places. */
  #spare: Uint32Array;
  readonly #position: Uint32Array;
  /** Where each bucket ends; it starts where the one before it ends. */
  #ends: Uint32Array = new Uint32Array(1);

  constructor(pieceCount: number, random: () => number) {
    this.#order = shuffled(pieceCount, random);
    this.#spare = new Uint32Array(pieceCount);
    this.#position = new Uint32Array(pieceCount);
  }

  begin(bucket: number): number {
    return bucket === 0 ? 0 : this.#ends[bucket - 1]!;
  }

  end(bucket: number): number {
    return this.#ends[bucket]!;
  }

  at(position: number): number {
    return this.#order[position]!;
  }

  /** Takes a piece from one bucket to another: |to - from| steps. */
  move(piece: number, from: number, to: number): void {
    const order = this.#order;
    const ends = this.#ends;
    let at = this.#position[piece]!;
    const leaveTo = (border: number): void => {
      if (border === at) return; // Empty buckets share their borders.
      const displaced = order[border]!;
      order[at] = displaced;
      this.#position[displaced] = at;
      at = border;
    };
    for (let bucket = from; bucket < to; bucket++) leaveTo(--ends[bucket]!);
    for (let bucket = from - 1; bucket >= to; bucket--) leaveTo(ends[bucket]!++);
    order[at] = piece;
    this.#position[piece] = at;
  }

  /** Sorts everything anew by counting: O(pieces + buckets). Pieces of one bucket keep their order. */
  rebuild(bucketCount: number, bucketOf: (piece: number) => number): void {
    const next = new Uint32Array(bucketCount);
    for (const piece of this.#order) next[bucketOf(piece)]!++;
    for (let bucket = 0, sum = 0; bucket < bucketCount; bucket++) {
      const size = next[bucket]!;
      next[bucket] = sum;
      sum += size;
    }
    for (const piece of this.#order) {
      const at = next[bucketOf(piece)]!++;
      this.#spare[at] = piece;
      this.#position[piece] = at;
    }
    // Having been filled, each bucket's next place is its end.
    this.#ends = next;
    [this.#order, this.#spare] = [this.#spare, this.#order];
  }
}

/** Fisher–Yates by xorshift32 from one draw: a hundred thousand draws of a cryptographic source would take longer than the rest. */
function shuffled(pieceCount: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: pieceCount }, (_, piece) => piece);
  let state = Math.floor(random() * 0xffff_ffff) + 1;
  for (let last = pieceCount - 1; last > 0; last--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
