/**
 * Finds out which pieces are already there when a payload is opened, hashing as little as is safe. The reasons are told in
 * `resume-journal.ts`; here they are applied:
 *
 * | file | with a record | without |
 * | --- | --- | --- |
 * | absent, or staged and one hole | its pieces are not there | the same |
 * | staged, session was left open, length right | synced pieces trusted, written ones hashed | all hashed |
 * | size and mtime as recorded | synced pieces trusted, written ones hashed | all hashed |
 * | anything else | all its pieces hashed | all hashed |
 */
import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { extentsOf, piecesOf, wantedPieceBits } from '../piece-geometry.ts';
import { PieceSet } from '../piece-set.ts';
import { StoreError } from '../store-error.ts';
import type { OpenRequest } from '../storage.ts';
import type { Checker } from './checker.ts';
import type { DiskPool } from './disk-pool.ts';
import { FileTable, isContent } from './file-table.ts';
import { makeFolders } from './make-folders.ts';
import { storeErrorOf } from './os-errors.ts';
import type { Place, Places } from './places.ts';
import { isThere, renameFile, renameFolder } from './rename-safely.ts';
import { decodeResumeRecord } from './resume-record.ts';
import type { ResumeRecord } from './resume-record.ts';
import { surveyPlace } from './survey.ts';
import type { FileFact } from './survey.ts';

/** What was found. */
export interface OpenedContent {
  readonly table: FileTable;
  readonly verified: PieceSet;
  /** Those of them that were not hashed, because the record vouches for them. */
  readonly trusted: PieceSet;
  /** What is at the destination was put there by us. */
  readonly ours: boolean;
  /** As found, for the resume record. */
  readonly facts: readonly FileFact[];
  /** True when the record on disk says all this already. */
  readonly recorded: boolean;
}

export interface OpenContentOptions {
  readonly pool: DiskPool;
  readonly places: Places;
  readonly checker: Checker;
}

