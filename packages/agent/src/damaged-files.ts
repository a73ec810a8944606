import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { piecesOf } from '@brine/piece-store';
import type { Info } from '@brine/wire';

import type { DamagedFile } from './terminal/report.ts';

/**
 * The files of a payload in `directory` that do not hold what the torrent says; `right` tells which pieces do. A wrong piece
 * that spans several files is blamed on those that are wrong anyway: missing, of a wrong size, or with a wrong piece of their
 * own. Only if there is none, all its files are named.
 */
export async function damagedFiles(
  info: Info,
  directory: string,
  right: (piece: number) => boolean,
): Promise<readonly DamagedFile[]> {
  const problems = new Map<number, DamagedFile['problem']>();
  const explained = new Set<number>();
  const blame = (file: number, problem: DamagedFile['problem']): void => {
    problems.set(file, problem);
    for (const piece of wrongPieces(info, file, right)) explained.add(piece);
  };
  for (const [file, { length, padding, symlink }] of info.files.entries()) {
    if (padding || symlink !== undefined) continue;
    const size = await sizeOf(pathOf(info, directory, file));
    if (size === undefined) blame(file, 'missing');
    else if (size !== length) blame(file, 'wrong-size');
    else if (wrongPieces(info, file, right).some((piece) => isWhollyIn(info, file, piece)))
      blame(file, 'wrong-content');
  }
  for (const file of info.files.keys()) {
    if (problems.has(file)) continue;
    if (wrongPieces(info, file, right).some((piece) => !explained.has(piece)))
      problems.set(file, 'wrong-content');
  }
  return [...problems]
    .sort(([a], [b]) => a - b)
    .map(([file, problem]) => ({ path: pathOf(info, '', file).replaceAll('\\', '/'), problem }));
}

function wrongPieces(info: Info, file: number, right: (piece: number) => boolean): readonly number[] {
  const wrong: number[] = [];
  const { first, end } = piecesOf(info, file);
  for (let piece = first; piece < end; piece++) if (!right(piece)) wrong.push(piece);
  return wrong;
}

function isWhollyIn(info: Info, file: number, piece: number): boolean {
  const { offset = 0, length = 0 } = info.files[file] ?? {};
  const start = piece * info.pieceLength;
  return start >= offset && Math.min(start + info.pieceLength, info.totalLength) <= offset + length;
}

function pathOf(info: Info, directory: string, file: number): string {
  const path = info.files[file]?.path ?? [];
  return info.folder ? join(directory, info.name, ...path) : join(directory, ...path);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : -1),
    () => undefined,
  );
}
