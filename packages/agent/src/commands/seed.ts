import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';
import { parseTorrentFile } from '../torrent-file.ts';
import { readTorrentFile } from '../torrent-input.ts';
import type { TransferOptions } from '../transfer/transfer.ts';
import { runTransfer } from '../transfer/transfer.ts';

/** `brine seed FILE`: serves a payload that stands in `options.path`, until asked to stop. */
export async function seed(file: string, options: TransferOptions): Promise<ExitCode> {
  const metainfo = await readTorrentFile(file);
  const { info } = parseTorrentFile(file, metainfo);
  await expectPayload(options.path, info.name);
  return runTransfer(
    { torrent: { metainfo, directory: options.path, mode: 'seed' }, completeExpected: true },
    options,
  );
}

/** The most frequent slip is to name the payload itself instead of the directory that holds it: told before anything starts. */
async function expectPayload(directory: string, name: string): Promise<void> {
  const payload = join(directory, name);
  if (await exists(payload)) return;
  const parent = dirname(resolve(directory));
  const hint =
    basename(resolve(directory)) === name
      ? `--path names the directory that contains it: use --path "${parent}".`
      : '--path names the directory that contains it.';
  throw new CommandError(
    'payload-missing',
    ExitCode.disk,
    `The payload is not there: "${payload}" does not exist. ${hint}`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
