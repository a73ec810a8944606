import type { PayloadLayout } from './payload-layout.ts';
import type { StoreError } from './store-error.ts';

/** Bytes per block: the unit of requests on the wire and of blame for corrupt data (BEP 3 practice). */
export const BLOCK_LENGTH: number = 16 * 1024;

/** A place in the store's bounded pool, lent to whoever assembles a piece. */
export interface PieceBuffer {
  readonly piece: number;
  /** Exactly as long as the piece. Undefined content at first; may take memory only when it is first looked at. */
  readonly bytes: Uint8Array;
}

/** What became of a committed piece. */
export type CommitOutcome =
  /** Right and written; the buffer went back to the pool. Block digests as asked for. */
  | { readonly type: 'stored'; readonly blockDigests?: readonly Uint8Array[] }
  /** Wrong; nothing was written, the buffer went back to the pool. One digest for each block, for blame. */
  | { readonly type: 'corrupt'; readonly blockDigests: readonly Uint8Array[] }
  /** The disk failed. The buffer still belongs to the caller, who commits it again later or gives it back. */
  | { readonly type: 'failed'; readonly error: StoreError };

export interface CommitOptions {
  /** Digest every block also when the piece is right: to compare with an earlier, corrupt, attempt. */
  readonly digestBlocks?: boolean;
}

export interface VerifyProgress {
  readonly piecesChecked: number;
  readonly piecesTotal: number;
}

export interface VerifyOptions {
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignalLike;
}

/** The part of an AbortSignal that the store looks at. */
export interface AbortSignalLike {
  readonly aborted: boolean;
}

/**
 * One payload's verified content. Everything that a block passes through (`borrow`, `commit`, `read`) is free of promises:
 * answers come by callback, never from inside the call. The rest is control, and asynchronous.
 */
export interface PieceStore {
  readonly layout: PayloadLayout;
  /** Pieces that are verified and in their files. */
  readonly verifiedCount: number;
  /** True when every wanted file stands complete under its final name. */
  readonly published: boolean;
  has(piece: number): boolean;
  /** A copy, in BEP 3 bit order, spare bits zero. */
  verifiedBits(): Uint8Array;

  /** Lends a buffer for one piece; undefined when the pool is exhausted, which means: request nothing new. */
  borrow(piece: number): PieceBuffer | undefined;
  /** Takes a buffer back unused. */
  giveBack(buffer: PieceBuffer): void;
  /** Hashes and writes, both off the calling thread. */
  commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void;
  /**
   * Fills `targets` one after the other with the bytes of `piece` from `begin` on; their lengths sum to at most what the piece
   * holds there. Scatter reads let the caller keep gaps for message headers. Only verified pieces can be read.
   */
  read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void;

  /** Hashes what is on disk, all of it, and corrects `has` both ways. */
  verify(options?: VerifyOptions): Promise<void>;
  /** Which files are wanted (as many entries as `layout.files`); pieces that touch none need not be fetched. */
  setWanted(files: readonly boolean[]): Promise<void>;
  /** Puts the complete, wanted files under their final names. Idempotent. */
  publish(): Promise<void>;
  /** Moves the payload to another directory, published or staged; reading goes on from the new place. */
  move(directory: string): Promise<void>;
  /** Deletes what this store created, and nothing else. The store is closed afterwards. */
  remove(options: { readonly data: boolean }): Promise<void>;
  /** Makes everything verified so far survive a power cut. */
  flush(): Promise<void>;
  /** Flushes and lets go of every file. */
  close(): Promise<void>;
}
