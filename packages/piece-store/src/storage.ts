import type { PayloadLayout } from './payload-layout.ts';
import type { AbortSignalLike, PieceStore, VerifyProgress } from './piece-store.ts';

/**
 * How a payload meets what already lies at its destination.
 * `download`: stage beside the destination, publish when complete; what stands at the destination is taken over if it verifies
 * whole, otherwise `destination-exists`.
 * `adopt`: as `download`, but an incomplete payload at the destination is moved into staging and completed.
 * `seed`: use what stands at the destination, where it stands; never write.
 */
export type OpenMode = 'download' | 'adopt' | 'seed';

export interface OpenRequest {
  /** Hex of the info-hash: names staging and resume data. */
  readonly id: string;
  readonly layout: PayloadLayout;
  /** Directory in which the payload's file or folder stands once published. */
  readonly directory: string;
  readonly mode: OpenMode;
  /** One entry for each file of the layout; absent means all. */
  readonly wantedFiles?: readonly boolean[];
  /** Called while existing content is checked; not called when resume data is trusted. */
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Looked at while existing content is checked; when aborted, `open` rejects with `closed`. */
  readonly signal?: AbortSignalLike;
}

/** Opens stores; owns what they share (the buffer pool, the worker threads). */
export interface Storage {
  /** Rejects with `StoreError`. */
  open(request: OpenRequest): Promise<PieceStore>;
  close(): Promise<void>;
}
