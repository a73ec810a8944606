import { join } from 'node:path';

import type { Engine, TorrentSnapshot, Trouble } from '@brine/swarm';

import { formatAddress } from '../address-argument.ts';
import { describeFailure } from '../failure.ts';
import { selectFiles } from '../file-selection.ts';
import type { StopRequest } from '../stop-request.ts';
import type { Progress, Reporter } from '../terminal/report.ts';
import { progressOf, trafficOf } from './progress-of.ts';

/** How a watched transfer ended. */
export type TransferOutcome =
  | { readonly type: 'stopped' }
  | { readonly type: 'seeded-enough' }
  | { readonly type: 'failed'; readonly error: Trouble };

export interface WatchOptions {
  readonly engine: Engine;
  /** The torrent's id. */
  readonly id: string;
  readonly reporter: Reporter;
  readonly stop: StopRequest;
  /** Milliseconds of seeding after completion; absent: until asked to stop. */
  readonly seedForMs?: number;
  /** A seeder must have everything from the start; what is missing is a failure, not a download. */
  readonly completeExpected: boolean;
  /** The label of our site, where there is one. */
  readonly site?: string | undefined;
  /** Which files are wanted, to be settled when a magnet's metadata arrives; absent or empty: all. See `selectFiles`. */
  readonly selectors?: readonly string[];
  /** Called with a magnet's verified metadata when it arrives. */
  readonly keepMetadata?: (infoBytes: Uint8Array) => Promise<void>;
}

/** Looks at one torrent until it has done what it was to do, and tells what a user wants to know on the way. */
export class TransferWatch {
  readonly #options: WatchOptions;
  readonly #startedMs: number = performance.now();
  readonly #failingTrackers = new Set<string>();
  #finish: (outcome: TransferOutcome) => void = () => undefined;
  #told: Progress | undefined;
  #trouble: string | undefined;
  #ready = false;
  #complete = false;
  #seedTimer: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Resolves when the transfer is over; never rejects. */
  async outcome(): Promise<TransferOutcome> {
    const { engine, reporter, stop } = this.#options;
    const timer = setInterval(() => this.#look(), reporter.intervalMs);
    try {
      return await new Promise<TransferOutcome>((resolve) => {
        this.#finish = resolve;
        stop.onRequest(() => resolve({ type: 'stopped' }));
        engine.on('phase-changed', () => this.#look());
        engine.on('torrent-complete', () => this.#look());
        engine.on('metadata-received', ({ infoBytes }) => this.#receiveMetadata(infoBytes));
        this.#listenForTroubles();
        this.#look();
      });
    } finally {
      clearInterval(timer);
      clearTimeout(this.#seedTimer);
      engine.removeAllListeners();
    }
  }

  #look(): void {
    const torrent = this.#options.engine.torrent(this.#options.id);
    if (torrent === undefined) return;
    if (torrent.phase === 'failed') {
      const partly = torrent.error?.code === 'payload-incomplete';
      this.#fail(partly ? incomplete(torrent) : (torrent.error ?? UNKNOWN_TROUBLE));
    } else {
      this.#tell(torrent);
    }
  }

  #tell(torrent: TorrentSnapshot): void {
    if (!this.#ready && (torrent.phase === 'downloading' || torrent.phase === 'seeding'))
      this.#tellReady(torrent);
    if (!this.#complete && torrent.complete) this.#tellComplete(torrent);
    const progress = progressOf(torrent, this.#options.site);
    if (this.#told !== undefined && sameProgress(this.#told, progress)) return;
    this.#told = progress;
    this.#options.reporter.tell(progress);
  }

  #tellReady(torrent: TorrentSnapshot): void {
    this.#ready = true;
    this.#options.reporter.tell({ event: 'ready', name: torrent.name, infoHash: torrent.id });
  }

  #tellComplete(torrent: TorrentSnapshot): void {
    this.#complete = true;
    const { site, completeExpected, reporter } = this.#options;
    if (!completeExpected) {
      reporter.tell({
        event: 'complete',
        name: torrent.name,
        infoHash: torrent.id,
        path: join(torrent.directory, torrent.name),
        bytesTotal: torrent.bytesTotal,
        downloadedBytes: torrent.downloadedBytes,
        wastedBytes: torrent.wastedBytes,
        traffic: trafficOf(torrent),
        ...(site === undefined ? {} : { site }),
        seconds: Math.round(performance.now() - this.#startedMs) / 1000,
      });
    }
    const { seedForMs } = this.#options;
    if (seedForMs === undefined) return;
    this.#seedTimer = setTimeout(
      () => this.#finish({ type: 'seeded-enough' }),
      Math.min(seedForMs, TIMER_MAX_MS),
    );
  }

  #receiveMetadata(infoBytes: Uint8Array): void {
    this.#options.keepMetadata?.(infoBytes).catch((error: unknown) => {
      const { code, message } = describeFailure(error);
      this.#warn(code, `The magnet's metadata cannot be kept for the next start: ${message}`);
    });
    this.#select();
  }

  #select(): void {
    const { engine, id, selectors = [] } = this.#options;
    const files = engine.torrent(id)?.files ?? [];
    if (selectors.length === 0) return;
    try {
      engine
        .setFilePriorities(id, selectFiles(files, selectors))
        .catch((error: unknown) => this.#failWith(error));
    } catch (error) {
      this.#failWith(error);
    }
  }

  #failWith(error: unknown): void {
    const { code, message } = describeFailure(error);
    this.#fail({ code, message });
  }

  #fail(error: Trouble): void {
    this.#finish({ type: 'failed', error });
  }

