import type { EngineView, PayloadStatus } from '@brine/control-http';

/** What there is to look at. */
export interface Activity {
  readonly payloads: readonly PayloadStatus[];
  readonly engine: Pick<EngineView, 'uploadedBytes'>;
  /** When somebody called last. */
  readonly lastCallMs: number;
}

/** Tells when nothing has happened for a while: no payload has work, no peer has taken anything, nobody has called. */
export class IdleWatch {
  readonly #idleMs: number;
  #uploadedBytes = 0;
  #lastMs: number;

  constructor(idleMs: number, nowMs: number) {
    this.#idleMs = idleMs;
    this.#lastMs = nowMs;
  }

  /** To be asked every few seconds. */
  isIdle(nowMs: number, { payloads, engine, lastCallMs }: Activity): boolean {
    if (payloads.some(hasWork) || engine.uploadedBytes !== this.#uploadedBytes) this.#lastMs = nowMs;
    this.#uploadedBytes = engine.uploadedBytes;
    return nowMs - Math.max(this.#lastMs, lastCallMs) >= this.#idleMs;
  }
}

function hasWork({ phase }: PayloadStatus): boolean {
  return phase !== 'seeding' && phase !== 'paused' && phase !== 'failed';
}
