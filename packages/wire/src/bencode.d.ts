/** The part of the npm package `bencode` that this package uses; it ships no types of its own. */
declare module 'bencode' {
  /** What `encode` writes faithfully. Maps may have byte strings as keys. */
  type Encodable = Uint8Array | string | number | readonly Encodable[] | ReadonlyMap<Uint8Array, Encodable>;
  const bencode: {
    encode(value: Encodable): Uint8Array;
    /** Lenient; for comparison in tests only. */
    decode(bytes: Uint8Array): unknown;
  };
  export default bencode;
}
