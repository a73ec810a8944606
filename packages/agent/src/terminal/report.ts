import type { PeerClass } from '@brine/swarm';
import type { PeerAddress } from '@brine/wire';

/** What the work is at: a torrent's phase, or `hashing` while a torrent file is being made. */
export type ReportedPhase =
  | 'resolving'
  | 'opening'
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'waiting'
  | 'paused'
  | 'failed'
  | 'hashing';

/** Progress of any long work. The fields after `etaSeconds` are there for transfers only. */
export interface Progress {
  readonly event: 'progress';
  readonly phase: ReportedPhase;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Two decimals, rounded down: 100 means complete, verified and published, never "almost". */
  readonly percent: number;
  /** Of the check, while `phase` is `checking`. */
  readonly checkedPercent?: number;
  readonly etaSeconds?: number;
  readonly downBytesPerSecond?: number;
  readonly upBytesPerSecond?: number;
  readonly downloadedBytes?: number;
  readonly uploadedBytes?: number;
  readonly peers?: number;
  readonly traffic?: Traffic;
  /** The label of the site that this machine is at, if somebody configured one. */
  readonly site?: string;
}

/** Payload bytes received and sent by how near the peer was; see `PeerClass`. */
export type Traffic = Readonly<
  Record<PeerClass, { readonly downloadedBytes: number; readonly uploadedBytes: number }>
>;

/** Everything that a command tells while it works and when it is done; with `--json`, one line of JSON each. */
export type Report =
  | { readonly event: 'listening'; readonly address: PeerAddress }
  /** Content is verified or trusted and can be served. */
  | { readonly event: 'ready'; readonly name: string; readonly infoHash: string }
  | Progress
  /** Everything wanted is verified, written and published. */
  | {
      readonly event: 'complete';
      readonly name: string;
      readonly infoHash: string;
      /** Where the payload's file or folder stands. */
      readonly path: string;
      readonly bytesTotal: number;
      readonly downloadedBytes: number;
      readonly wastedBytes: number;
      readonly traffic: Traffic;
      readonly site?: string;
      readonly seconds: number;
    }
  /** Ended by a signal or because the time for seeding is over. */
  | { readonly event: 'stopped'; readonly percent: number; readonly uploadedBytes: number }
  | {
      readonly event: 'created';
      readonly file: string;
      readonly name: string;
      readonly infoHash: string;
      readonly magnet: string;
      readonly bytesTotal: number;
      readonly fileCount: number;
      readonly pieceLength: number;
      readonly pieceCount: number;
      readonly seconds: number;
    }
  | {
      readonly event: 'verified';
      readonly name: string;
      readonly ok: boolean;
      readonly piecesGood: number;
      readonly pieceCount: number;
      readonly bytesTotal: number;
      readonly damagedFiles: readonly DamagedFile[];
      readonly seconds: number;
    }
  /** Something went wrong that the command can live with. */
  | { readonly event: 'warning'; readonly code: string; readonly message: string }
  /** The last word of a command that failed. */
  | { readonly event: 'error'; readonly code: string; readonly message: string };

/** A file that does not hold what the torrent says. */
export interface DamagedFile {
  /** Below the directory given, with slashes. */
  readonly path: string;
  readonly problem: 'missing' | 'wrong-size' | 'wrong-content';
}

/** Presents reports: as a bar, as plain lines or as JSON Lines. */
export interface Reporter {
  /** How often progress is worth telling, milliseconds. */
  readonly intervalMs: number;
  tell(report: Report): void;
  /** Gives the terminal back. Idempotent. */
  close(): void;
}
