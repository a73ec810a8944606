export type { LayoutFile, PayloadLayout } from './payload-layout.ts';
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
export type { HashAlgorithm, Hasher } from './hasher.ts';
export { StoreError } from './store-error.ts';
export type { StoreErrorCode } from './store-error.ts';
