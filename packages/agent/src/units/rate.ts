import { formatSize, parseSize, UnitError } from './size.ts';

/**
 * Bytes per second of a rate like `10mbit` (decimal bits), `500KiB`, `2MB/s`; undefined for `unlimited`; `0` means stop.
 * Throws `UnitError`.
 */
export function parseRate(text: string): number | undefined {
  const rate = text.trim().toLowerCase();
  if (rate === 'unlimited') return undefined;
  const bits = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:bit(?:\/s)?|bps)$/.exec(rate);
  if (bits !== null) return Math.round((Number(bits[1]) * BITS_OF_UNIT[bits[2] as '' | 'k' | 'm' | 'g']) / 8);
  try {
    return parseSize(rate.replace(/\/s$/, ''));
  } catch (error) {
    throw new UnitError('Write a rate like 10mbit, 500KiB, 2MB/s, or unlimited.', { cause: error });
  }
}

/** A rate for people: `1.23 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

const BITS_OF_UNIT = { '': 1, k: 1e3, m: 1e6, g: 1e9 } as const;
