const EMPTY = new Uint8Array(0);
const CAPACITY_MIN = 32;

/**
 * The beginning of something that a chunk border has cut. It grows by doubling with the bytes that really arrive, never past
 * what the caller asks for, so a remote that announces much and sends little costs little.
 */
export class Residue {
  #buffer: Uint8Array = EMPTY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The gathered bytes; a view that the next `gather` may overwrite after `clear`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Copies from `chunk` at `at` until `target` bytes are gathered or the chunk ends; returns where it stopped in the chunk. */
  gather(chunk: Uint8Array, at: number, target: number): number {
    const end = Math.min(chunk.length, at + target - this.#length);
    this.#reserve(this.#length + end - at, target);
    this.#buffer.set(chunk.subarray(at, end), this.#length);
    this.#length += end - at;
    return end;
  }

  /** Forgets the bytes and keeps the buffer for the next ones. */
  clear(): void {
    this.#length = 0;
  }

  /** Hands the bytes over for good: nothing here will write to them again. */
  release(): Uint8Array {
    const bytes = this.bytes;
    this.#buffer = EMPTY;
    this.#length = 0;
    return bytes;
  }

  #reserve(needed: number, target: number): void {
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(
      Math.max(CAPACITY_MIN, Math.min(target, Math.max(needed, this.#buffer.length * 2))),
    );
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
