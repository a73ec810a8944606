/** How much may come: `burst` at once, and so many a second for ever. */
interface Flow {
  readonly burst: number;
  readonly perSecond: number;
}

export interface FloodGateOptions {
  readonly perSource: Flow;
  readonly total: Flow;
  /** Sources remembered at a time; who was heard of longest ago is forgotten, and starts with a full burst again. */
  readonly sourcesMax: number;
}

interface Bucket {
  tokens: number;
  lastMs: number;
}

/** Lets messages of strangers through at a bounded rate: token buckets for each source and for all. Pure; time is an argument. */
export class FloodGate {
  readonly #options: FloodGateOptions;
  readonly #sources = new Map<string, Bucket>();
  readonly #total: Bucket;

  constructor(options: FloodGateOptions) {
    this.#options = options;
    this.#total = { tokens: options.total.burst, lastMs: -Infinity };
  }

  /** True when this message is to be read. What one source sends too much of takes nothing from the others. */
  admits(source: string, nowMs: number): boolean {
    const { perSource, total, sourcesMax } = this.#options;
    const bucket = this.#sources.get(source) ?? { tokens: perSource.burst, lastMs: nowMs };
    this.#sources.delete(source);
    this.#sources.set(source, bucket);
    if (this.#sources.size > sourcesMax) this.#forgetOldest();
    return spend(bucket, perSource, nowMs) && spend(this.#total, total, nowMs);
  }

  #forgetOldest(): void {
    for (const oldest of this.#sources.keys()) {
      this.#sources.delete(oldest);
      return;
    }
  }
}

function spend(bucket: Bucket, { burst, perSecond }: Flow, nowMs: number): boolean {
  const seconds = Math.max(0, nowMs - bucket.lastMs) / 1000;
  bucket.tokens = Math.min(burst, bucket.tokens + seconds * perSecond);
  bucket.lastMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}
