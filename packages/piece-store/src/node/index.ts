export { createFileStorage } from './file-storage.ts';
export type { FileStorageOptions } from './file-storage.ts';
export { hashPayload } from './hash-payload.ts';
export type { HashedPayload, HashPayloadOptions } from './hash-payload.ts';
export { isBelow } from './is-below.ts';
export type { PathRules } from './is-below.ts';
export { NodeHasher } from './node-hasher.ts';
export { whileBusy } from './rename-safely.ts';
export { replaceFile, replaceFiles } from './replace-file.ts';
