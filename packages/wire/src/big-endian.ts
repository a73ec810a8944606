/** Four bytes at `at` as an unsigned integer, most significant first; the caller has checked that they exist. */
export function readUint32(bytes: Uint8Array, at: number): number {
  // `!` instead of a default: this runs for every message, and V8 keeps the loads free of branches.
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Two bytes at `at` as an unsigned integer, most significant first; the caller has checked that they exist. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Writes `value`, an unsigned 32 bit integer, most significant byte first. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes `value`, an unsigned 16 bit integer, most significant byte first. */
export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes `value`, an integer from 0 to 2^53 - 1, in eight bytes, most significant first. */
export function writeUint64(bytes: Uint8Array, at: number, value: number): void {
  writeUint32(bytes, at, Math.floor(value / 2 ** 32));
  writeUint32(bytes, at + 4, value % 2 ** 32);
}
