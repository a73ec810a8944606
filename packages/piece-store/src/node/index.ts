export { createFileStorage } from './file-storage.ts';
export type { FileStorageOptions } from './file-storage.ts';
export { NodeHasher } from './node-hasher.ts';
