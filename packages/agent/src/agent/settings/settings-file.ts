import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, YAMLMap } from 'yaml';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import { nearest } from './nearest.ts';
import { SETTING_KEYS } from './setting-keys.ts';

/** Settings by key, parsed. */
export type ParsedSettings = Record<string, unknown>;

/** Reads a configuration in YAML. Throws `CommandError` `settings-invalid` that names file, line, key and the way out. */
export function parseSettings(file: string, text: string): ParsedSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    throw settingsInvalid(`${file}:${line}: this is not YAML: ${error.message}`, error);
  }
  const { contents } = document;
  if (contents === null) return {};
  if (!isMap(contents)) throw settingsInvalid(`${file}:1: write settings as "key: value", one in a line.`);
  const settings: ParsedSettings = {};
  readMap({ file, lines, document, settings }, contents, '');
  return settings;
}

/** Parses one setting; `where` names its source. Throws as `parseSettings`. */
export function parseSetting(where: string, key: string, value: unknown): unknown {
  if (!isKey(key)) throw settingsInvalid(`${where}: there is no setting "${key}".${suggestion(key)}`);
  try {
    return SETTING_KEYS[key].parse(value);
  } catch (error) {
    const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
    throw settingsInvalid(`${where}: "${key}" is ${shown}. ${(error as Error).message}`, error);
  }
}

export function settingsInvalid(message: string, cause?: unknown): CommandError {
  return new CommandError('settings-invalid', ExitCode.usage, message, { cause });
}

interface Reading {
  readonly file: string;
  readonly lines: LineCounter;
  readonly document: Document;
  readonly settings: ParsedSettings;
}

function readMap(reading: Reading, map: YAMLMap, prefix: string): void {
  for (const { key: node, value } of map.items) {
    const name = isScalar(node) ? String(node.value) : String(node);
    const key = `${prefix}${name}`;
    const offset = isScalar(node) ? (node.range?.[0] ?? 0) : 0;
    const where = `${reading.file}:${reading.lines.linePos(offset).line}`;
    if (isMap(value) && KEYS.some((each) => each.startsWith(`${key}.`))) readMap(reading, value, `${key}.`);
    else reading.settings[key] = parseSetting(where, key, (value as ToJs | null)?.toJS(reading.document));
  }
}

interface ToJs {
  toJS(document: Document): unknown;
}

function isKey(key: string): key is keyof typeof SETTING_KEYS {
  return Object.hasOwn(SETTING_KEYS, key);
}

function suggestion(key: string): string {
  const near = nearest(key, [...KEYS, ...GROUPS]);
  return near === undefined ? ` There are: ${KEYS.join(', ')}.` : ` Do you mean "${near}"?`;
}

const KEYS = Object.keys(SETTING_KEYS);
/** `limits`, `api`, `api.tls`. */
const GROUPS = new Set(
  KEYS.filter((key) => key.includes('.')).map((key) => key.slice(0, key.lastIndexOf('.'))),
);
