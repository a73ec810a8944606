/** What a link carries beside a payload, as the counters of network devices see it: Ethernet's frame without checksum, IPv4, TCP with timestamps. */
const HEADER_BYTES = 14 + 20 + 32;
/** Of full frames. */
const WIRE_BYTES_PER_STREAM_BYTE = (1448 + HEADER_BYTES) / 1448;

/** Seconds that a payload takes at least over one link of so many bits per second, headers counted. */
export function floorSeconds(payloadBytes: number, bitsPerSecond: number): number {
  return ((payloadBytes * 8) / bitsPerSecond) * WIRE_BYTES_PER_STREAM_BYTE;
}

/** What passed one way over a link: frames and their bytes, headers included. */
export interface Traffic {
  readonly bytes: number;
  readonly packets: number;
}

/** The traffic between two readings of a counter. */
export function difference(later: Traffic, earlier: Traffic): Traffic {
  return { bytes: later.bytes - earlier.bytes, packets: later.packets - earlier.packets };
}

/** The bytes that TCP streams carried: what a program that limits itself can count. Other packets are too few to matter. */
export function streamBytes({ bytes, packets }: Traffic): number {
  return Math.max(0, bytes - packets * HEADER_BYTES);
}

/** A counter's reading and when it was read, in milliseconds. */
export interface Reading {
  readonly at: number;
  readonly bytes: number;
}

/** The slowest and the fastest stretch of so many milliseconds, in bits per second; undefined when the readings span less than one. */
export function extremeRates(
  readings: readonly Reading[],
  windowMs: number,
): { readonly slowest: number; readonly fastest: number } | undefined {
  const rates: number[] = [];
  let end = 0;
  for (const first of readings) {
    while (end < readings.length && (readings[end]?.at ?? 0) - first.at < windowMs) end += 1;
    const last = readings[end];
    if (last === undefined) break;
    rates.push(((last.bytes - first.bytes) * 8000) / (last.at - first.at));
  }
  return rates.length === 0 ? undefined : { slowest: Math.min(...rates), fastest: Math.max(...rates) };
}

/** The rate of each whole second, in bits per second. */
export function ratesBySecond(readings: readonly Reading[]): readonly number[] {
  const rates: number[] = [];
  let [first] = readings;
  for (const reading of readings) {
    if (first === undefined || reading.at - first.at < 1000) continue;
    rates.push(((reading.bytes - first.bytes) * 8000) / (reading.at - first.at));
    first = reading;
  }
  return rates;
}

/** A number from 0 to below 1 that depends on the seed and the topic alone. */
export function fraction(seed: number, topic: number): number {
  // Integer hash by Chris Wellons' search, "lowbias32" (nullprogram.com, 2018): enough to scatter moments.
  let x = Math.imul(seed, 0x9e37_79b9) + topic;
  x = Math.imul(x ^ (x >>> 16), 0x7feb_352d);
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}
