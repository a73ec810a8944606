/** What the simulator's own trackers and liars say in bencode; keys in any order, sorted when written. */
export type Bencodable =
  number | string | Uint8Array | readonly Bencodable[] | { readonly [key: string]: Bencodable };

/** The bytes of a value, BEP 3. Strings must be ASCII. Independent of the codec that is under test. */
export function bencode(value: Bencodable): Uint8Array {
  const parts: Uint8Array[] = [];
  encodeInto(parts, value);
  return concatBytes(parts);
}

/** One byte for each character. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function concatBytes(parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function encodeInto(parts: Uint8Array[], value: Bencodable): void {
  if (typeof value === 'number') {
    parts.push(asciiBytes(`i${value}e`));
  } else if (typeof value === 'string') {
    encodeInto(parts, asciiBytes(value));
  } else if (value instanceof Uint8Array) {
    parts.push(asciiBytes(`${value.length}:`), value);
  } else if (Array.isArray(value)) {
    parts.push(asciiBytes('l'));
    for (const item of value as readonly Bencodable[]) encodeInto(parts, item);
    parts.push(asciiBytes('e'));
  } else {
    const entries = Object.entries(value as { readonly [key: string]: Bencodable });
    parts.push(asciiBytes('d'));
    for (const [key, item] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
      encodeInto(parts, key);
      encodeInto(parts, item);
    }
    parts.push(asciiBytes('e'));
  }
}
