/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): everybody who knows the same names gives every piece the same winner, without a
 * word, and when a name goes only its pieces move. 32 bits are enough: a tie only costs a collision, which claims settle.
 */
export function rendezvousScore(name: number, piece: number): number {
  return mix(name ^ mix(piece + 0x9e37_79b9));
}

/** A name as a number: FNV-1a over bytes, then mixed, because peer ids differ in few places. */
export function nameOfBytes(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return mix(hash);
}

/** Same for a text. */
export function nameOfText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the input reaches every bit of the result. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
