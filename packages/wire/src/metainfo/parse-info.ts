import { BYTES, DICTIONARY, INTEGER, LIST, NONE, scanWhole, type TokenTape } from '../bencode/token-tape.ts';
import { WireError } from '../wire-error.ts';
import { attributesOf, readFiles } from './file-list.ts';
import type { FileEntry, Info } from './metainfo.ts';
import { METAINFO_LIMITS, PIECE_COUNT_MAX, PIECE_LENGTH_MAX } from './metainfo-limits.ts';
import { safeComponentOfBytes } from './safe-path.ts';

const DIGEST_LENGTH = 20;

/**
 * Reads an info dictionary from its exact bytes, as BEP 9 delivers it. `pieceHashes` is a view into `infoBytes`.
 *
 * Versions: a dictionary with v1 keys is read by them, also when it has v2 keys beside them (hybrid, BEP 52; its pad files are
 * honoured). One with v2 keys only throws `metainfo-unsupported`. Everything else that is wrong throws `metainfo-invalid` or
 * a `bencode-…` error. Payloads without a single byte are refused, as libtorrent does: there is no piece to verify.
 */
export function parseInfo(infoBytes: Uint8Array): Info {
  const tape = scanWhole(infoBytes, METAINFO_LIMITS);
  return readInfo(tape, 0);
}

/** Reads the info dictionary at `info` of a tape. */
export function readInfo(tape: TokenTape, info: number): Info {
  if (tape.kind(info) !== DICTIONARY) throw invalid('`info` is not a dictionary');
  const pieces = tape.find(info, 'pieces');
  if (pieces === NONE && tape.find(info, 'meta version') !== NONE) {
    throw new WireError(
      'metainfo-unsupported',
      'the torrent is v2 only (BEP 52), which is not supported yet; create it as v1 or hybrid',
    );
  }
  if (pieces === NONE || tape.kind(pieces) !== BYTES) throw invalid('`pieces` is missing or not a string');
  const name = readName(tape, info);
  const { folder, files } = readPayload(tape, info, name);
  const last = files.at(-1);
  const totalLength = last === undefined ? 0 : last.offset + last.length;
  if (totalLength === 0) throw invalid('the payload has no bytes; nothing could be verified');
  const pieceLength = readPieceLength(tape, info);
  const pieceHashes = tape.bytes(pieces);
  const pieceCount = Math.ceil(totalLength / pieceLength);
  checkPieces(pieceHashes.length, pieceCount, totalLength, pieceLength);
  const isPrivate = readPrivate(tape, info);
  return { name, folder, pieceLength, pieceCount, totalLength, pieceHashes, files, private: isPrivate };
}

/** An error that says what is wrong with a torrent. */
export function invalid(what: string): WireError {
  return new WireError('metainfo-invalid', `the torrent is invalid: ${what}`);
}

function readName(tape: TokenTape, info: number): string {
  const token = tape.find(info, 'name.utf-8');
  const name = token !== NONE && tape.kind(token) === BYTES ? token : tape.find(info, 'name');
  if (name === NONE || tape.kind(name) !== BYTES) throw invalid('`name` is missing or not a string');
  const safe = safeComponentOfBytes(tape.source, tape.from(name), tape.to(name));
  if (safe === undefined) throw invalid('`name` is not a file name (empty, `.`, `..` or with a slash)');
  return safe;
}

function readPayload(tape: TokenTape, info: number, name: string): { folder: boolean; files: FileEntry[] } {
  const length = tape.find(info, 'length');
  const files = tape.find(info, 'files');
  if (length !== NONE && files !== NONE) throw invalid('it has both `length` and `files`');
  if (files !== NONE) {
    if (tape.kind(files) !== LIST) throw invalid('`files` is not a list');
    return { folder: true, files: readFiles(tape, files) };
  }
  if (length === NONE) throw invalid('it has neither `length` nor `files`');
  const bytes = tape.kind(length) === INTEGER ? tape.integer(length) : undefined;
  if (typeof bytes !== 'number' || bytes < 0) throw invalid('`length` is not a number of bytes below 2^53');
  const attr = tape.find(info, 'attr');
  const { executable, hidden } = attributesOf(tape, attr);
  const file = { path: [name], length: bytes, offset: 0, padding: false, executable, hidden };
  return { folder: false, files: [file] };
}

function readPieceLength(tape: TokenTape, info: number): number {
  const token = tape.find(info, 'piece length');
  const value = token !== NONE && tape.kind(token) === INTEGER ? tape.integer(token) : undefined;
  if (typeof value !== 'number' || value < 1 || value > PIECE_LENGTH_MAX) {
    const found = value === undefined ? 'missing or not a number' : `${value}`;
    throw invalid(`\`piece length\` is ${found}, not between 1 and ${PIECE_LENGTH_MAX} bytes`);
  }
  return value;
}

function checkPieces(
  hashesLength: number,
  pieceCount: number,
  totalLength: number,
  pieceLength: number,
): void {
  if (pieceCount > PIECE_COUNT_MAX) {
    throw invalid(`${pieceCount} pieces are more than ${PIECE_COUNT_MAX}; create it with larger pieces`);
  }
  if (hashesLength !== pieceCount * DIGEST_LENGTH) {
    throw invalid(
      `\`pieces\` has ${hashesLength} bytes; ${totalLength} bytes in pieces of ${pieceLength} need ${pieceCount} × ${DIGEST_LENGTH}`,
    );
  }
}

/** BEP 27 writes 1. Whatever else stands there but 0 was hardly meant as public. */
function readPrivate(tape: TokenTape, info: number): boolean {
  const token = tape.find(info, 'private');
  return token !== NONE && !(tape.kind(token) === INTEGER && tape.integer(token) === 0);
}
