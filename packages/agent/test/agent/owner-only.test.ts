import { mkdir, stat } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { restrictToOwner } from '../../src/agent/state/owner-only.ts';
import type { Protection } from '../../src/agent/state/owner-only.ts';
import { StateDirectory } from '../../src/agent/state/state-directory.ts';
import { Scratch } from '../brine.ts';

/** Windows, as far as it is asked: what `whoami` says, and what was run. */
function windows(whoami: string, failure?: Error): { protection: Protection; ran: string[][] } {
  const ran: string[][] = [];
  const run = async (program: string, args: readonly string[]): Promise<string> => {
    ran.push([program, ...args]);
    if (program.endsWith('icacls.exe') && failure !== undefined) throw failure;
    return program.endsWith('whoami.exe') ? whoami : '';
  };
  const chmod = (): Promise<void> => Promise.reject(new Error('there is no chmod'));
  return { protection: { platform: 'win32', systemRoot: 'C:\\Windows', chmod, run }, ran };
}

describe('what belongs to its owner alone', () => {
  test('on Windows is the user’s, the system’s and the administrators’, all by number', async () => {
    const { protection, ran } = windows('"contoso\\svc","S-1-5-21-1004336348-1177238915-682003330-512"\r\n');
    await restrictToOwner('C:\\x\\token', 'file', protection);
    await restrictToOwner('C:\\x', 'folder', protection);
    const icacls = 'C:\\Windows\\System32\\icacls.exe';
    const owner = '*S-1-5-21-1004336348-1177238915-682003330-512';
    const whoami = ['C:\\Windows\\System32\\whoami.exe', '/user', '/fo', 'csv', '/nh'];
    const end = ['*S-1-5-18', '*S-1-5-32-544'];
    const grant = ['/inheritance:r', '/grant:r'];
    expect(ran).toEqual([
      whoami,
      [icacls, 'C:\\x\\token', ...grant, ...[owner, ...end].map((each) => `${each}:F`), '/q'],
      whoami,
      // What is put into it later, too.
      [icacls, 'C:\\x', ...grant, ...[owner, ...end].map((each) => `${each}:(OI)(CI)F`), '/q'],
    ]);
  });

  test('is granted once to a service that runs as the system', async () => {
    const { protection, ran } = windows('"nt authority\\system","S-1-5-18"\r\n');
    await restrictToOwner('C:\\x', 'file', protection);
    expect(ran[1]?.filter((each) => each === '*S-1-5-18:F')).toHaveLength(1);
  });

  test('is not used when it stays open', async () => {
    const { protection } = windows('"a\\b","S-1-5-21-1"', new Error('Access is denied.'));
    await expect(restrictToOwner('D:\\x', 'folder', protection)).rejects.toMatchObject({
      code: 'state-unprotected',
      message: expect.stringMatching(/D:\\x cannot be closed .*Access is denied.*--state/) as string,
    });
  });

  test('elsewhere has a mode', async () => {
    await using scratch = await Scratch.open();
    const file = await scratch.write('token', 'x');
    await restrictToOwner(file, 'file');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

test('a state directory is closed when it is made; one that was there keeps what its owner gave it', async () => {
  await using scratch = await Scratch.open();
  await new StateDirectory(scratch.at('above', 'state')).make();
  for (const made of [scratch.at('above'), scratch.at('above', 'state')])
    expect((await stat(made)).mode & 0o777).toBe(0o700);
  await mkdir(scratch.at('theirs'), { mode: 0o750 });
  await new StateDirectory(scratch.at('theirs')).make();
  expect((await stat(scratch.at('theirs'))).mode & 0o777).toBe(0o750);
});
