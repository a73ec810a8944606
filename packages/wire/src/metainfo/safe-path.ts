/*
 * One rule for names from outside, the same on every platform, so that a payload looks alike wherever it arrives and what one
 * machine accepts, all accept.
 *
 * Refused, because no honest program writes it: a component that is empty, `.`, `..` or holds `/` (also how an absolute path
 * would come in); a path without components or with more than 64; one path as both folder and symbolic link; a symbolic
 * link without a target, or whose target is refused by this rule (so a link cannot name anything outside the payload).
 *
 * Made safe, because honest programs on another platform write it, always in the same way:
 *  - malformed UTF-8, control characters, `\ < > : " | ? *`, and characters that are invisible or turn the direction of text
 *    (zero-width, bidi controls, BOM, soft hyphen, line separators, lone surrogates, tags) become `_`, each character one;
 *  - trailing dots and spaces, which Windows drops, become `_`;
 *  - names that Windows reserves for devices (CON, PRN, AUX, NUL, COM0–9, LPT0–9, COM¹²³, LPT¹²³, CONIN$, CONOUT$, in any case and
 *    with any extension) get a `_` in front;
 *  - components longer than 255 bytes of UTF-8 are cut before their extension (Linux counts bytes; Windows and macOS count
 *    UTF-16 units, of which there are never more than bytes);
 *  - names that Windows or macOS would take for the same (NFC and case folding) are told apart by `~2`, `~3`, … before the extension, in
 *    the order of the files; folders that differ only so are one folder, spelled as first met (payload-tree.ts).
 *
 * Sources: Microsoft, "Naming Files, Paths, and Namespaces"; Unicode TR 36 and UAX 9; libtorrent's and Transmission's practice.
 */
import { type AsciiWindow, binaryText, utf8Bytes, utf8Text } from '../text.ts';

/** Bytes of UTF-8 in a component. */
const COMPONENT_BYTES_MAX = 255;
/** Components of a path. */
export const COMPONENTS_MAX = 64;

/** The safe form of one path component as the rule above makes it, most often the same text; undefined when it is refused. */
export function safeComponent(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..' || text.includes('/')) return undefined;
  let name = text.replace(UNSAFE, '_').replace(TRAILING, underscores);
  if (RESERVED.test(name)) name = `_${name}`;
  return fitted(name, '');
}

/** As `safeComponent`, for the bytes (UTF-8) of `source` from `from` up to `to`; `window` is one over the same source. */
export function safeComponentOfBytes(
  source: Uint8Array,
  from: number,
  to: number,
  window?: AsciiWindow,
): string | undefined {
  if (plainHash(source, from, to) === NOT_PLAIN) return safeComponent(utf8Text(source, from, to));
  return window === undefined ? binaryText(source, from, to) : window.text(from, to);
}

/** `name` with `~number` before its extension, within the length of a component. */
export function numberedComponent(name: string, number: number): string {
  return fitted(name, `~${number}`);
}

/** Equal for names that some platform takes for the same: composed (NFC) and case-folded. */
export function foldedName(name: string): string {
  if (!FOLDS.test(name)) return name;
  // Upper case first joins what lower case alone keeps apart (ß and ss, the two small sigmas, long s).
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** No hash: the name takes the long way. */
export const NOT_PLAIN = 0;

/**
 * `foldedHash` of the component at these bytes if the rule certainly leaves it as it is, else `NOT_PLAIN`. Nearly all names are so, and
 * a payload has very many: this one look at the bytes is several times cheaper than the rule itself.
 */
export function plainHash(source: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 0 || length > COMPONENT_BYTES_MAX) return NOT_PLAIN;
  const last = source[to - 1];
  if (last === DOT || last === SPACE) return NOT_PLAIN;
  // Device names start with one of these letters; whatever else does takes the long way.
  if (length >= 3 && DEVICE_START[source[from] ?? 0] === 1 && DEVICE_SECOND[source[from + 1] ?? 0] === 1) {
    return NOT_PLAIN;
  }
  let hash = HASH_START;
  for (let at = from; at < to; at++) {
    const folded = PLAIN[source[at] ?? 0] ?? 0;
    if (folded === 0) return NOT_PLAIN;
    hash = Math.imul(hash ^ folded, HASH_PRIME);
  }
  return hash === NOT_PLAIN ? HASH_START : hash;
}

/** 32 bits (FNV-1a over `foldedName`), not `NOT_PLAIN`: equal for names that some platform takes for the same. */
export function foldedHash(name: string): number {
  const folded = foldedName(name);
  let hash = HASH_START;
  // UTF-16 units, not characters: any number will do that is the same for the same text.
  // oxlint-disable-next-line unicorn/prefer-code-point
  for (let i = 0; i < folded.length; i++) hash = Math.imul(hash ^ folded.charCodeAt(i), HASH_PRIME);
  return hash === NOT_PLAIN ? HASH_START : hash;
}

/** U+FFFD is what malformed UTF-8 decodes to. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\<>:"|?*\u115f\u1160\u3164\uffa0\ufffd]|\u034f|\u17b4|\u17b5/gu;
const TRAILING = /[. ]+$/;
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)/i;
/** Anything but printable ASCII without capital letters. */
const FOLDS = /[^ -@[-~]/;

function underscores(run: string): string {
  return '_'.repeat(run.length);
}

/** The name, a suffix put before its extension, and the stem cut so that all fits. */
function fitted(name: string, suffix: string): string {
  // A UTF-16 unit takes three bytes at most.
  if (suffix === '' && name.length * 3 <= COMPONENT_BYTES_MAX) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  const stem = extension === '' ? name : name.slice(0, dot);
  const room = COMPONENT_BYTES_MAX - utf8Bytes(suffix + extension).length;
  const fit = cut(stem, room) + suffix + extension;
  // The cut may have laid a dot or space bare.
  return fit.replace(TRAILING, underscores);
}

/** As many whole characters of `text` as fit into `bytesMax` bytes of UTF-8. */
function cut(text: string, bytesMax: number): string {
  const bytes = utf8Bytes(text);
  if (bytes.length <= bytesMax) return text;
  let end = bytesMax;
  // Never inside a character: continuation bytes are 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return utf8Text(bytes, 0, end);
}

const DOT = 0x2e;
const SPACE = 0x20;
/** Lower case of each byte that may stand anywhere; 0 for the rest. */
const PLAIN = byteSet(
  " !#$%&'()+,-.0123456789;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{}~",
).map((is, byte) => (is === 0 ? 0 : (String.fromCodePoint(byte).toLowerCase().codePointAt(0) ?? 0)));
const HASH_START = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
const DEVICE_START = byteSet('acnplACNPL');
const DEVICE_SECOND = byteSet('ouprOUPR');

function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const character of characters) set[character.codePointAt(0) ?? 0] = 1;
  return set;
}
