/**
 * The simulated kernel's memory: bytes on their way are copies, as in a real kernel, in slabs of 64 bytes to 128 KiB that are used again.
 */
export class SlabPool {
  readonly #free: Uint8Array[][] = CLASSES.map(() => []);

  /** At least `length` bytes, undefined content. */
  take(length: number): Uint8Array {
    const size = sizeClass(length);
    return this.#free[size]?.pop() ?? new Uint8Array(CLASSES[size] ?? length);
  }

  giveBack(slab: Uint8Array): void {
    const free = this.#free[sizeClass(slab.length)];
    if (free !== undefined && free.length < FREE_MAX) free.push(slab);
  }
}

const CLASSES: readonly number[] = [64, 256, 1024, 4096, 16384, 65536, 131072];
const FREE_MAX = 1024;

function sizeClass(length: number): number {
  let size = 0;
  while (size < CLASSES.length && CLASSES[size]! < length) size += 1;
  return size;
}
