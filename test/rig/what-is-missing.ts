import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { PYTHON } from './places.ts';

const PROGRAMS = ['ip', 'tc', 'opentracker', 'transmission-cli', 'aria2c'];

/** What this machine lacks to run other clients on hosts of their own, as half a sentence; undefined when nothing. */
export function whatIsMissing(): string | undefined {
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
