import type { PayloadLayout } from '../payload-layout.ts';
import { isContent } from './file-table.ts';
import { pieceHashAt, pieceLengthAt, piecesOf, wantedPieceBits } from '../piece-geometry.ts';
import type { PieceSet } from '../piece-set.ts';
import type { CommitOptions, CommitOutcome, PieceBuffer, PieceStore, VerifyOptions } from '../piece-store.ts';
import { StoreError } from '../store-error.ts';
import type { OpenRequest } from '../storage.ts';
import { LentBuffer } from './buffer-pool.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { Checker } from './checker.ts';
import type { WriteResult } from './disk-job.ts';
import type { DiskPool } from './disk-pool.ts';
import type { FileStorageOptions } from './file-storage.ts';
import type { FileTable } from './file-table.ts';
import type { OpenedContent } from './open-content.ts';
import { OperationGate } from './operation-gate.ts';
import { storeErrorOf } from './os-errors.ts';
import type { Places } from './places.ts';
import { publishFiles, removeEmptyStaging } from './publication.ts';
import type { ReadFiles } from './read-files.ts';
import { readScattered } from './read-path.ts';
import { movePayload, parkAndUnpark, removePayload } from './relocation.ts';
import { ResumeJournal } from './resume-journal.ts';
import { surveyPlace } from './survey.ts';

/** What a store gets from its storage. */
export interface FileStoreParts {
  readonly request: OpenRequest;
  readonly content: OpenedContent;
  readonly placesIn: (directory: string) => Places;
  /** Names the store in jobs. */
  readonly number: number;
  readonly pool: DiskPool;
  readonly checker: Checker;
  readonly buffers: BufferPool;
  readonly readFiles: ReadFiles;
  readonly options: FileStorageOptions;
  readonly moved: (to: Places) => void;
  readonly closed: () => void;
}

/** One payload in files. What happens to a piece is here; what happens to the files as a whole is in the files it imports. */
export class FileStore implements PieceStore {
  readonly layout: PayloadLayout;
  readonly #parts: FileStoreParts;
  readonly #table: FileTable;
  readonly #verified: PieceSet;
  readonly #journal: ResumeJournal;
  readonly #gate = new OperationGate();
  readonly #lent = new Set<LentBuffer>();
  #wanted: (file: number) => boolean;
  #wantedBits: Uint8Array;
  #published = false;
  #closing: Promise<void> | undefined;

  constructor(parts: FileStoreParts) {
    const { request, content } = parts;
    this.layout = request.layout;
    this.#parts = parts;
    this.#table = content.table;
    this.#verified = content.verified;
    this.#journal = new ResumeJournal(request.id, content.table, content.trusted, content.ours);
    this.#wanted = selection(request.wantedFiles);
    this.#wantedBits = wantedPieceBits(this.layout, request.wantedFiles);
    for (const piece of content.verified) if (!content.trusted.has(piece)) this.#correct(piece, true);
    for (const { file, size, mtimeMs } of content.facts)
      this.#journal.setFact(file, size, this.#steady(file, mtimeMs));
  }

  /** Puts files and record in order before the first piece comes. Called once. Rejects with `StoreError`. */
  async begin(): Promise<void> {
    if (!this.#seeds) await parkAndUnpark(this.#table, this.#wanted);
    this.#published = this.#standsComplete();
    if (this.#parts.content.recorded && this.#published) return;
    await this.#record(this.#published ? 'clean' : 'open');
    if (this.#published && !this.#seeds) await removeEmptyStaging(this.#table);
  }

  get verifiedCount(): number {
    return this.#verified.count;
  }

  get published(): boolean {
    return this.#published;
  }

  has(piece: number): boolean {
    return this.#verified.has(piece);
  }

  verifiedBits(): Uint8Array {
    return this.#verified.toBits();
  }

  borrow(piece: number): PieceBuffer | undefined {
    if (this.#closing !== undefined) return undefined;
    const buffer = this.#parts.buffers.lend(
      this.#parts.number,
      piece,
      pieceLengthAt(this.layout, piece),
      this.layout.pieceLength,
    );
    if (buffer !== undefined) this.#lent.add(buffer);
    return buffer;
  }

  giveBack(buffer: PieceBuffer): void {
    if (!(buffer instanceof LentBuffer) || !this.#lent.delete(buffer)) return;
    this.#parts.buffers.giveBack(buffer, this.layout.pieceLength);
  }

  commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    const refusal = this.#refusal(buffer);
    if (refusal !== undefined) {
      queueMicrotask(() => done({ type: 'failed', error: refusal }));
      return;
    }
    this.#gate.enter(() => this.#write(buffer, options, done));
  }

  read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    const refusal = this.#readRefusal(piece, begin, targets);
    if (refusal !== undefined) {
      queueMicrotask(() => done(refusal));
      return;
    }
    this.#gate.enter(() =>
      readScattered(this.#table, this.#parts.readFiles, piece, begin, targets, (failure) => {
        this.#gate.leave();
        if (failure === undefined) done(undefined);
        else
          done(this.#fileFailed(failure.file, storeErrorOf(failure.cause, this.#table.path(failure.file))));
      }),
    );
  }

  verify(options: VerifyOptions = {}): Promise<void> {
    return this.#alone(async () => {
      const pieces = Array.from({ length: this.layout.pieceCount }, (_, piece) => piece);
      const { checker } = this.#parts;
      await checker.check(this.#table, pieces, (piece, right) => this.#correct(piece, right), options);
      await this.#refresh();
      this.#published = this.#standsComplete();
      await this.#record('open');
    });
  }

