/** The part of the npm package `bencode` that is compared with ours; it ships no types of its own. */
declare module 'bencode' {
  const bencode: {
    decode(bytes: Uint8Array): unknown;
    encode(value: unknown): Uint8Array;
  };
  export default bencode;
}
