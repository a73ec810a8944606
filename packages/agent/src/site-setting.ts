import { readFile } from 'node:fs/promises';

import type { SiteOptions } from '@brine/swarm';

import { CommandError } from './command-error.ts';
import { ExitCode } from './exit-codes.ts';

/** `--site` and `--sites` as the engine takes them. Rejects with `CommandError` `sites-invalid` that names the file and the entry. */
export async function siteSetting(options: {
  readonly site?: string;
  readonly sites?: string | boolean;
}): Promise<SiteOptions | false> {
  if (options.sites === false) return false;
  const map = typeof options.sites === 'string' ? await readSiteMap(options.sites) : undefined;
  return {
    ...(options.site === undefined ? {} : { label: options.site }),
    ...(map === undefined ? {} : { map }),
  };
}

async function readSiteMap(file: string): Promise<Record<string, readonly string[]>> {
  const { parse, YAMLError } = await import('yaml');
  try {
    const text = await readFile(file, 'utf8');
    return asRanges(parse(text), file);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const what = error instanceof YAMLError ? 'is neither YAML nor JSON' : 'cannot be read';
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`${file} ${what}: ${reason}`, error);
  }
}

function asRanges(value: unknown, file: string): Record<string, readonly string[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${file} is no map of sites. Write one site in a line: "hq: [10.1.0.0/16]".`);
  const ranges: [string, string[]][] = Object.entries(value).map(([label, entry]) => {
    const texts: unknown[] = Array.isArray(entry) ? entry : [entry];
    const wrong = texts.find((text) => typeof text !== 'string');
    if (wrong !== undefined)
      throw invalid(`${file}: the site "${label}" has a range that is no text: ${JSON.stringify(wrong)}.`);
    return [label, texts as string[]];
  });
  return Object.fromEntries(ranges);
}

function invalid(message: string, cause?: unknown): CommandError {
  return new CommandError('sites-invalid', ExitCode.usage, message, { cause });
}
