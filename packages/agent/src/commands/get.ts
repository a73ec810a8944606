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
  /** Numbers, ranges, globs; empty means all files. */
  readonly files: readonly string[];
  readonly sequential: boolean;
  readonly adopt: boolean;
}

/** `brine get FILE|MAGNET`: fetches a payload into `options.path` and goes on seeding it. */
export async function get(argument: string, options: GetOptions): Promise<ExitCode> {
  const input = await readTorrentInput(argument);
  const common = {
    directory: options.path,
    mode: options.adopt ? 'adopt' : 'download',
    sequential: options.sequential,
  } as const;
  const torrent: AddTorrent =
    input.kind === 'magnet'
      ? { ...common, magnet: input.magnet }
      : { ...common, metainfo: input.bytes, ...wantedFiles(input.file, input.bytes, options.files) };
  return runTransfer(
    {
      torrent,
      completeExpected: false,
      ...(options.seedFor === undefined ? {} : { seedForMs: options.seedFor }),
      ...(input.kind === 'magnet' ? { selectors: options.files } : {}),
    },
    options,
  );
}

/** Checks the file before anything starts, and turns the selection into priorities. */
function wantedFiles(
  file: string,
  bytes: Uint8Array,
  selectors: readonly string[],
): Pick<AddTorrent, 'filePriorities'> {
  const { info } = parseTorrentFile(file, bytes);
  return selectors.length === 0 ? {} : { filePriorities: selectFiles(info.files, selectors) };
}
