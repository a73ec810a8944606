import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { VerifyProgress } from '@brine/piece-store';
import { PieceSet } from '@brine/piece-store';
import { createFileStorage } from '@brine/piece-store/node';
import type { Metainfo } from '@brine/wire';

import { damagedFiles } from '../damaged-files.ts';
import { ExitCode } from '../exit-codes.ts';
import { infoHashOf } from '../magnet-link.ts';
import { expectPayload } from '../payload-place.ts';
import { openReporter } from '../terminal/open-reporter.ts';
import type { Reporter } from '../terminal/report.ts';
import { parseTorrentFile } from '../torrent-file.ts';
import { readTorrentFile } from '../torrent-input.ts';
import { HashingMeter } from '../terminal/hashing-meter.ts';

/** The options of `verify` as the command line hands them over. */
export interface VerifyOptions {
  readonly path: string;
  readonly json?: boolean;
}

/** `brine verify FILE`: hashes a payload where it stands, tells which files differ, and changes nothing. */
export async function verify(file: string, options: VerifyOptions): Promise<ExitCode> {
  const metainfo = parseTorrentFile(file, await readTorrentFile(file));
  await expectPayload(options.path, metainfo.info.name);
  const reporter = await openReporter(options);
  const startedMs = performance.now();
  try {
    const right = await rightPieces(metainfo, options.path, reporter);
    const { info } = metainfo;
    const ok = right.count === info.pieceCount;
    reporter.tell({
      event: 'verified',
      name: info.name,
      ok,
      piecesGood: right.count,
      pieceCount: info.pieceCount,
      bytesTotal: info.totalLength,
      damagedFiles: ok ? [] : await damagedFiles(info, options.path, (piece) => right.has(piece)),
      seconds: Math.round(performance.now() - startedMs) / 1000,
    });
    return ok ? ExitCode.done : ExitCode.failed;
  } finally {
    reporter.close();
  }
}

/** Opens the payload as a seeder would, but with its notes in a directory that is gone afterwards, so that all is hashed. */
async function rightPieces(metainfo: Metainfo, directory: string, reporter: Reporter): Promise<PieceSet> {
  const { info } = metainfo;
  const stateDirectory = await mkdtemp(join(tmpdir(), 'brine-verify-'));
  const storage = createFileStorage({ stateDirectory });
  const meter = new HashingMeter('checking', info.totalLength, reporter);
  const onProgress = ({ piecesChecked }: VerifyProgress): void =>
    meter.show(piecesChecked * info.pieceLength);
  try {
    const store = await storage.open({
      id: infoHashOf(metainfo),
      layout: info,
      directory,
      mode: 'seed',
      onProgress,
    });
    // Opening takes a file that is one big hole for one that was never written; here it may be meant to be zeros.
    if (store.verifiedCount < info.pieceCount) await store.verify({ onProgress });
    return new PieceSet(info.pieceCount, store.verifiedBits());
  } finally {
    await storage.close();
    await rm(stateDirectory, { recursive: true, force: true });
  }
}
