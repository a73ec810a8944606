import { readFile } from 'node:fs/promises';

import { CommandError } from './command-error.ts';
import { ExitCode } from './exit-codes.ts';

/** What a FILE|MAGNET argument stands for. */
export type TorrentInput =
  | { readonly kind: 'file'; readonly file: string; readonly bytes: Uint8Array }
  | { readonly kind: 'magnet'; readonly magnet: string };

/** Reads the argument of `get`: a magnet link as it is, otherwise the file's bytes. Rejects with `CommandError`. */
export async function readTorrentInput(argument: string): Promise<TorrentInput> {
  if (/^magnet:/i.test(argument)) return { kind: 'magnet', magnet: argument };
  return { kind: 'file', file: argument, bytes: await readTorrentFile(argument) };
}

/** Reads a `.torrent` file. Rejects with `CommandError` `input-unreadable`, which says what to do. */
export async function readTorrentFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError('input-unreadable', ExitCode.inputInvalid, whyUnreadable(file, error), {
      cause: error,
    });
  }
}

/** Puts the file's name before what is wrong with its content. */
export function invalidTorrentFile(file: string, error: unknown): CommandError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CommandError(
    'input-invalid',
    ExitCode.inputInvalid,
    `"${file}" is not a valid .torrent file: ${reason}. Fetch it again, or make a new one with \`brine create\`.`,
    { cause: error },
  );
}

function whyUnreadable(file: string, error: unknown): string {
  if (/^https?:/i.test(file)) {
    return `"${file}" is a web address. Download the .torrent file first, then name the file.`;
  }
  switch ((error as NodeJS.ErrnoException).code ?? 'unknown') {
    case 'ENOENT':
      return `There is no file "${file}". Check the path; \`brine create\` makes a .torrent file.`;
    case 'EISDIR':
      return `"${file}" is a folder; a .torrent file is wanted here. \`brine create "${file}"\` makes one.`;
    case 'EACCES':
    case 'EPERM':
      return `"${file}" may not be read by this user. Change its permissions or run as somebody who may.`;
    default:
      return `"${file}" cannot be read: ${(error as Error).message}.`;
  }
}
