import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LayoutFile, PayloadLayout } from '../payload-layout.ts';
import { choosePieceLength, isPieceLength } from '../piece-length.ts';
import type { AbortSignalLike } from '../piece-store.ts';
import { StoreError } from '../store-error.ts';
import { claimAll, HashShare, hashTask } from './hash-task.ts';
import type { HashTask } from './hash-task.ts';
import { HashThread } from './hash-thread.ts';
import { storeErrorOf } from './os-errors.ts';
import { listSource } from './payload-source.ts';
import type { PayloadSource, SourceFile } from './payload-source.ts';

/** What is worth a thread of its own: it takes about as long to start as to hash this many bytes four times. */
const THREAD_BYTES_MIN = 16 * 1024 * 1024;
/** Bytes that the calling thread hashes in a turn, about 1 ms; whole pieces all the same. */
const TURN_BYTES = 1024 * 1024;
const PATHS_PER_SURVEY = 2000;

/** How a payload is hashed for a new torrent. */
export interface HashPayloadOptions {
  /** Bytes; a power of two from 16 KiB to 16 MiB. Default by `choosePieceLength`. */
  readonly pieceLength?: number;
  /** Threads, the calling one counted when it hashes. Default: the number of cores. */
  readonly workersMax?: number;
  /**
   * Let the calling thread hash as well, a MiB at a time, instead of one thread more. Default false; it saves 20 ms where nothing else
   * is waiting for that thread.
   */
  readonly hashHere?: boolean;
  /** Take links for what they lead to. Default false: see `payload-source.ts`. */
  readonly followSymlinks?: boolean;
  /** What a reader makes of a path component (undefined: refuses it). Names that would change are listed in the result. Default: none would. */
  readonly safeComponent?: (component: string) => string | undefined;
  readonly onProgress?: (progress: { readonly bytesHashed: number; readonly bytesTotal: number }) => void;
  /** Looked at every few MiB; when aborted, `closed` is thrown. */
  readonly signal?: AbortSignalLike;
}

/** A payload ready to be described in a torrent. */
export interface HashedPayload {
  readonly layout: PayloadLayout;
  /** Paths that other machines would spell differently or refuse: rename them, or live with it. */
  readonly unportable: readonly (readonly string[])[];
}

/**
 * Hashes a file or folder with all cores: each thread claims pieces and reads them into its own memory. Rejects with `StoreError`:
 * `source-unsupported` for what a torrent cannot hold, `file-changed` when a file changed meanwhile.
 */
export async function hashPayload(at: string, options: HashPayloadOptions = {}): Promise<HashedPayload> {
  if (options.pieceLength !== undefined && !isPieceLength(options.pieceLength)) {
    throw new StoreError(
      'source-unsupported',
      `piece length ${options.pieceLength} is not a power of two from 16 KiB to 16 MiB`,
    );
  }
  const source = await listSource(at, options);
  const layout = layoutOf(source, options.pieceLength);
  if (layout.totalLength === 0) {
    throw new StoreError('source-unsupported', `${at} has no content to share`, { path: at });
  }
  const digests = await hashFiles(layout, source.files, options);
  const { safeComponent = (component) => component } = options;
  const unportable = [[layout.name], ...layout.files.map((file) => file.path)].filter((components) =>
    components.some((component) => safeComponent(component) !== component),
  );
  return { layout: { ...layout, pieceHashes: digests }, unportable };
}

function layoutOf(source: PayloadSource, asked: number | undefined): PayloadLayout {
  let offset = 0;
  const files = source.files.map((file): LayoutFile => {
    const entry = {
      path: file.components,
      length: file.length,
      offset,
      padding: false,
      executable: file.executable,
      hidden: false,
      ...(file.symlink === undefined ? {} : { symlink: file.symlink }),
    };
    offset += file.length;
    return entry;
  });
  const pieceLength = asked ?? choosePieceLength(offset);
  const pieceCount = Math.ceil(offset / pieceLength);
  const { name, folder } = source;
  return {
    name,
    folder,
    pieceLength,
    pieceCount,
    totalLength: offset,
    pieceHashes: new Uint8Array(0),
    files,
  };
}

/** The digests of all pieces, 20 bytes each. */
async function hashFiles(
  layout: PayloadLayout,
  files: readonly SourceFile[],
  options: HashPayloadOptions,
): Promise<Uint8Array> {
  const paths = files.map((file) => file.path);
  const task = hashTask(layout, paths);
  let bytesHashed = 0;
  const onHashed = (bytes: number): void => {
    if (options.signal?.aborted === true) throw new StoreError('closed', 'hashing was stopped');
    bytesHashed += bytes;
    if (bytes > 0) options.onProgress?.({ bytesHashed, bytesTotal: layout.totalLength });
  };
  onHashed(0);
  const threads = Array.from({ length: threadCount(layout, options) }, () => new HashThread(task, onHashed));
  try {
    const shares = threads.map((thread) => thread.hashed);
    if (options.hashHere === true) shares.push(hashHere(task, onHashed));
    await Promise.all(shares);
    await expectUnchanged(files, threads[0]!);
  } catch (error) {
    claimAll(task);
    await Promise.all(threads.map((thread) => thread.close()));
    throw error;
  }
  // They have nothing open and nothing to do any more: nobody need wait until they have ended.
  for (const thread of threads) void thread.close();
  return new Uint8Array(task.digests.slice(0));
}

function threadCount({ totalLength }: PayloadLayout, options: HashPayloadOptions): number {
  const threads = options.workersMax ?? availableParallelism();
  const others = options.hashHere === true ? threads - 1 : threads;
  return Math.max(1, Math.min(others, Math.ceil(totalLength / THREAD_BYTES_MIN)));
}

/** The calling thread's share, with a turn of everything else after each MiB. */
async function hashHere(task: HashTask, onHashed: (bytes: number) => void): Promise<void> {
  const share = new HashShare(task);
  const hashSome = (): number => {
    try {
      return share.next(TURN_BYTES);
    } catch (error) {
      throw storeErrorOf(error);
    }
  };
  try {
    for (let bytes = hashSome(); bytes > 0; bytes = hashSome()) {
      onHashed(bytes);
      await nextTurn();
    }
  } finally {
    share.close();
  }
}

/** A torrent of a file that changed under our hands would be one that nobody can complete. */
async function expectUnchanged(files: readonly SourceFile[], thread: HashThread): Promise<void> {
  const content = files.filter((file) => file.symlink === undefined);
  for (let start = 0; start < content.length; start += PATHS_PER_SURVEY) {
    const part = content.slice(start, start + PATHS_PER_SURVEY);
    const found = await thread.survey(part.map((file) => file.path));
    const changed = part.find(
      (file, index) => found[index * 3] !== file.length || found[index * 3 + 1] !== file.mtimeMs,
    );
    if (changed === undefined) continue;
    const { path } = changed;
    throw new StoreError(
      'file-changed',
      `${path} changed while it was hashed; try again when nobody writes to it`,
      {
        path,
      },
    );
  }
}
