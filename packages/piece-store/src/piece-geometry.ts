/**
 * Where pieces lie in files. The payload is one run of bytes; pieces cut it into equal parts (the last may be shorter), files cut
 * it anywhere. All arithmetic between the two cuts is in this file; everything else asks here. BEP 3, "info dictionary".
 */
import type { LayoutFile, PayloadLayout } from './payload-layout.ts';
import { BLOCK_LENGTH } from './piece-store.ts';

/** A run of bytes of one piece that lies in one file. */
export interface FileExtent {
  /** Index into `layout.files`. */
  readonly file: number;
  /** Bytes from the start of the file. */
  readonly fileOffset: number;
  /** Bytes from where the asked run starts. */
  readonly runOffset: number;
  /** Bytes; never 0. */
  readonly length: number;
}

/** Pieces `first` … `end - 1`; empty when `first === end`. */
export interface PieceRange {
  readonly first: number;
  readonly end: number;
}

/** Bytes in `piece`: the piece length, or what is left for the last one. */
export function pieceLengthAt(layout: PayloadLayout, piece: number): number {
  return Math.min(layout.pieceLength, layout.totalLength - piece * layout.pieceLength);
}

/** Blocks of 16 KiB in `piece`, the last possibly shorter. */
export function blockCountOf(layout: PayloadLayout, piece: number): number {
  return Math.ceil(pieceLengthAt(layout, piece) / BLOCK_LENGTH);
}

/** The expected SHA-1 of `piece`: a view of the layout's hashes, not a copy. */
export function pieceHashAt(layout: PayloadLayout, piece: number): Uint8Array {
  return layout.pieceHashes.subarray(piece * 20, piece * 20 + 20);
}

/** The file extents of `length` bytes of `piece` from `begin` on, in order, padding included. They add up to `length` exactly. */
export function extentsOf(
  layout: PayloadLayout,
  piece: number,
  begin = 0,
  length: number = pieceLengthAt(layout, piece) - begin,
): FileExtent[] {
  const extents: FileExtent[] = [];
  const start = piece * layout.pieceLength + begin;
  let runOffset = 0;
  for (let file = fileAt(layout.files, start); runOffset < length; file++) {
    const entry = layout.files[file];
    if (entry === undefined) break;
    const fileOffset = start + runOffset - entry.offset;
    const part = Math.min(entry.length - fileOffset, length - runOffset);
    if (part > 0) extents.push({ file, fileOffset, runOffset, length: part });
    runOffset += Math.max(part, 0);
  }
  return extents;
}

/** The pieces that hold at least one byte of `file`; empty for an empty file. */
export function piecesOf(layout: PayloadLayout, file: number): PieceRange {
  const entry = layout.files[file];
  if (entry === undefined || entry.length === 0) return { first: 0, end: 0 };
  return {
    first: Math.floor(entry.offset / layout.pieceLength),
    end: Math.ceil((entry.offset + entry.length) / layout.pieceLength),
  };
}

/** Bits in BEP 3 order, one for each piece that touches a wanted file that is not padding. `wanted` absent means all files. */
export function wantedPieceBits(layout: PayloadLayout, wanted?: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(layout.pieceCount / 8));
  for (let file = 0; file < layout.files.length; file++) {
    if (!isWanted(layout, file, wanted)) continue;
    const { first, end } = piecesOf(layout, file);
    for (let piece = first; piece < end; piece++) bits[piece >> 3]! |= 0x80 >> (piece & 7);
  }
  return bits;
}

/** Bytes of the wanted files, padding not counted: what a person means by the size of a selection. */
export function wantedBytes(layout: PayloadLayout, wanted?: readonly boolean[]): number {
  let bytes = 0;
  for (let file = 0; file < layout.files.length; file++) {
    if (isWanted(layout, file, wanted)) bytes += layout.files[file]!.length;
  }
  return bytes;
}

function isWanted(layout: PayloadLayout, file: number, wanted: readonly boolean[] | undefined): boolean {
  return !layout.files[file]!.padding && (wanted?.[file] ?? wanted === undefined);
}

/** The first file that ends after `position`; files of length 0 end where they start, so they are never found. */
function fileAt(files: readonly LayoutFile[], position: number): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const file = files[middle]!;
    if (file.offset + file.length > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
