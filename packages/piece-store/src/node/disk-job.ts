import type { HashAlgorithm } from '../hasher.ts';

/** A run of a job's bytes in a file, or in padding that is on no disk (`path` empty). */
export interface JobExtent {
  /** Absolute; empty for padding. */
  readonly path: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
  /** The whole file's final length: what it is set to when it is created. */
  readonly fileLength: number;
  /** Create the file when it is not there and give it its final length; otherwise its absence is an error. */
  readonly create: boolean;
  /** It is created below this folder, never through a link in it. */
  readonly root: string;
}

/** Digest of one input. */
interface DigestJob {
  readonly type: 'digest';
  readonly algorithm: HashAlgorithm;
  readonly bytes: Uint8Array;
}

/** Hash a piece in a pool slot and, when it is right, write it. */
export interface WriteJob {
  readonly type: 'write';
  /** Whose files these are; a `release` closes them together. */
  readonly store: number;
  readonly slot: number;
  readonly length: number;
  /** Hex of the expected SHA-1. */
  readonly expected: string;
  readonly digestBlocks: boolean;
  /** Really allocate new files instead of leaving holes. */
  readonly allocate: boolean;
  readonly extents: readonly JobExtent[];
}

/** `digests`: 20 bytes a block, present when the piece is wrong or it was asked for. */
export interface WriteResult {
  readonly right: boolean;
  readonly digests: Uint8Array | undefined;
}

/** Hash pieces as they are on disk. */
export interface CheckJob {
  readonly type: 'check';
  /** For each piece the expected SHA-1 in hex and its extents. */
  readonly pieces: readonly { readonly expected: string; readonly extents: readonly JobExtent[] }[];
}

/** Look at files without opening them. */
interface SurveyJob {
  readonly type: 'survey';
  readonly paths: readonly string[];
  /** Look at what a symbolic link leads to. */
  readonly follow: boolean;
}

/** Three numbers a path: length in bytes (-1: nothing there, -2: not a plain file), mtime in ms, allocated 512-byte units. */
export type SurveyResult = Float64Array;

/** Close every file that is open for a store. */
interface ReleaseJob {
  readonly type: 'release';
  readonly store: number;
}

export type DiskJob = DigestJob | WriteJob | CheckJob | SurveyJob | ReleaseJob;

/** What each type of job answers. */
export interface DiskResults {
  digest: Uint8Array;
  write: WriteResult;
  /** One byte a piece: 1 is right. */
  check: Uint8Array;
  survey: SurveyResult;
  /** How many files were closed. */
  release: number;
}

/** What a worker is started with. */
export interface DiskWorkerData {
  readonly givesWay: boolean;
}

/** From the pool to a worker: first the memory of a slot that is new to it, then jobs that use it. */
export type PoolMessage =
  | { readonly slot: number; readonly memory: SharedArrayBuffer | undefined }
  | { readonly id: number; readonly job: DiskJob };

/** From a worker to the pool. A failure is what the platform said; `os-errors.ts` makes a `StoreError` of it. */
export type WorkerMessage =
  | { readonly id: number; readonly result: DiskResults[keyof DiskResults] }
  | { readonly id: number; readonly failure: PlatformFailure };

/** An error of the platform in a form that survives being posted. */
export interface PlatformFailure {
  readonly code: string | undefined;
  readonly message: string;
  readonly path: string | undefined;
}
