/** Thrown by the parsers in this folder; the message names the accepted forms. */
export class UnitError extends Error {
  override readonly name = 'UnitError';
}

/** Bytes of a size like `16KiB`, `4 MiB`, `500kB` or `65536`. Throws `UnitError`. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = BYTES_OF_UNIT.get((match?.[2] ?? '?').toLowerCase());
  if (match === null || unit === undefined) {
    throw new UnitError(`Write a number and a unit: 65536, 16KiB, 4MiB (1,024s) or 500kB, 2MB (1,000s).`);
  }
  return Math.round(Number(match[1]) * unit);
}

/** A size for people, three digits and a decimal unit: `999 B`, `1.23 MB`, `12.3 GB`. */
export function formatSize(bytes: number): string {
  const power = DECIMAL_UNITS.findLastIndex((_, index) => bytes >= 999.5 * 1000 ** (index - 1) && index > 0);
  if (power <= 0) return `${Math.round(bytes)} B`;
  return `${threeDigits(bytes / 1000 ** power)} ${DECIMAL_UNITS[power]}`;
}

/** A power-of-two size exactly, as piece sizes are written: `16 KiB`, `4 MiB`. Falls back to bytes. */
export function formatBinarySize(bytes: number): string {
  if (bytes >= 2 ** 20 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MiB`;
  if (bytes >= 2 ** 10 && bytes % 2 ** 10 === 0) return `${bytes / 2 ** 10} KiB`;
  return `${bytes} B`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
/** A bare `K` or `M` is left out on purpose: people mean either 1,000 or 1,024 by it. */
const BYTES_OF_UNIT: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
]);
