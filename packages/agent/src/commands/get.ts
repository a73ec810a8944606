import type { AddTorrent } from '@brine/swarm';

import type { ExitCode } from '../exit-codes.ts';
import { selectFiles } from '../file-selection.ts';
import { parseTorrentFile } from '../torrent-file.ts';
import { readTorrentInput } from '../torrent-input.ts';
import type { TransferOptions } from '../transfer/transfer.ts';
import { runTransfer } from '../transfer/transfer.ts';

/** The options of `get` as the command line hands them over. */
export interface GetOptions extends TransferOptions {
  /** Milliseconds of seeding after completion; absent: until asked to stop. */
  readonly seedFor?: number;
  /** Numbers, ranges, globs; absent means all files. */
  readonly files?: readonly string[];
  readonly sequential?: boolean;
  readonly adopt?: boolean;
}

/** `brine get FILE|MAGNET`: fetches a payload into `options.path` and goes on seeding it. */
export async function get(argument: string, options: GetOptions): Promise<ExitCode> {
  const input = await readTorrentInput(argument);
  const common = {
    directory: options.path,
    mode: options.adopt === true ? 'adopt' : 'download',
    sequential: options.sequential ?? false,
  } as const;
  const order = {
    completeExpected: false,
    ...(options.seedFor === undefined ? {} : { seedForMs: options.seedFor }),
  };
  const selectors = options.files ?? [];
  if (input.kind === 'magnet') {
    const sources = /[?&](?:tr|x\.pe)(?:\.\d+)?=/.test(input.magnet);
    return runTransfer(
      { ...order, torrent: { ...common, magnet: input.magnet }, selectors, sources },
      options,
    );
  }
  const { info, trackers } = parseTorrentFile(input.file, input.bytes);
  const wanted = selectors.length === 0 ? {} : { filePriorities: selectFiles(info.files, selectors) };
  const torrent: AddTorrent = { ...common, ...wanted, metainfo: input.bytes };
  return runTransfer({ ...order, torrent, sources: trackers.length > 0 }, options);
}
