import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import { keepFile } from './keep-file.ts';

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
  await restrict(file);
  return token;
}

async function restrict(file: string): Promise<void> {
  if (process.platform !== 'win32') await chmod(file, 0o600);
  else await promisify(execFile)('icacls', [...icaclsArguments(file, userInfo().username)]);
}

/** What makes a file the user's, the system's and the administrators' own; the last two by their numbers, which no language translates. */
export function icaclsArguments(file: string, user: string): readonly string[] {
  return [file, '/inheritance:r', '/grant:r', `${user}:F`, '*S-1-5-18:F', '*S-1-5-32-544:F'];
}

const TOKEN_LENGTH_MIN = 32;