  setWanted(files: readonly boolean[]): Promise<void> {
    return this.#alone(async () => {
      this.#wanted = selection(files);
      this.#wantedBits = wantedPieceBits(this.layout, files);
      if (!this.#seeds) await parkAndUnpark(this.#table, this.#wanted);
      this.#published = this.#standsComplete();
      await this.#record('open');
    });
  }

  publish(): Promise<void> {
    return this.#alone(async () => {
      if (this.#published || this.#seeds || !this.#verified.covers(this.#wantedBits)) return;
      if (this.#parts.options.durablePublish === true) await this.#journal.sync();
      await this.#journal.stop();
      await publishFiles(this.#table, this.#wanted);
      this.#journal.ours = true;
      await this.#refresh();
      this.#published = this.#standsComplete();
      await this.#record('open');
    });
  }

  move(directory: string): Promise<void> {
    return this.#alone(async () => {
      await this.#journal.stop();
      await movePayload(this.#table, this.#parts.placesIn(directory));
      this.#parts.moved(this.#table.places);
      await this.#refresh();
      await this.#record('open');
    });
  }

  async remove(options: { readonly data: boolean }): Promise<void> {
    await this.#alone(async () => {
      await this.#journal.stop();
      await removePayload(this.#table, { published: options.data && this.#journal.ours && !this.#seeds });
    });
    await this.#end(() => Promise.resolve());
  }

  async flush(): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    await this.#journal.sync();
  }

  close(): Promise<void> {
    return this.#end(async () => {
      if (this.#parts.content.recorded && !this.#journal.changed) return;
      if (!this.#seeds) await this.#journal.sync();
      await this.#refresh('clean');
      await this.#record('clean');
    });
  }

  get #seeds(): boolean {
    return this.#parts.request.mode === 'seed';
  }

  #isLent(buffer: PieceBuffer): buffer is LentBuffer {
    return buffer instanceof LentBuffer && this.#lent.has(buffer);
  }

  #refusal(buffer: PieceBuffer): StoreError | undefined {
    if (this.#closing !== undefined) return closedError();
    if (!this.#isLent(buffer))
      return new StoreError('closed', `the buffer of piece ${buffer.piece} was given back`);
    if (this.#seeds)
      return new StoreError('read-only', 'this payload is seeded where it stands; open it to download');
    return undefined;
  }

  #readRefusal(piece: number, begin: number, targets: readonly Uint8Array[]): StoreError | undefined {
    if (this.#closing !== undefined) return closedError();
    if (!this.#verified.has(piece)) return new StoreError('file-missing', `piece ${piece} is not here`);
    const end = targets.reduce((sum, target) => sum + target.length, begin);
    const length = pieceLengthAt(this.layout, piece);
    if (begin >= 0 && end <= length) return undefined;
    return new StoreError('io-failed', `piece ${piece} has ${length} bytes; asked for ${begin} to ${end}`);
  }

  #write(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    const { piece, bytes } = buffer;
    const slot = this.#isLent(buffer) ? buffer.slot : undefined;
    if (slot === undefined) {
      this.#gate.leave();
      done({ type: 'failed', error: closedError() });
      return;
    }
    this.#parts.pool.start<'write'>(
      {
        type: 'write',
        store: this.#parts.number,
        slot: slot.number,
        length: bytes.length,
        expected: hexOf(pieceHashAt(this.layout, piece)),
        digestBlocks: options.digestBlocks === true,
        allocate: this.#parts.options.allocation === 'full',
        extents: this.#table.jobExtents(piece),
      },
      bytes.length,
      (error, result) => {
        this.#gate.leave();
        done(error === undefined ? this.#written(buffer, result) : this.#notWritten(piece, error));
      },
      slot,
    );
  }

  #written(buffer: PieceBuffer, result: WriteResult): CommitOutcome {
    const { piece } = buffer;
    this.giveBack(buffer);
    const blockDigests = result.digests === undefined ? undefined : digestsOf(result.digests);
    if (!result.right) return { type: 'corrupt', blockDigests: blockDigests ?? [] };
    this.#table.pieceOnDisk(piece);
    this.#verified.add(piece);
    this.#journal.pieceWritten(piece);
    return blockDigests === undefined ? { type: 'stored' } : { type: 'stored', blockDigests };
  }

  #notWritten(piece: number, error: StoreError): CommitOutcome {
    const file = this.#table.fileAt(piece, error.path);
    return { type: 'failed', error: file === undefined ? error : this.#fileFailed(file, error) };
  }

  /** A file that has gone takes its pieces with it; the next commit makes it anew, in staging. */
  #fileFailed(file: number, error: StoreError): StoreError {
    if (error.code !== 'file-missing' && error.code !== 'file-changed') return error;
    const { first, end } = piecesOf(this.layout, file);
    for (let piece = first; piece < end; piece++) this.#correct(piece, false);
    this.#fileLost(file, error.code === 'file-changed');
    return error;
  }

  /** A file is gone, or has the wrong length: the next commit makes it anew, or gives it the right one. */
  #fileLost(file: number, stillThere: boolean): void {
    this.#table.setOnDisk(file, false);
    if (!this.#seeds && !stillThere && this.#table.placeOf(file) === 'published') {
      this.#table.setPlace(file, 'staged');
    }
    this.#published = false;
  }

  #correct(piece: number, right: boolean): void {
    if (right) {
      this.#verified.add(piece);
      if (this.#seeds) this.#journal.pieceSeen(piece);
      else this.#journal.pieceWritten(piece);
    } else {
      this.#verified.delete(piece);
      this.#journal.pieceLost(piece);
    }
  }

  /** Every wanted file is at its final name and all its pieces are right. */
  #standsComplete(): boolean {
    if (!this.#verified.covers(this.#wantedBits)) return false;
    return this.layout.files.every(
      (entry, file) => !isContent(entry) || !this.#wanted(file) || this.#table.placeOf(file) === 'published',
    );
  }

  /** Looks at the files again and notes what they are like now. */
  async #refresh(session: 'open' | 'clean' = 'open'): Promise<void> {
    const { pool } = this.#parts;
    for (const place of ['published', 'staged', 'parked'] as const) {
      const files = this.layout.files.flatMap((entry, file) =>
        isContent(entry) && this.#table.placeOf(file) === place && this.#table.onDisk(file) ? [file] : [],
      );
      for (const { file, size, mtimeMs } of await surveyPlace(pool, this.#table, files, place, this.#seeds)) {
        this.#journal.setFact(file, size, session === 'clean' ? mtimeMs : this.#steady(file, mtimeMs));
        if (size !== this.layout.files[file]!.length) this.#fileLost(file, size >= 0);
      }
    }
  }

  /** The mtime to record while a session is open: none for a file that we may write at any moment. */
  #steady(file: number, mtimeMs: number): number {
    return this.#table.placeOf(file) === 'published' ? mtimeMs : Number.NaN;
  }

  /** A payload that is only seeded may lie where nothing can be written; then the next start hashes again. */
  async #record(session: 'open' | 'clean'): Promise<void> {
    try {
      await this.#journal.record(session);
    } catch (error) {
      if (!this.#seeds) throw error;
    }
  }

  /** Runs `task` when no piece is on its way, with every file of this payload closed. */
  #alone<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    return this.#gate.exclusive(async () => {
      await this.#letGo();
      try {
        return await task();
      } finally {
        this.#journal.resume();
      }
    });
  }

  async #letGo(): Promise<void> {
    const { places } = this.#table;
    this.#parts.readFiles.closeWhere((path) => places.hold(path));
    await this.#parts.pool.tellAll({ type: 'release', store: this.#parts.number });
  }

  #end(finish: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#gate.exclusive(async () => {
      await this.#letGo();
      for (const buffer of this.#lent) this.giveBack(buffer);
      try {
        await finish();
      } catch (error) {
        throw storeErrorOf(error);
      } finally {
        await this.#journal.stop();
        this.#parts.closed();
      }
    });
    return this.#closing;
  }
}

function selection(wanted: readonly boolean[] | undefined): (file: number) => boolean {
  return (file) => wanted?.[file] ?? true;
}

function digestsOf(digests: Uint8Array): Uint8Array[] {
  return Array.from({ length: digests.length / 20 }, (_, block) =>
    digests.subarray(block * 20, block * 20 + 20),
  );
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function closedError(): StoreError {
  return new StoreError('closed', 'the store is closed');
}
