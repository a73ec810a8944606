import { availableParallelism } from 'node:os';
import type { LayoutFile, PayloadLayout } from '../payload-layout.ts';
import { extentsOf } from '../piece-geometry.ts';
import { choosePieceLength, isPieceLength } from '../piece-length.ts';
import type { AbortSignalLike } from '../piece-store.ts';
import { StoreError } from '../store-error.ts';
import type { HashJob } from './disk-job.ts';
import { DiskPool } from './disk-pool.ts';
import { listSource } from './payload-source.ts';
import type { PayloadSource, SourceFile } from './payload-source.ts';

/** Bytes a job, rounded up to whole pieces. */
const JOB_BYTES = 8 * 1024 * 1024;
const PATHS_PER_JOB = 2000;

/** How a payload is hashed for a new torrent. */
export interface HashPayloadOptions {
  /** Bytes; a power of two from 16 KiB to 16 MiB. Default by `choosePieceLength`. */
  readonly pieceLength?: number;
  /** Threads. Default: the number of cores. */
  readonly workersMax?: number;
  /** Take links for what they lead to. Default false: see `payload-source.ts`. */
  readonly followSymlinks?: boolean;
  /** What a reader makes of a path component (undefined: refuses it). Names that would change are listed in the result. Default: none would. */
  readonly safeComponent?: (component: string) => string | undefined;
  readonly onProgress?: (progress: { readonly bytesHashed: number; readonly bytesTotal: number }) => void;
  /** Looked at between pieces; when aborted, `closed` is thrown. */
  readonly signal?: AbortSignalLike;
}

/** A payload ready to be described in a torrent. */
export interface HashedPayload {
  readonly layout: PayloadLayout;
  /** Paths that other machines would spell differently or refuse: rename them, or live with it. */
  readonly unportable: readonly (readonly string[])[];
}

/**
 * Hashes a file or folder with all cores: each worker reads its own runs into its own memory. Rejects with `StoreError`:
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
  const pool = new DiskPool({ workersMax: options.workersMax ?? availableParallelism() });
  try {
    await hashInto(layout, source, pool, options);
    await expectUnchanged(source.files, pool);
  } finally {
    await pool.close();
  }
  const { safeComponent = (component) => component } = options;
  const unportable = [[layout.name], ...layout.files.map((file) => file.path)].filter((components) =>
    components.some((component) => safeComponent(component) !== component),
  );
  return { layout, unportable };
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
    pieceHashes: new Uint8Array(pieceCount * 20),
    files,
  };
}

/** Fills `layout.pieceHashes`. */
async function hashInto(
  layout: PayloadLayout,
  source: PayloadSource,
  pool: DiskPool,
  options: HashPayloadOptions,
): Promise<void> {
  const piecesPerJob = Math.ceil(JOB_BYTES / layout.pieceLength);
  let nextPiece = 0;
  let bytesHashed = 0;
  const lane = async (): Promise<void> => {
    while (nextPiece < layout.pieceCount) {
      if (options.signal?.aborted === true) throw new StoreError('closed', 'hashing was stopped');
      const first = nextPiece;
      nextPiece = Math.min(first + piecesPerJob, layout.pieceCount);
      const job = hashJob(layout, source.files, first, nextPiece);
      const length = job.extents.reduce((sum, extent) => sum + extent.length, 0);
      layout.pieceHashes.set(await pool.run<'hash'>(job, length), first * 20);
      bytesHashed += length;
      options.onProgress?.({ bytesHashed, bytesTotal: layout.totalLength });
    }
  };
  await Promise.all(Array.from({ length: pool.workersMax * 2 }, lane));
}

function hashJob(layout: PayloadLayout, files: readonly SourceFile[], first: number, end: number): HashJob {
  const length = Math.min(end * layout.pieceLength, layout.totalLength) - first * layout.pieceLength;
  const extents = extentsOf(layout, first, 0, length).map((extent) => ({
    path: files[extent.file]!.path,
    offset: extent.fileOffset,
    length: extent.length,
    fileLength: files[extent.file]!.length,
    create: false,
    root: '',
  }));
  return { type: 'hash', pieceLength: layout.pieceLength, extents };
}

/** A torrent of a file that changed under our hands would be one that nobody can complete. */
async function expectUnchanged(files: readonly SourceFile[], pool: DiskPool): Promise<void> {
  const content = files.filter((file) => file.symlink === undefined);
  for (let start = 0; start < content.length; start += PATHS_PER_JOB) {
    const part = content.slice(start, start + PATHS_PER_JOB);
    const paths = part.map((file) => file.path);
    const found = await pool.run<'survey'>({ type: 'survey', paths, follow: true }, 0);
    part.forEach((file, index) => {
      if (found[index * 3] === file.length && found[index * 3 + 1] === file.mtimeMs) return;
      throw new StoreError(
        'file-changed',
        `${file.path} changed while it was hashed; try again when nobody writes to it`,
        {
          path: file.path,
        },
      );
    });
  }
}
