import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import { keepFile } from './keep-file.ts';
import { restrictToOwner } from './owner-only.ts';

/** The token that callers must know: read, or made at the first start. Nobody but the owner (on Windows: and the system) may read it. */
export async function readOrMakeToken(file: string): Promise<string> {
  const found = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const token = found?.trim() ?? randomBytes(32).toString('base64url');
  if (token.length < TOKEN_LENGTH_MIN)
    throw new CommandError(
      'settings-invalid',
      ExitCode.usage,
      `The token in ${file} has ${token.length} characters and could be guessed. Delete the file, and a good one is made.`,
    );
  if (found === undefined) await keepFile(file, `${token}\n`);
  await restrictToOwner(file, 'file');
  return token;
}

const TOKEN_LENGTH_MIN = 32;
