import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { CommandError } from './command-error.ts';
import { ExitCode } from './exit-codes.ts';

/**
 * Rejects with `CommandError` `payload-missing` unless the payload's file or folder stands in `directory`. The most frequent slip
 * is to name the payload itself instead of the directory that holds it: the message tells.
 */
export async function expectPayload(directory: string, name: string): Promise<void> {
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