/** Rejects with `StoreError`. */
export async function openContent(request: OpenRequest, options: OpenContentOptions): Promise<OpenedContent> {
  const { layout, mode, wantedFiles } = request;
  const { places, pool, checker } = options;
  const table = new FileTable(layout, places, wantedFiles);
  const destination = await standsThere(places.destination);
  if (mode === 'seed' && !destination) {
    throw new StoreError('file-missing', `nothing to seed at ${places.destination}; check the path`, {
      path: places.destination,
    });
  }
  const record = await readRecord(request, places);
  const facts = await findFiles(table, pool, { destination, seed: mode === 'seed' });
  const verified = new PieceSet(layout.pieceCount);
  const suspects = sortPieces(table, facts, record, verified);
  const trusted = new PieceSet(layout.pieceCount, verified.toBits());
  let unchanged = record?.session === 'clean' && suspects.length === 0;
  const { onProgress, signal } = request;
  await checker.check(table, suspects, (piece, right) => void (right && verified.add(piece)), {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (signal?.aborted === true)
    throw new StoreError('closed', `opening ${places.destination} was called off`);
  let ours = record?.ours ?? false;
  if (mode !== 'seed' && destination) {
    const taken = await meetDestination(request, table, facts, verified, ours);
    if (taken === 'adopted') {
      ours = true;
      unchanged = false;
    }
  }
  return { table, verified, trusted, ours, facts, recorded: unchanged && record?.ours === ours };
}

async function readRecord(request: OpenRequest, places: Places): Promise<ResumeRecord | undefined> {
  try {
    return decodeResumeRecord(request.id, request.layout, await readFile(places.resume));
  } catch (error) {
    // Without a record everything is hashed: slower, never wrong.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

/** A link at the top may lead to the payload; that is the user's choice. */
async function standsThere(destination: string): Promise<boolean> {
  try {
    await stat(destination);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw storeErrorOf(error, destination);
  }
}

/** Looks for each file where it is meant to be seen first, and notes in the table where it is. */
async function findFiles(
  table: FileTable,
  pool: DiskPool,
  look: { readonly destination: boolean; readonly seed: boolean },
): Promise<FileFact[]> {
  const found: FileFact[] = [];
  let missing = table.layout.files.flatMap((entry, file) => (isContent(entry) ? [file] : []));
  const staging = !look.seed && (await isThere(table.places.staging));
  const search: readonly (readonly [Place, boolean])[] = [
    ['published', look.destination],
    ['staged', staging],
    ['parked', staging],
  ];
  if (look.seed) for (const file of table.layout.files.keys()) table.setPlace(file, 'published');
  for (const [place, worthwhile] of search) {
    if (!worthwhile) continue;
    const facts = await surveyPlace(pool, table, missing, place, look.seed);
    missing = [];
    for (const fact of facts) {
      if (fact.size === -1) {
        missing.push(fact.file);
        continue;
      }
      found.push(fact);
      table.setPlace(fact.file, place);
      table.setOnDisk(fact.file, fact.size === table.layout.files[fact.file]!.length);
    }
  }
  return found;
}

const ABSENT = 0;
const TRUSTED = 1;
const SUSPECT = 2;

/** Adds the pieces that need no hashing to `verified`; returns those that do. */
function sortPieces(
  table: FileTable,
  facts: readonly FileFact[],
  record: ResumeRecord | undefined,
  verified: PieceSet,
): number[] {
  const { layout } = table;
  if (facts.length === 0) return [];
  const states = new Uint8Array(layout.files.length).fill(ABSENT);
  for (const fact of facts) states[fact.file] = stateOf(table, fact, record);
  layout.files.forEach((entry, file) => {
    if (entry.padding) states[file] = TRUSTED;
  });
  const pieces = new Uint8Array(layout.pieceCount).fill(TRUSTED);
  // Absence wins over suspicion: a piece that lacks bytes need not be hashed.
  for (const state of [SUSPECT, ABSENT]) {
    states.forEach((own, file) => {
      if (own !== state) return;
      const { first, end } = piecesOf(layout, file);
      pieces.fill(state, first, end);
    });
  }
  const synced = new PieceSet(layout.pieceCount, record?.synced);
  const written = new PieceSet(layout.pieceCount, record?.written);
  const suspects: number[] = [];
  pieces.forEach((state, piece) => {
    if (state === TRUSTED && synced.has(piece)) verified.add(piece);
    else if (state === SUSPECT || (state === TRUSTED && written.has(piece))) suspects.push(piece);
  });
  return suspects;
}

function stateOf(table: FileTable, fact: FileFact, record: ResumeRecord | undefined): number {
  const { length } = table.layout.files[fact.file]!;
  if (fact.size < 0) return ABSENT;
  // What is published may be zeros throughout, and stored as a hole; a staged hole is what we have not written.
  const unwritten = fact.hole && table.placeOf(fact.file) !== 'published';
  if (record === undefined) return unwritten ? ABSENT : SUSPECT;
  const own = record.session === 'open' && table.placeOf(fact.file) !== 'published';
  const same = record.facts[fact.file * 2] === fact.size && record.facts[fact.file * 2 + 1] === fact.mtimeMs;
  return fact.size === length && (own || same) ? TRUSTED : SUSPECT;
}

/** Something stands at the destination: is it ours, is it the payload, may it be taken? Throws `destination-exists` if not. */
async function meetDestination(
  request: OpenRequest,
  table: FileTable,
  facts: readonly FileFact[],
  verified: PieceSet,
  ours: boolean,
): Promise<'standing' | 'adopted'> {
  const { layout, mode, wantedFiles } = request;
  const { places } = table;
  const standing = facts.filter(({ file }) => table.placeOf(file) === 'published');
  const right = standing.every(
    ({ file, size }) => size === layout.files[file]!.length && holds(table, file, verified),
  );
  const complete = verified.covers(wantedPieceBits(layout, wantedFiles));
  const everything = layout.files.every(
    (entry, file) =>
      !isContent(entry) || !(wantedFiles?.[file] ?? true) || table.placeOf(file) === 'published',
  );
  if ((complete && everything) || (ours && right)) return 'standing';
  if (mode === 'download') {
    const way = 'move it away, choose another directory, or let it be completed (mode "adopt")';
    throw new StoreError(
      'destination-exists',
      `${places.destination} exists and is not this payload: ${way}`,
      {
        path: places.destination,
      },
    );
  }
  if (await isThere(places.staged)) {
    const way = 'move one of the two away';
    throw new StoreError(
      'destination-exists',
      `both ${places.destination} and ${places.staged} exist: ${way}`,
      {
        path: places.destination,
      },
    );
  }
  await makeFolders(path.dirname(places.staged));
  await (layout.folder ? renameFolder : renameFile)(places.destination, places.staged);
  for (const file of layout.files.keys())
    if (table.placeOf(file) === 'published') table.setPlace(file, 'staged');
  return 'adopted';
}

function holds(table: FileTable, file: number, verified: PieceSet): boolean {
  const { first, end } = piecesOf(table.layout, file);
  for (let piece = first; piece < end; piece++) {
    if (verified.has(piece)) continue;
    // A piece shared with a file that is not here yet cannot be verified, and says nothing against this one.
    if (extentsOf(table.layout, piece).every((extent) => table.onDisk(extent.file))) return false;
  }
  return true;
}
