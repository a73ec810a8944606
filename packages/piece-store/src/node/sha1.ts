import * as crypto from 'node:crypto';

/** SHA-1 of `bytes` in hex: by the one-shot function where Node has it (20.12), which saves an object for each piece. */
export const sha1Hex: (bytes: Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha1', bytes)
    : (bytes) => crypto.createHash('sha1').update(bytes).digest('hex');

/** SHA-1 of each run of `length` bytes (the last may be shorter), one after the other, 20 bytes each. */
export function sha1Runs(bytes: Uint8Array, length: number): Uint8Array {
  const digests = new Uint8Array(20 * Math.ceil(bytes.length / length));
  for (let begin = 0, at = 0; begin < bytes.length; begin += length, at += 20) {
    digests.set(
      crypto
        .createHash('sha1')
        .update(bytes.subarray(begin, begin + length))
        .digest(),
      at,
    );
  }
  return digests;
}
