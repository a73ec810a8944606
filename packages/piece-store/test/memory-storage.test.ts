import { createHash } from 'node:crypto';
import { MemoryStorage } from '../src/memory-storage.ts';
import { pieceStoreContract } from './contract/piece-store-contract.ts';

pieceStoreContract('MemoryStorage', () => {
  const storage = new MemoryStorage({
    defer: (task) => setImmediate(task),
    hasher: { digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest() },
  });
  return {
    storage,
    directory: '/there',
    otherDirectory: '/elsewhere',
    place: (sample) => storage.place('/there', sample.layout, sample.bytes),
    close: () => storage.close(),
  };
});
