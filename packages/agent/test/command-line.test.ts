import { describe, expect, test } from 'vitest';

import { brine, RunningBrine, Scratch } from './brine.ts';

const COMMANDS = ['create', 'seed', 'get', 'info', 'verify'];

describe('help', () => {
  test('of the command names every subcommand, and the exit codes', async () => {
    const { exitCode, stdout, stderr } = await brine('--help');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toContain('Exit codes:');
  });

  test.each(COMMANDS)('of %s has examples and exit codes', async (command) => {
    const { exitCode, stdout } = await brine(command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`\nExamples:\n  brine ${command} `);
    expect(stdout).toContain('Exit codes:');
  });

  test('the version is the package’s', async () => {
    expect((await brine('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong command line ends with 2 and names the thing and the way out', () => {
  test.each([
    [[], /Usage: brine/],
    [['fetch'], /unknown command 'fetch'.*--help/s],
    [['get'], /missing required argument 'file\|magnet'.*brine get --help/s],
    [['get', 'x', '--pear', 'a:1'], /unknown option '--pear'.*--peer/s],
    [['get', 'x', '--peer', 'here'], /--peer.*'here' is invalid.*HOST:PORT/s],
    [['get', 'x', '--listen', '6881'], /--listen.*'6881' is invalid.*HOST:PORT/s],
    [['seed', 'x', '--up', 'fast'], /--up.*'fast' is invalid.*10mbit/s],
    [['get', 'x', '--seed-for', '5'], /--seed-for.*'5' is invalid.*90s/s],
    [['create', 'x', '--piece-size', '4M'], /--piece-size.*'4M' is invalid.*4MiB/s],
    [['create', 'x', '--piece-size', '3MiB'], /power of two/],
    [['create', 'x', '--tracker', 'tracker.example'], /--tracker.*is invalid.*http:\/\//s],
    [['create', 'x', '--web-seed', 'udp://x.example'], /--web-seed.*is invalid.*http:\/\//s],
  ])('brine %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await brine(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('an input that cannot be used ends with 3, without a stack trace', () => {
  test.each([
    ['a file that is not there', 'nothing.torrent', /There is no file ".*nothing\.torrent"/],
    ['a folder', '.', /is a folder.*brine create/],
    ['something else than a torrent', 'notes.txt', /"[^"]*notes\.txt" is not a valid \.torrent file/],
  ])('%s', async (_what, name, message) => {
    await using scratch = await Scratch.open();
    await scratch.write('notes.txt', 'buy milk');
    for (const command of ['info', 'verify', 'seed', 'get']) {
      const { exitCode, stdout, stderr } = await brine(command, scratch.at(name));
      expect({ command, exitCode, stdout }).toEqual({ command, exitCode: 3, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test('a web address is told to be downloaded first', async () => {
    const { exitCode, stderr } = await brine('get', 'https://example.org/x.torrent');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Download the .torrent file first');
  });

  test('a broken magnet link', async () => {
    const { exitCode, stderr } = await brine('get', 'magnet:?xt=urn:btih:1234', '--listen', '127.0.0.1:0');
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/magnet/i);
  });

  test('with --json the error is a line on stdout too', async () => {
    const { exitCode, stdout } = await brine('info', 'nothing.torrent', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'input-unreadable' });
  });
});

test('a reader that goes away is no error', async () => {
  await using scratch = await Scratch.open();
  await scratch.write('payload.bin', 'x'.repeat(100));
  await brine('create', scratch.at('payload.bin'), '-o', scratch.at('p.torrent'));
  await using running = new RunningBrine(['info', scratch.at('p.torrent')]);
  running.stopReading();
  const { exitCode, stderr } = await running.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
