import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { describeWith } from './requirements.ts';

const run = promisify(execFile);

describeWith(['systemd-analyze', 'systemd-sysusers', 'systemd-tmpfiles'], 'the systemd units', () => {
  test('are what systemd expects, and leave a process little to break', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'brine-units-'));
    try {
      await cp(UNITS, folder, { recursive: true });
      const unit = join(folder, 'brine-agent.service');
      // systemd looks it up where npm installs commands; here it is not installed.
      const text = (await readFile(unit, 'utf8')).replace(/^ExecStart=brine /m, `ExecStart=${BRINE} `);
      expect(text).toContain(`ExecStart=${BRINE} agent`);
      await writeFile(unit, text);
      const verified = await run('systemd-analyze', ['verify', unit, join(folder, 'brine-agent.socket')]);
      expect(verified).toEqual({ stdout: '', stderr: '' });
      // From 0 (closed) to 10 (open), times ten; it has 1.9.
      const threshold = ['security', '--offline=true', '--threshold=25', unit];
      expect((await run('systemd-analyze', threshold)).stdout).toMatch(/Overall exposure level .*OK/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a user and folders are made', async () => {
    const users = await run('systemd-sysusers', ['--dry-run', join(UNITS, 'brine.sysusers.conf')]);
    expect(users.stderr + users.stdout).not.toMatch(/fail|invalid/i);
    const root = await mkdtemp(join(tmpdir(), 'brine-root-'));
    try {
      await writeFile(
        join(root, 'folders.conf'),
        (await readFile(join(UNITS, 'brine.tmpfiles.conf'), 'utf8')).replaceAll('brine brine', 'root root'),
      );
      await run('systemd-tmpfiles', ['--create', `--root=${root}`, join(root, 'folders.conf')]);
      await rm(join(root, 'etc', 'brine'), { recursive: true });
      await rm(join(root, 'srv', 'payloads'), { recursive: true });
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test('agree with the configuration that comes with them', async () => {
    const unit = await readFile(join(UNITS, 'brine-agent.service'), 'utf8');
    const settings = await readFile(join(UNITS, 'agent.yaml'), 'utf8');
    const root = /^roots: \[(.+)\]$/m.exec(settings)?.[1];
    expect(root).toBe('/srv/payloads');
    expect(unit).toContain(`ReadWritePaths=-${root}`);
    expect(unit).toMatch(/BRINE_STATE=\/var\/lib\/brine$/m);
    expect(unit).toMatch(/^StateDirectory=brine$/m);
  });
});

const UNITS = fileURLToPath(new URL('../../packages/agent/services/systemd', import.meta.url));
const BRINE = fileURLToPath(new URL('../../packages/agent/bin/brine.js', import.meta.url));
