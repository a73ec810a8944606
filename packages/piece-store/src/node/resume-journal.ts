/**
 * Keeps the resume record true.
 *
 * Claim: after a crash at any instant, a piece that is used without hashing is on disk and right. A piece goes through two sets.
 * `written`: verified and handed to the operating system; that survives the death of the process but not a power cut, so after a
 * crash these pieces are hashed again. `synced`: its files were flushed (fdatasync) after it was written and before the record was.
 * Each flush takes the pieces that were in `written` when it began; what is written meanwhile waits for the next.
 *
 * Files that we are writing change their mtime with each piece, after any record that could hold it. So while a session is open the
 * record does not hold the mtimes of files in staging, which nobody but us writes: their size and the two sets decide. For published
 * files, and after a clean close, size and mtime must be as recorded; otherwise the file's pieces are hashed.
 *
 * The record is written at most every second while there is news, a flush begins at most every five: both off the main thread.
 */
import { dirname } from 'node:path';
import { PieceSet } from '../piece-set.ts';
import { makeFolders } from './make-folders.ts';
import { storeErrorOf } from './os-errors.ts';
import { syncFiles } from './sync-files.ts';
import { replaceFile } from './replace-file.ts';
import { encodeResumeRecord } from './resume-record.ts';
import type { FileTable } from './file-table.ts';
import { extentsOf } from '../piece-geometry.ts';

const RECORD_INTERVAL_MS = 1000;
const SYNC_INTERVAL_MS = 5000;
/** One payload's journal. */
export class ResumeJournal {
  readonly #id: string;
  readonly #table: FileTable;
  readonly #synced: PieceSet;
  readonly #written: PieceSet;
  /** Sizes and mtimes by file; kept for files that do not change. */
  readonly #facts: Float64Array;
  #unsyncedFiles = new Set<number>();
  /** Something changed since the record was last written. */
  #news = false;
  #ours: boolean;
  #timer: NodeJS.Timeout | undefined;
  #lastSyncMs = performance.now();
  #work: Promise<void> = Promise.resolve();

  /** `synced`: pieces that are known to be right and on stable storage. */
  constructor(id: string, table: FileTable, synced: PieceSet, ours: boolean) {
    this.#id = id;
    this.#table = table;
    this.#synced = new PieceSet(synced.size, synced.toBits());
    this.#written = new PieceSet(synced.size);
    this.#facts = new Float64Array(table.layout.files.length * 2).fill(Number.NaN);
    this.#ours = ours;
  }

  /** True when what stands at the destination was put there by us. */
  get ours(): boolean {
    return this.#ours;
  }

  set ours(ours: boolean) {
    this.#ours = ours;
  }

  /** True when something is known that the record on disk does not say. */
  get changed(): boolean {
    return this.#news || this.#written.count > 0;
  }

  /** Notes what a file looks like on disk; NaN for an mtime that is about to change. */
  setFact(file: number, size: number, mtimeMs: number): void {
    this.#facts[file * 2] = size;
    this.#facts[file * 2 + 1] = mtimeMs;
  }

  /** A piece is right and in its files, but maybe not on stable storage: it was just written, or just read back. */
  pieceWritten(piece: number): void {
    if (this.#synced.has(piece) || !this.#written.add(piece)) return;
    for (const { file } of extentsOf(this.#table.layout, piece)) {
      if (!this.#table.layout.files[file]!.padding) this.#unsyncedFiles.add(file);
    }
    this.#schedule();
  }

  /** A piece is not right any more, or turned out not to be. */
  pieceLost(piece: number): void {
    if (this.#synced.delete(piece) || this.#written.delete(piece)) this.#schedule();
  }

  /** A piece of files that are not ours to write was read and is right; size and mtime guard it from here on. */
  pieceSeen(piece: number): void {
    if (this.#synced.add(piece)) this.#schedule();
  }

  /** Flushes everything written so far and records it. Rejects with `StoreError`. */
  sync(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#syncFiles();
      await this.#writeRecord('open');
    });
  }

  /** Writes the record now. Rejects with `StoreError`. */
  record(session: 'open' | 'clean'): Promise<void> {
    return this.#enqueue(() => this.#writeRecord(session));
  }

  /** Stops the timer and waits for what is under way, so that files can be moved or closed. The next news or `resume` starts it again. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#work;
  }

  /** Goes on after `stop`. */
  resume(): void {
    if (this.#news || this.#written.count > 0) this.#arm();
  }

  #schedule(): void {
    this.#news = true;
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      // A failure here is no loss: the next second tries again, and `flush` and `close` report theirs.
      this.#tick().then(
        () => this.#again(this.#news || this.#written.count > 0),
        () => this.#again(true),
      );
    }, RECORD_INTERVAL_MS);
    this.#timer.unref();
  }

  #again(more: boolean): void {
    if (this.#timer === undefined) return;
    this.#timer = undefined;
    if (more) this.#arm();
  }

  #tick(): Promise<void> {
    return this.#enqueue(async () => {
      if (performance.now() - this.#lastSyncMs >= SYNC_INTERVAL_MS) {
        // The record first: flushing may take long, and what was written meanwhile must not be fetched again.
        await this.#writeRecord('open');
        await this.#syncFiles();
      }
      if (this.#news) await this.#writeRecord('open');
    });
  }

  /** One after the other, also when one fails. */
  #enqueue(task: () => Promise<void>): Promise<void> {
    const turn = this.#work.then(task);
    this.#work = turn.catch(() => {
      // Reported to the caller by `turn`.
    });
    return turn;
  }

  async #syncFiles(): Promise<void> {
    const files = this.#unsyncedFiles;
    const pieces = [...this.#written];
    this.#unsyncedFiles = new Set();
    const { places } = this.#table;
    try {
      const paths = [...files].map((file) => this.#table.path(file));
      if (paths.length > 0) await syncFiles(paths, places.directory);
    } catch (error) {
      for (const file of files) this.#unsyncedFiles.add(file);
      throw storeErrorOf(error);
    } finally {
      this.#lastSyncMs = performance.now();
    }
    for (const piece of pieces) if (this.#written.delete(piece)) this.#synced.add(piece);
    this.#news ||= pieces.length > 0;
  }

  async #writeRecord(session: 'open' | 'clean'): Promise<void> {
    const { layout, places } = this.#table;
    this.#news = false;
    const bytes = encodeResumeRecord(this.#id, layout, {
      session,
      ours: this.#ours,
      facts: this.#facts,
      synced: this.#synced.toBits(),
      written: this.#written.toBits(),
    });
    try {
      await makeFolders(dirname(places.resume));
      await replaceFile(places.resume, bytes);
    } catch (error) {
      this.#news = true;
      throw storeErrorOf(error, places.resume);
    }
  }
}