  #listenForTroubles(): void {
    const { engine } = this.#options;
    // A trouble that ends the torrent is told once, as its last word; the phase says so only after this event.
    engine.on('trouble', ({ error }) => queueMicrotask(() => this.#tellTrouble(error)));
    engine.on('trouble-over', () => (this.#trouble = undefined));
    engine.on('tracker-answered', ({ url }) => this.#failingTrackers.delete(url));
    engine.on('tracker-failed', ({ url, error }) => {
      if (!this.#failingTrackers.has(url)) this.#warn(error.code, `Tracker ${url}: ${error.message}`);
      this.#failingTrackers.add(url);
    });
    engine.on('peer-banned', ({ address, reason }) =>
      this.#warn('peer-banned', `Peer ${formatAddress(address)} is banned: ${reason}`),
    );
  }

  #tellTrouble(error: Trouble): void {
    const told = `${error.code} ${error.message}`;
    if (told === this.#trouble || this.#options.engine.torrent(this.#options.id)?.phase === 'failed') return;
    this.#trouble = told;
    this.#warn(error.code, error.message);
  }

  #warn(code: string, message: string): void {
    this.#options.reporter.tell({ event: 'warning', code, message });
  }
}

function sameProgress(a: Progress, b: Progress): boolean {
  return PROGRESS_KEYS.every((key) => a[key] === b[key]);
}

function incomplete(torrent: TorrentSnapshot): Trouble {
  const place = join(torrent.directory, torrent.name);
  return {
    code: 'payload-incomplete',
    message:
      `"${place}" holds ${torrent.piecesVerified} of ${torrent.pieceCount} pieces of this torrent, and a seeder needs all. ` +
      '`brine verify` lists what differs; `brine get --adopt` with a peer repairs it.',
  };
}

const UNKNOWN_TROUBLE: Trouble = { code: 'transfer-failed', message: 'The transfer failed.' };
const PROGRESS_KEYS = [
  'phase',
  'bytesDone',
  'percent',
  'checkedPercent',
  'downBytesPerSecond',
  'upBytesPerSecond',
  'uploadedBytes',
  'peers',
] as const;
/** A timer of Node's waits at most this long; 24 days of seeding are as good as more. */
const TIMER_MAX_MS = 2 ** 31 - 1;
