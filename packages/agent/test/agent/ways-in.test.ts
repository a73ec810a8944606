import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { brine, RunningBrine, Scratch } from '../brine.ts';

const run = promisify(execFile);

/** An agent whose API is where `settings` say, and how the commands find it. */
async function startAgent(scratch: Scratch, ...settings: readonly string[]): Promise<RunningBrine> {
  await scratch.write('root/.keep', '');
  const places = ['--state', scratch.at('state'), '--root', scratch.at('root'), '--listen', '127.0.0.1:0'];
  const more = ['lsd=false', 'log=warn', 'api.listen=127.0.0.1:0', ...settings];
  const running = new RunningBrine([
    'agent',
    ...places,
    ...more.flatMap((each) => ['--set', each]),
    '--json',
  ]);
  await running.event('ready');
  return running;
}

/** A certificate for a name that is not the one by which the commands call. */
async function makeCertificate(scratch: Scratch, name: string): Promise<readonly [string, string]> {
  const [cert, key] = [scratch.at(`${name}.pem`), scratch.at(`${name}.key`)];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:agent.example'];
  await run('openssl', ['req', '-x509', '-days', '2', ...made, ...names, '-out', cert]);
  return [cert, key];
}

describe('the commands reach the agent', () => {
  test('through a Unix socket, which a dead agent may have left', async () => {
    await using scratch = await Scratch.open();
    const here = ['--state', scratch.at('state')];
    const setting = `api.socket=${scratch.at('api.sock')}`;
    {
      await using first = await startAgent(scratch, setting);
      expect((await brine('status', ...here)).stdout).toContain('No payloads');
      first.kill('SIGKILL');
      await first.ended;
    }
    expect((await stat(scratch.at('api.sock'))).isSocket()).toBe(true);
    await using agent = await startAgent(scratch, setting);
    expect((await stat(scratch.at('api.sock'))).mode & 0o777).toBe(0o600);
    const added = await brine('add', 'maps', 'ab'.repeat(20), '--paused', ...here);
    expect(added.stdout).toContain('created: maps');
    const named = ['--agent', `unix:${scratch.at('api.sock')}`, '--token-file', scratch.at('state', 'token')];
    expect((await brine('status', ...named)).stdout).toMatch(/^maps /m);
    // Another agent does not take the place of one that lives.
    const places = ['--state', scratch.at('other'), '--root', scratch.at('root'), '--listen', '127.0.0.1:0'];
    const second = await brine('agent', ...places, '--set', 'lsd=false', '--set', setting);
    expect(second.exitCode).not.toBe(0);
    expect(second.stderr).toContain('another process listens at');
    expect((await brine('status', ...here)).stdout).toMatch(/^maps /m);
    agent.kill('SIGTERM');
    await agent.ended;
    await expect(stat(scratch.at('api.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('over TLS, by its own certificate here, by an authority elsewhere', async () => {
    await using scratch = await Scratch.open();
    const [cert, key] = await makeCertificate(scratch, 'ours');
    const [stranger] = await makeCertificate(scratch, 'theirs');
    await using agent = await startAgent(scratch, `api.tls.cert=${cert}`, `api.tls.key=${key}`);
    const { url } = await agent.event('ready');
    expect(url).toMatch(/^https:/);
    expect((await brine('status', '--state', scratch.at('state'))).stdout).toContain('No payloads');
    const named = ['--agent', String(url), '--token-file', scratch.at('state', 'token')];
    const answers = await Promise.all([
      brine('status', ...named),
      brine('status', ...named, '--ca', stranger),
      brine('status', ...named, '--ca', cert),
    ]);
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([5, 5, 5]);
    expect(answers[0].stderr).toMatch(/certificate/);
    // The authority is right, but the certificate is for another name.
    expect(answers[2].stderr).toMatch(/altnames/);
    const missing = await brine('status', ...named, '--ca', scratch.at('nothing.pem'));
    expect(missing.stderr).toContain('The certificate cannot be read');
  });
});
