import * as path from 'node:path';
import type { PieceStore } from '../piece-store.ts';
import { StoreError } from '../store-error.ts';
import type { OpenRequest, Storage } from '../storage.ts';
import { BufferPool } from './buffer-pool.ts';
import { Checker } from './checker.ts';
import { DiskPool } from './disk-pool.ts';
import { openContent } from './open-content.ts';
import { Places, relativeNames } from './places.ts';
import { FileStore } from './file-store.ts';
import { ReadFiles } from './read-files.ts';

/** How files are kept. Everything has a default. */
export interface FileStorageOptions {
  /** Where resume data is kept. Default: `.brine` in each payload's directory. */
  readonly stateDirectory?: string;
  /** Bytes of pieces in the making, over all payloads. Default 32 MiB; at least 8 pieces (4 above 4 MiB) are always possible. */
  readonly poolBytes?: number;
  /** Threads that hash and write. Default 1 below the number of cores, from 1 to 4: the engine's own thread needs one too. */
  readonly workersMax?: number;
  /** Threads that hash what is on disk, when a payload is opened or verified. Default: the number of cores. */
  readonly checkWorkersMax?: number;
  /** `sparse` (default): files take the space of the bytes they have. `full`: all of it from the first write, so that a full disk shows early. */
  readonly allocation?: 'sparse' | 'full';
  /** Flush to stable storage before publishing. Default false: publish first, flush in the background; resume data is safe either way. */
  readonly durablePublish?: boolean;
  /** Files kept open for reading. Default 256. Each writing thread keeps up to 64 more. */
  readonly openFilesMax?: number;
}

/** A `Storage` on the file system. */
export function createFileStorage(options: FileStorageOptions = {}): Storage {
  return new FileStorage(options);
}

class FileStorage implements Storage {
  readonly #options: FileStorageOptions;
  readonly #pool: DiskPool;
  readonly #checker: Checker;
  readonly #buffers: BufferPool;
  readonly #readFiles: ReadFiles;
  /** By staging path: a payload can be open once. Undefined while it is being opened. */
  readonly #stores = new Map<string, FileStore | undefined>();
  #nextStore = 1;
  #closed = false;

  constructor(options: FileStorageOptions) {
    this.#options = options;
    this.#pool = new DiskPool({ workersMax: options.workersMax });
    this.#checker = new Checker({ workersMax: options.checkWorkersMax });
    this.#buffers = new BufferPool(options.poolBytes ?? 32 * 1024 * 1024, (slot) =>
      this.#pool.dropSlot(slot),
    );
    this.#readFiles = new ReadFiles(options.openFilesMax ?? 256);
  }

  async open(request: OpenRequest): Promise<PieceStore> {
    if (this.#closed) throw new StoreError('closed', 'the storage is closed');
    if (!/^[0-9a-f]{40,64}$/i.test(request.id)) {
      throw new StoreError('source-unsupported', `"${request.id}" is not an info-hash in hex`);
    }
    const names = relativeNames(request.layout);
    const placesIn = (directory: string): Places =>
      new Places(request.layout, request.id, directory, this.#options.stateDirectory, names);
    const places = placesIn(path.resolve(request.directory));
    let key = places.staging;
    if (this.#stores.has(key)) {
      throw new StoreError('file-busy', `${places.destination} is open already`, {
        path: places.destination,
      });
    }
    this.#stores.set(key, undefined);
    try {
      const content = await openContent(request, {
        pool: this.#pool,
        places,
        checker: this.#checker,
      });
      const store: FileStore = new FileStore({
        request,
        content,
        placesIn,
        number: this.#nextStore++,
        pool: this.#pool,
        checker: this.#checker,
        buffers: this.#buffers,
        readFiles: this.#readFiles,
        options: this.#options,
        moved: (to) => {
          this.#stores.delete(key);
          key = to.staging;
          this.#stores.set(key, store);
        },
        closed: () => this.#stores.delete(key),
      });
      await store.begin();
      this.#stores.set(key, store);
      return store;
    } catch (error) {
      this.#stores.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const results = await Promise.allSettled(
      [...this.#stores.values()].flatMap((store) => store?.close() ?? []),
    );
    this.#readFiles.closeWhere(() => true);
    await Promise.all([this.#pool.close(), this.#checker.close()]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}
