import type { ExitCode } from '../exit-codes.ts';
import { expectPayload } from '../payload-place.ts';
import { parseTorrentFile } from '../torrent-file.ts';
import { readTorrentFile } from '../torrent-input.ts';
import type { TransferOptions } from '../transfer/transfer.ts';
import { runTransfer } from '../transfer/transfer.ts';

export interface SeedOptions extends TransferOptions {
  readonly superSeed?: boolean;
}

/** `brine seed FILE`: serves a payload that stands in `options.path`, until asked to stop. */
export async function seed(file: string, options: SeedOptions): Promise<ExitCode> {
  const metainfo = await readTorrentFile(file);
  const { info } = parseTorrentFile(file, metainfo);
  await expectPayload(options.path, info.name);
  return runTransfer(
    { torrent: { metainfo, mode: 'seed', superSeed: options.superSeed ?? false }, completeExpected: true },
    options,
  );
}
