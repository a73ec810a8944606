import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { win32 } from 'node:path';
import { promisify } from 'node:util';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';

/** What the platform is asked to do; a test has its own. */
export interface Protection {
  readonly platform: NodeJS.Platform;
  /** The folder of Windows, to which its programs belong: one of the same name elsewhere in PATH is not run. */
  readonly systemRoot: string;
  readonly chmod: (path: string, mode: number) => Promise<void>;
  /** Runs a program to its end; resolves with its stdout. */
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
}

/**
 * Closes a file or folder to everybody but its owner; on Windows the system and the administrators keep their access, and what is put
 * into a folder later is closed as it is. Rejects with `CommandError` `state-unprotected`.
 */
export async function restrictToOwner(
  path: string,
  kind: 'file' | 'folder',
  protection: Protection = HERE,
): Promise<void> {
  try {
    if (protection.platform === 'win32') await grantOnWindows(path, kind, protection);
    else await protection.chmod(path, kind === 'folder' ? 0o700 : 0o600);
  } catch (error) {
    throw new CommandError(
      'state-unprotected',
      ExitCode.disk,
      `${path} cannot be closed to other users, so it is not used: ${(error as Error).message.trim()}. Choose a place that belongs to the agent's user with --state.`,
      { cause: error },
    );
  }
}

async function grantOnWindows(path: string, kind: 'file' | 'folder', protection: Protection): Promise<void> {
  const tool = (name: string): string => win32.join(protection.systemRoot, 'System32', name);
  const whoami = await protection.run(tool('whoami.exe'), ['/user', '/fo', 'csv', '/nh']);
  // Numbers, because names are translated, and several domains may have the same.
  const user = /\bS-1-[\d-]+/.exec(whoami)?.[0];
  const grantees = [user === undefined ? userInfo().username : `*${user}`, SYSTEM, ADMINISTRATORS];
  const rights = kind === 'folder' ? '(OI)(CI)F' : 'F';
  const grants = [...new Set(grantees)].map((grantee) => `${grantee}:${rights}`);
  await protection.run(tool('icacls.exe'), [path, '/inheritance:r', '/grant:r', ...grants, '/q']);
}

const SYSTEM = '*S-1-5-18';
const ADMINISTRATORS = '*S-1-5-32-544';
const HERE: Protection = {
  platform: process.platform,
  systemRoot: process.env['SystemRoot'] ?? 'C:\\Windows',
  chmod,
  run: async (program, args) => (await promisify(execFile)(program, args, { windowsHide: true })).stdout,
};
