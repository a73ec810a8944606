/** Cells looked at before an answer is given up: hashes that were chosen to lie side by side must not make it slow. */
const PROBES_MAX = 32;

/**
 * Tells numbers that surely were not there before from those that may have been. A file list asks for each of its names, and nearly
 * all are new; this says so several times faster than a set of the names, and does not keep them.
 */
export class SeenHashes {
  /** Open addressing; 0 is a free cell. */
  readonly #cells: Int32Array;
  #free: number;

  /** Room for `count` hashes, and no more: beyond it none counts as new. */
  constructor(count: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * count)));
    this.#cells = new Int32Array(size);
    this.#free = size / 2;
  }

  /** True when no equal 32-bit hash was added before. False says nothing. */
  isNew(hash: number): boolean {
    const cells = this.#cells;
    const mask = cells.length - 1;
    const wanted = hash === 0 ? 1 : hash | 0;
    if (this.#free === 0) return false;
    for (let at = wanted & mask, end = at + PROBES_MAX; at < end; at++) {
      const cell = cells[at & mask];
      if (cell === wanted) return false;
      if (cell !== 0) continue;
      cells[at & mask] = wanted;
      this.#free--;
      return true;
    }
    return false;
  }
}
