/** The part of the npm package `ip` that this package uses; it ships no types of its own. */
declare module 'ip' {
  interface Ip {
    /** Writes the address into `target` at `offset` (0 when absent) and returns `target`. */
    toBuffer(text: string, target: Uint8Array, offset?: number): Uint8Array;
    /** Dotted quad of the four bytes at `offset`. */
    toString(bytes: Uint8Array, offset: number, length: 4): string;
  }
  const ip: Ip;
  export default ip;
}
