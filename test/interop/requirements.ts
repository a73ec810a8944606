import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { describe } from 'vitest';

const PROGRAMS = ['ip', 'opentracker', 'transmission-cli', 'aria2c'];
/** Debian's python3, for which python3-libtorrent is built; another python3 may come first in the path. */
export const PYTHON = '/usr/bin/python3';

/**
 * `describe` for suites that run real clients in network namespaces. They run under CI=true or BRINE_INTEROP=1 and then fail when
 * something is missing; otherwise they are skipped, and say why.
 */
export function describeInterop(title: string, suite: () => void): void {
  const skipped = whySkipped(title);
  if (skipped !== undefined) console.warn(`skipped: ${title}: ${skipped}`);
  const name = skipped === undefined ? title : `${title} (skipped: ${skipped})`;
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both come from the caller
  describe.skipIf(skipped !== undefined)(name, suite);
}

function whySkipped(title: string): string | undefined {
  const missing = whatIsMissing();
  const ordered = process.env['CI'] === 'true' || process.env['BRINE_INTEROP'] === '1';
  if (!ordered) return missing ?? 'set BRINE_INTEROP=1 (or CI=true) to run it';
  if (missing !== undefined) throw new Error(`${title} cannot run: ${missing}`);
  return undefined;
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const absent = PROGRAMS.filter((name) => !inPath(name));
  if (spawnSync(PYTHON, ['-c', 'import libtorrent']).status !== 0) absent.push('python3-libtorrent');
  return absent.length === 0 ? undefined : `${absent.join(', ')} not installed: run scripts/install-peers.sh`;
}

function inPath(name: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, name)));
}
