/** A rate as somebody types it: a number and a unit. */
export interface Amount {
  readonly text: string;
  readonly unit: AmountUnit;
}

export type AmountUnit = 'kbit/s' | 'Mbit/s' | 'Gbit/s' | 'kB/s' | 'MB/s';

/** Bytes per second. Bits first: lines are sold in them. */
export const AMOUNT_UNITS: Readonly<Record<AmountUnit, number>> = {
  'kbit/s': 125,
  'Mbit/s': 125_000,
  'Gbit/s': 125_000_000,
  'kB/s': 1_000,
  'MB/s': 1_000_000,
};

/** Bytes per second; undefined for what is no number. 0 is one: it stops. */
export function bytesPerSecondOf({ text, unit }: Amount): number | undefined {
  const plain = text.trim().replace(',', '.');
  if (!/^\d{1,12}(?:\.\d{1,6})?$/.test(plain)) return undefined;
  return Math.round(Number(plain) * AMOUNT_UNITS[unit]);
}

/** As it would be typed; reads back as the same rate. */
export function amountOf(bytesPerSecond: number): Amount {
  const unit = bytesPerSecond >= 999.5 * 125_000 ? 'Gbit/s' : bytesPerSecond >= 125_000 ? 'Mbit/s' : 'kbit/s';
  const text = String(Number((bytesPerSecond / AMOUNT_UNITS[unit]).toFixed(6)));
  const amount: Amount = { text, unit };
  // Above some 8 EB/s six decimals of a Gbit are not enough; below they always are.
  return bytesPerSecondOf(amount) === Math.round(bytesPerSecond)
    ? amount
    : { text: String(Math.round(bytesPerSecond) / 1_000), unit: 'kB/s' };
}
