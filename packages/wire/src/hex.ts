/** Lower-case hexadecimal text of `bytes`, two digits a byte; how info-hashes are shown and named. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += OCTETS[byte] ?? '';
  return text;
}

/** The bytes of hexadecimal text in any case; undefined when it has an odd length or any other character. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !HEX.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const HEX = /^[\da-f]*$/i;
const OCTETS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
