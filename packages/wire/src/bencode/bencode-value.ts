/**
 * A decoded bencode value, BEP 3. Byte strings are views into the source. Integers are numbers while they are safe (|n| < 2^53)
 * and bigints beyond, up to 64 bits; the type says which, so that no digit is lost without notice.
 */
export type BencodeValue = Uint8Array | number | bigint | readonly BencodeValue[] | BencodeDictionary;

/** Keys are binary strings: one character (0 to 255) for each byte, so that binary keys survive and ASCII keys read as text. */
export type BencodeDictionary = ReadonlyMap<string, BencodeValue>;

/** Where a value stands in its source: from `start` up to and without `end`, bytes. */
export interface BencodeSpan {
  readonly start: number;
  readonly end: number;
}

/** What a decoder accepts at most. Everything is checked before anything is allocated for it. */
export interface BencodeLimits {
  /** Bytes of input. Default 4 MiB: above every message of a peer, tracker or DHT node. */
  readonly bytesMax?: number;
  /** Lists and dictionaries inside each other. Default 100, as libtorrent: real data stays below 10. */
  readonly depthMax?: number;
  /** Values and keys together. Default 250,000: a tree of them stays below some 50 MB, whatever they are. */
  readonly tokensMax?: number;
}
