import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { createFileStorage } from '@brine/piece-store/node';
import { pieceStoreContract } from './contract/piece-store-contract.ts';
import { placeFiles, temporaryDirectory } from './contract/temporary-directory.ts';

pieceStoreContract('file storage', () => {
  const { directory, remove } = temporaryDirectory();
  const storage = createFileStorage();
  const there = path.join(directory, 'there');
  mkdirSync(there);
  return {
    storage,
    directory: there,
    otherDirectory: path.join(directory, 'elsewhere'),
    place: (sample) => placeFiles(there, sample),
    close: async () => {
      await storage.close();
      remove();
    },
  };
});
