export type { LayoutFile, PayloadLayout } from './payload-layout.ts';
export {
  blockCountOf,
  extentsOf,
  pieceHashAt,
  pieceLengthAt,
  piecesOf,
  wantedBytes,
  wantedPieceBits,
} from './piece-geometry.ts';
export type { FileExtent, PieceRange } from './piece-geometry.ts';
export { PieceSet } from './piece-set.ts';
export { choosePieceLength, isPieceLength } from './piece-length.ts';
export { BLOCK_LENGTH } from './piece-store.ts';
export type {
  AbortSignalLike,
  CommitOptions,
  CommitOutcome,
  PieceBuffer,
  PieceStore,
  VerifyOptions,
  VerifyProgress,
} from './piece-store.ts';
export type { OpenMode, OpenRequest, Storage } from './storage.ts';
export { MemoryStorage } from './memory-storage.ts';
export type { MemoryStorageOptions } from './memory-storage.ts';
export { PieceStoreWrapper } from './piece-store-wrapper.ts';
export { SlowStorage } from './slow-storage.ts';
export type { SlowStorageOptions } from './slow-storage.ts';
export { FaultyStorage } from './faulty-storage.ts';
export type { FaultScript, StoreOperation } from './faulty-storage.ts';
export { TIMING_BOUNDS_MS, TimedStorage } from './timed-storage.ts';
export type { Timing } from './timed-storage.ts';
export type { HashAlgorithm, Hasher } from './hasher.ts';
export { Sha256Fallback } from './sha256-fallback.ts';
export { StoreError } from './store-error.ts';
export type { StoreErrorCode } from './store-error.ts';
