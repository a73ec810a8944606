/*
 * Peer ids, BEP 20: how a client names itself in 20 bytes, and what name a person should read. A name is only ever shown;
 * nothing is decided by it.
 */
import { binaryText } from './text.ts';

/** Bytes of a peer id. */
export const PEER_ID_LENGTH = 20;
const RANDOM_LENGTH = 12;
/** Version that goes into the id of this engine; kept equal to the package's by a test. */
const VERSION = '0.1.0';

/**
 * Our peer id: `-BR0100-` (Azureus style, one base-36 digit a version number) and the given 12 random bytes.
 * Throws `RangeError` for another number of bytes and for version numbers above 35.
 */
export function makePeerId(randomBytes: Uint8Array, version: string = VERSION): Uint8Array {
  if (randomBytes.length !== RANDOM_LENGTH) {
    throw new RangeError(`a peer id takes ${RANDOM_LENGTH} random bytes, not ${randomBytes.length}`);
  }
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const prefix = `-BR${[major, minor, patch, 0].map(digitOf).join('')}-`;
  const id = new Uint8Array(PEER_ID_LENGTH);
  for (let i = 0; i < prefix.length; i++) id[i] = prefix.charCodeAt(i);
  id.set(randomBytes, prefix.length);
  return id;
}

/**
 * Client and version that a peer id claims, such as `Transmission 3.00`; for ids in no known style, the id itself with
 * everything but printable ASCII escaped. Always printable, at most 80 characters.
 */
export function clientName(peerId: Uint8Array): string {
  const id = binaryText(peerId.subarray(0, PEER_ID_LENGTH));
  return azureusStyle(id) ?? dashedStyle(id) ?? shadowStyle(id) ?? escaped(id);
}

type Version = (digits: string) => string;

/** `-TR3000-`: two letters and four version characters between dashes. */
function azureusStyle(id: string): string | undefined {
  const [, code = '', digits = ''] = /^-([A-Za-z~][A-Za-z0-9~])([0-9A-Za-z.+-]{4})-/.exec(id) ?? [];
  if (code === '') return undefined;
  const [name, version] = AZUREUS_STYLE.get(code) ?? [code, dotted];
  return `${name} ${version(digits)}`;
}

/** `A2-1-36-0-` (aria2) and `M7-10-5--` (mainline): numbers between dashes. */
function dashedStyle(id: string): string | undefined {
  const [, code = '', version = ''] = /^(A2-|M)(\d{1,3}-\d{1,3}-\d{1,3})-/.exec(id) ?? [];
  if (code === '') return undefined;
  return `${code === 'M' ? 'BitTorrent Mainline' : 'aria2'} ${version.replaceAll('-', '.')}`;
}

/** `T03I----`: one letter and up to five version characters, filled with dashes. */
function shadowStyle(id: string): string | undefined {
  const [, code = '', digits = ''] = /^([ABOQRSTU])([0-9A-Za-z.]{1,5})-{2}/.exec(id) ?? [];
  const name = SHADOW_STYLE.get(code);
  return name === undefined ? undefined : `${name} ${Array.from(digits, numberOf).join('.')}`;
}

/** One number a character, the fourth only when it says something: `4520` is 4.5.2, `20B0` is 2.0.11. */
function dotted(digits: string): string {
  const shown = /[1-9A-Z]$/.test(digits) ? digits : digits.slice(0, 3);
  return Array.from(shown, numberOf).join('.');
}

function fourNumbers(digits: string): string {
  return Array.from(digits, numberOf).join('.');
}

/** Transmission wrote `3000` for 3.00 and writes `4060` for 4.0.6. */
function transmission(digits: string): string {
  return numberOf(digits.charAt(0)) < 4 ? `${digits.charAt(0)}.${digits.slice(1, 3)}` : dotted(digits);
}

/** Two decimal digits a number: `0201` is 2.1. */
function pairs(digits: string): string {
  return `${Number.parseInt(digits.slice(0, 2), 36)}.${Number.parseInt(digits.slice(2), 36)}`;
}

const AZUREUS_STYLE: ReadonlyMap<string, readonly [name: string, version: Version]> = new Map([
  ['AZ', ['Vuze', fourNumbers]],
  ['BC', ['BitComet', pairs]],
  ['BI', ['BiglyBT', fourNumbers]],
  ['BR', ['Brine', dotted]],
  ['BT', ['BitTorrent', dotted]],
  ['DE', ['Deluge', dotted]],
  ['FD', ['Free Download Manager', dotted]],
  ['KT', ['KTorrent', dotted]],
  ['LT', ['libtorrent (Rasterbar)', dotted]],
  ['TR', ['Transmission', transmission]],
  ['UM', ['µTorrent Mac', dotted]],
  ['UT', ['µTorrent', dotted]],
  ['UW', ['µTorrent Web', dotted]],
  ['WD', ['WebTorrent Desktop', pairs]],
  ['WW', ['WebTorrent', pairs]],
  ['XL', ['Xunlei', dotted]],
  ['lt', ['rTorrent (libTorrent)', dotted]],
  ['qB', ['qBittorrent', dotted]],
]);

const SHADOW_STYLE: ReadonlyMap<string, string> = new Map([
  ['A', 'ABC'],
  ['O', 'Osprey Permaseed'],
  ['Q', 'BTQueue'],
  ['R', 'Tribler'],
  ['S', 'Shadow'],
  ['T', 'BitTornado'],
  ['U', 'UPnP NAT'],
]);

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function digitOf(number: number): string {
  const digit = DIGITS[number];
  if (digit === undefined) throw new RangeError(`a peer id has no digit for version number ${number}`);
  return digit;
}

/** Digits as themselves, capital letters from 10, small letters from 36: how all styles go on after 9. */
function numberOf(character: string): number {
  const at = `${DIGITS}abcdefghijklmnopqrstuvwxyz`.indexOf(character);
  return Math.max(at, 0);
}

function escaped(id: string): string {
  return Array.from(id, (character) => {
    const code = character.charCodeAt(0);
    return code > 0x1f && code < 0x7f ? character : `\\x${code.toString(16).padStart(2, '0')}`;
  }).join('');
}
