export { createFileStorage } from './file-storage.ts';
export type { FileStorageOptions } from './file-storage.ts';
export { hashPayload } from './hash-payload.ts';
export type { HashedPayload, HashPayloadOptions } from './hash-payload.ts';
export { NodeHasher } from './node-hasher.ts';
