import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Payload } from './payload.ts';
import { BRINE } from './peers/brine.ts';
import { PYTHON, besides } from './places.ts';

const run = promisify(execFile);
const SCRIPT = besides('peers/libtorrent_torrent.py');

/** A .torrent file and what libtorrent reads in it. */
export interface TorrentFile {
  readonly path: string;
  /** Hex. */
  readonly infoHash: string;
  readonly pieceLength: number;
  readonly files: readonly { readonly path: string; readonly length: number }[];
}

/** Makes a torrent with libtorrent or with `brine create`. `pieceLength` in bytes. */
export async function makeTorrent(
  maker: 'libtorrent' | 'brine',
  payload: Payload,
  path: string,
  pieceLength: number,
  trackers: readonly string[],
): Promise<TorrentFile> {
  const content = join(payload.directory, payload.name);
  if (maker === 'libtorrent') {
    await run(PYTHON, [SCRIPT, 'create', content, String(pieceLength), path, ...trackers]);
  } else {
    const options = [
      '--piece-size',
      `${pieceLength / 1024}KiB`,
      ...trackers.flatMap((url) => ['--tracker', url]),
    ];
    await run(process.execPath, [BRINE, 'create', content, '-o', path, ...options]);
  }
  return readTorrent(path);
}

/** What libtorrent reads in a .torrent file. */
async function readTorrent(path: string): Promise<TorrentFile> {
  const { stdout } = await run(PYTHON, [SCRIPT, 'show', path], { maxBuffer: 64 << 20 });
  return { path, ...(JSON.parse(stdout) as Omit<TorrentFile, 'path'>) };
}

/** A magnet link with trackers and, for clients that know `x.pe`, peers. */
export function magnetOf(
  torrent: TorrentFile,
  trackers: readonly string[],
  peers: readonly string[] = [],
): string {
  const parts = [`xt=urn:btih:${torrent.infoHash}`];
  for (const url of trackers) parts.push(`tr=${encodeURIComponent(url)}`);
  for (const peer of peers) parts.push(`x.pe=${peer}`);
  return `magnet:?${parts.join('&')}`;
}
