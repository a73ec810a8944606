import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { brine } from '../brine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brine-plan-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('brine plan', () => {
  it('tells people what a rollout will be like, and draws it', async () => {
    const svg = join(folder, 'rollout.svg');
    const fleet = ['--sites', '2', '--hosts', '2', '--size', '4MiB', '--link', '8mbit'];
    const ended = await brine('plan', ...fleet, '--seeds', '2', '--compare', '--svg', svg);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^4\.19 MB in 256 pieces of 16 KiB to 4 machines at 2 sites\n/);
    expect(ended.stdout).toMatch(/Brine +plain BitTorrent +at best\n/);
    expect(ended.stdout).toMatch(/all machines done +\d+ s/);
    expect(ended.stdout).toMatch(
      /No scheme is faster than 4 s: one payload takes so long through the line of site-/,
    );
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/su);
  });

  it('tells programs, from a file, the same for the same seeds', async () => {
    const file = join(folder, 'fleet.yaml');
    await writeFile(
      file,
      'payload: {size: 2MiB}\nsites: [{name: a, hosts: 2, link: 8mbit}, {name: b, hosts: 1}]\n',
    );
    const runs = [];
    for (const threads of ['1', '2']) {
      const ended = await brine('plan', file, '--json', '--seeds', '2', '--threads', threads);
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      const [started, plan] = ended.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(started).toMatchObject({ event: 'plan-started' });
      expect(plan).toMatchObject({ event: 'plan', siteCount: 2, hostCount: 3, seeds: [1, 2] });
      runs.push({ ...plan, tookSeconds: 0 });
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it.each([
    [['--link', '20mbits'], 2, /--link.*20mbits.*Write a rate like 10mbit/su],
    [['--sites', '0'], 2, /--sites.*whole number above 0/su],
    [['nowhere.yaml'], 3, /"nowhere\.yaml" cannot be read/],
    [['fleet.yaml', '--hosts', '3'], 2, /--hosts: fleet\.yaml describes the fleet already/],
    [['--budget', 'mon 08:00-09:00 0; 0; zone UTC'], 2, /site-01 can never be done: its budget is nothing/],
  ])('refuses %j with the way out', async (options, exitCode, message) => {
    const ended = await brine('plan', ...options);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toMatch(message);
  });
});
