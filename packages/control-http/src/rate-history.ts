import type { Traffic } from './payload-service.ts';

/** Rates of the recent past: what a plot begins with. */
export interface RatesView {
  /** Between two samples. */
  readonly intervalSeconds: number;
  readonly site: RateSamples;
  readonly near: RateSamples;
  readonly wan: RateSamples;
}

/** Bytes per second, averages over one interval each; the oldest first, the last one is at most an interval old. Both have the same length. */
export interface RateSamples {
  readonly down: readonly number[];
  readonly up: readonly number[];
}

/** How often a history wants to be told what has passed. */
export const SAMPLE_MS = 5_000;
/** An hour. */
const SAMPLES_MAX = 720;
const CLASSES = ['site', 'near', 'wan'] as const;

/** Keeps what passed in the last hour, by how near the peers were. From counted bytes, so nothing falls between two samples. */
export class RateHistory {
  readonly #samples = {
    site: { down: [] as number[], up: [] as number[] },
    near: { down: [] as number[], up: [] as number[] },
    wan: { down: [] as number[], up: [] as number[] },
  };
  #last: { readonly traffic: Traffic; readonly atMs: number } | undefined;

  /** What has passed since the service started, at an instant of a clock that only goes forward. */
  add(traffic: Traffic, atMs: number): void {
    const last = this.#last;
    this.#last = { traffic, atMs };
    if (last === undefined || atMs <= last.atMs) return;
    const seconds = (atMs - last.atMs) / 1_000;
    for (const each of CLASSES) {
      const [now, before] = [traffic[each], last.traffic[each]];
      append(this.#samples[each].down, (now.downloadedBytes - before.downloadedBytes) / seconds);
      append(this.#samples[each].up, (now.uploadedBytes - before.uploadedBytes) / seconds);
    }
  }

  view(): RatesView {
    return { intervalSeconds: SAMPLE_MS / 1_000, ...this.#samples };
  }
}

function append(samples: number[], rate: number): void {
  samples.push(Math.max(0, Math.round(rate)));
  if (samples.length > SAMPLES_MAX) samples.shift();
}
