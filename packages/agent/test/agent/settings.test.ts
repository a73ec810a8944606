import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { readSettings } from '../../src/agent/settings/read-settings.ts';
import { SETTING_KEYS } from '../../src/agent/settings/setting-keys.ts';
import { parseSettings } from '../../src/agent/settings/settings-file.ts';
import { Scratch } from '../brine.ts';

describe('a configuration that is wrong names file, line, key and the way out', () => {
  test.each([
    ['roots: [/srv]\nlimts:\n  down: 1mbit\n', 'a.yaml:2: there is no setting "limts". Do you mean "limits'],
    [
      'roots: [/srv]\nlimits:\n  donw: 1mbit\n',
      'a.yaml:3: there is no setting "limits.donw". Do you mean "limits.down"?',
    ],
    ['zzzzzzzzzzzz: 1\n', 'a.yaml:1: there is no setting "zzzzzzzzzzzz". There are: state, roots'],
    ['limits:\n  down: fast\n', 'a.yaml:2: "limits.down" is "fast". Write a rate like 10mbit'],
    [
      'roots: [srv]\n',
      'a.yaml:1: "roots" is ["srv"]. Write an absolute path: it is not absolute: begin with /.',
    ],
    ['roots: []\n', 'Write at least one absolute path.'],
    ['roots:\n', 'a.yaml:1: "roots" is'],
    ['api:\n  listen: 7420\n', 'a.yaml:2: "api.listen" is 7420. Write a text.'],
    ['api:\n  listen: "7420"\n', 'Write HOST:PORT'],
    ['pex: maybe\n', 'a.yaml:1: "pex" is "maybe". Write true or false.'],
    ['log: loud\n', 'Write one of debug, info'],
    ['exit-when-idle: soon\n', 'Write a duration like 90s'],
    ['roots: [/srv]\nroots: [/opt]\n', 'a.yaml:2: this is not YAML: Map keys must be unique'],
    ['a: [\n', 'this is not YAML'],
    ['- roots\n', 'write settings as "key: value"'],
  ])('%j', (text, message) => {
    expect(() => parseSettings('a.yaml', text)).toThrow(
      expect.objectContaining({
        code: 'settings-invalid',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});

test('the command line counts more than the environment, that more than the file, and that more than the defaults', async () => {
  await using scratch = await Scratch.open();
  const config = await scratch.write(
    'a.yaml',
    'roots: [/a]\nsite: file\npex: false\nlimits: {down: 8mbit}\n',
  );
  const environment = {
    BRINE_ROOTS: `/b${delimiter}/c`,
    BRINE_SITE: 'environment',
    BRINE_LIMITS_UP: '2MB/s',
  };
  const settings = await readSettings({ config, environment, set: ['site=line', 'api.hosts=x.example'] });
  expect(settings).toMatchObject({
    roots: ['/b', '/c'],
    site: 'line',
    pex: false,
    lsd: true,
    'limits.down': 1_000_000,
    'limits.up': 2_000_000,
    'api.hosts': ['x.example'],
    'api.listen': { host: '127.0.0.1', port: 7420 },
  });
});

test('a schedule may stand where a rate does', () => {
  const settings = parseSettings('a.yaml', "limits:\n  wan-down: 'mon-fri 08:00-18:00 2mbit; 10mbit'\n");
  expect(settings['limits.wan-down']).toMatchObject({ otherwise: 1_250_000, windows: [{ from: '08:00' }] });
});

describe('what does not go together is refused', () => {
  const environment = { BRINE_STATE: '/var/lib/x', BRINE_CONFIG: fileURLToPath(import.meta.url) };
  test.each([
    [{}, /Nothing says where payloads may stand/],
    [{ BRINE_ROOTS: '/srv', BRINE_API_LISTEN: '0.0.0.0:7420' }, /others can reach/],
    [{ BRINE_ROOTS: '/srv', BRINE_API_TLS_CERT: '/cert.pem' }, /both/],
  ])('%j', async (given, message) => {
    await using scratch = await Scratch.open();
    const config = await scratch.write('empty.yaml', '');
    await expect(readSettings({ config, environment: { ...environment, ...given } })).rejects.toThrow(
      message,
    );
  });

  test('a file that is named must be there', async () => {
    await expect(readSettings({ config: '/nowhere/a.yaml', environment: {} })).rejects.toThrow(
      /cannot be read/,
    );
  });
});

test('a Unix socket is refused on Windows, where nothing would keep others from it', async () => {
  await using scratch = await Scratch.open();
  const config = await scratch.write('a.yaml', 'roots: [/srv]\napi: { socket: /run/api.sock }');
  expect((await readSettings({ config, environment: {}, platform: 'linux' }))['api.socket']).toBe(
    '/run/api.sock',
  );
  await expect(readSettings({ config, environment: {}, platform: 'win32' })).rejects.toThrow(/"api.listen"/);
});

test('every setting is documented', async () => {
  const guide = await readFile(new URL('../../../../docs/agent.md', import.meta.url), 'utf8');
  for (const key of Object.keys(SETTING_KEYS)) expect(guide).toContain(`\`${key}\``);
});
