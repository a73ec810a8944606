import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';

import { defaultConfigurationFile, defaultStateDirectory } from '../state/default-places.ts';
import type { AgentSettings } from './agent-settings.ts';
import { SETTING_KEYS } from './setting-keys.ts';
import type { ParsedSettings } from './settings-file.ts';
import { parseSetting, parseSettings, settingsInvalid } from './settings-file.ts';

/** What the command line and the environment say. */
export interface SettingSources {
  /** A configuration file; default: the platform's, if it is there. */
  readonly config?: string;
  /** `key=value`, which counts more than everything else. */
  readonly set?: readonly string[];
  /** Default: this one. */
  readonly platform?: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The log goes to a person: only what needs attention, unless it is ordered otherwise. */
  readonly isTerminal?: boolean;
}

/** The settings in force: `set` before environment before file before defaults. Rejects with `CommandError` `settings-invalid`. */
export async function readSettings(sources: SettingSources): Promise<AgentSettings> {
  const given: ParsedSettings = {
    ...(await fromFile(sources.config ?? sources.environment['BRINE_CONFIG'])),
    ...fromEnvironment(sources.environment),
    ...fromPairs(sources.set ?? []),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  const log = sources.isTerminal === true ? 'warn' : DEFAULTS.log;
  const settings = { ...DEFAULTS, log, state: defaultStateDirectory(), ...Object.fromEntries(known) };
  return checked(settings as unknown as AgentSettings, sources.platform ?? process.platform);
}

async function fromFile(named: string | undefined): Promise<ParsedSettings> {
  const file = named ?? defaultConfigurationFile();
  if (named === undefined && !existsSync(file)) return {};
  try {
    return parseSettings(file, await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as Error).name === 'CommandError') throw error;
    throw settingsInvalid(`The configuration cannot be read: ${(error as Error).message}.`, error);
  }
}

function fromEnvironment(environment: SettingSources['environment']): ParsedSettings {
  const settings: ParsedSettings = {};
  for (const key of Object.keys(SETTING_KEYS)) {
    const name = `BRINE_${key.replaceAll(/[.-]/g, '_').toUpperCase()}`;
    const value = environment[name];
    if (value !== undefined && value !== '')
      settings[key] = parseSetting(name, key, several(key, value, delimiter));
  }
  return settings;
}

function fromPairs(pairs: readonly string[]): ParsedSettings {
  const settings: ParsedSettings = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw settingsInvalid(`--set "${pair}": write KEY=VALUE.`);
    const key = pair.slice(0, at);
    settings[key] = parseSetting('--set', key, several(key, pair.slice(at + 1), delimiter));
  }
  return settings;
}

function several(key: string, value: string, separator: string): unknown {
  return LISTS.has(key) ? value.split(separator).filter((part) => part !== '') : value;
}

function checked(settings: AgentSettings, platform: NodeJS.Platform): AgentSettings {
  if (settings.roots === undefined)
    throw settingsInvalid(
      'Nothing says where payloads may stand. Name at least one directory: "roots: [/srv/payloads]" in the configuration, BRINE_ROOTS, or --root.',
    );
  if ((settings['api.tls.cert'] === undefined) !== (settings['api.tls.key'] === undefined))
    throw settingsInvalid('Give both "api.tls.cert" and "api.tls.key", or neither.');
  // Node has named pipes there instead, which it cannot keep from other users.
  if (platform === 'win32' && settings['api.socket'] !== undefined)
    throw settingsInvalid(
      '"api.socket" names a Unix socket, and on Windows nothing would keep other users from it. Use "api.listen" with 127.0.0.1: the token keeps them out.',
    );
  const { host } = settings['api.listen'];
  if (!isLoopback(host) && settings['api.tls.cert'] === undefined && settings['api.socket'] === undefined)
    throw settingsInvalid(
      `"api.listen" is ${host}, which others can reach, and the token would cross the network in the clear. Use 127.0.0.1, or give "api.tls.cert" and "api.tls.key".`,
    );
  return settings;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

const LISTS: ReadonlySet<string> = new Set(['roots', 'torrent-roots', 'api.hosts']);
const DEFAULTS: Omit<AgentSettings, 'state' | 'roots'> = {
  pex: true,
  lsd: true,
  durable: false,
  'leech-only': false,
  'api.listen': { host: '127.0.0.1', port: 7420 },
  'api.hosts': [],
  'api.transmission': false,
  log: 'info',
};
