import { parseAddressArgument } from '../../address-argument.ts';
import { parseDuration } from '../../units/duration.ts';
import { parseRateOrSchedule } from '../../units/schedule.ts';
import { whyNotFull } from '../full-path.ts';
import type { AgentSettings } from './agent-settings.ts';

/** One thing that can be configured. */
export interface SettingKey {
  /** For people, as in docs/agent.md. */
  readonly meaning: string;
  /** Reads what a file says, or a text from elsewhere. Throws an error that says how it is written. */
  readonly parse: (value: unknown) => unknown;
}

/** All of them. The environment has them as `BRINE_API_LISTEN` for `api.listen`. */
export const SETTING_KEYS: Readonly<Record<keyof AgentSettings, SettingKey>> = {
  state: { meaning: 'directory for everything that the agent remembers', parse: absolutePath },
  roots: {
    meaning: 'directories below which payloads may stand; the first is the default',
    parse: absolutePaths,
  },
  'torrent-roots': {
    meaning: 'further directories from which .torrent files may be read',
    parse: absolutePaths,
  },
  listen: { meaning: 'address for peers', parse: address },
  site: { meaning: 'the site that this machine is at', parse: text },
  sites: { meaning: 'file that says which addresses are at which site; false: no sites', parse: textOrFalse },
  pex: { meaning: 'exchange peers with peers', parse: flag },
  lsd: { meaning: 'look for peers on the local network', parse: flag },
  durable: { meaning: 'sync everything to the disk before a payload is published', parse: flag },
  'leech-only': { meaning: 'never send to other sites', parse: flag },
  'limits.down': { meaning: 'for receiving, over all payloads', parse: rate },
  'limits.up': { meaning: 'for sending, over all payloads', parse: rate },
  'limits.wan-down': { meaning: 'for receiving from other sites', parse: rate },
  'limits.wan-up': { meaning: 'for sending to other sites', parse: rate },
  'limits.wan-budget': { meaning: 'of all machines of the site together, each way', parse: rate },
  'api.listen': { meaning: 'address of the API', parse: address },
  'api.socket': { meaning: 'path of a Unix socket for the API, instead of an address', parse: absolutePath },
  'api.hosts': { meaning: 'names other than localhost by which the API may be called', parse: texts },
  'api.transmission': { meaning: 'whether the API speaks Transmission’s RPC too', parse: flag },
  'api.tls.cert': { meaning: 'certificate of the API, PEM file', parse: absolutePath },
  'api.tls.key': { meaning: 'its private key, PEM file', parse: absolutePath },
  log: { meaning: 'what is logged: debug, info, warn, error or silent', parse: level },
  'exit-when-idle': { meaning: 'end after so long without work', parse: duration },
};

function text(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Error('Write a text.');
}

function absolutePath(value: unknown): string {
  const objection = typeof value === 'string' ? whyNotFull(value) : 'it is not a text';
  if (objection === undefined) return value as string;
  throw new Error(`Write an absolute path: ${objection}.`);
}

/** A list, or one alone. */
function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(text);
}

function absolutePaths(value: unknown): readonly string[] {
  const paths = (Array.isArray(value) ? value : [value]).map(absolutePath);
  if (paths.length > 0) return paths;
  throw new Error('Write at least one absolute path.');
}

function textOrFalse(value: unknown): string | false {
  return value === false || value === 'false' ? false : text(value);
}

function flag(value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error('Write true or false.');
}

function address(value: unknown): unknown {
  return parseAddressArgument(text(value));
}

function rate(value: unknown): unknown {
  return parseRateOrSchedule(String(value));
}

function duration(value: unknown): number {
  return parseDuration(String(value));
}

function level(value: unknown): string {
  if (typeof value === 'string' && LEVELS.includes(value)) return value;
  throw new Error(`Write one of ${LEVELS.join(', ')}.`);
}

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];
