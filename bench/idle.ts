import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { BenchPeer } from './bench-peer.ts';
import { libtorrent, startPeer } from './clients.ts';
import type { BenchOptions } from './options.ts';
import { KIB } from './options.ts';
import { scratch } from './payload.ts';
import type { IdleSeederArguments } from './peers/idle-seeder.ts';
import { REPOSITORY } from './places.ts';
import { usageOf } from './process-usage.ts';
import { short } from './table.ts';
import type { Table } from './table.ts';
import { torrentOfZeros } from './torrent.ts';

const NAME = 'zeros.bin';
const PIECE_LENGTH = 16 * KIB;
const IP = '127.0.0.2';
const PORT = 21_000;

/** What handshaken, uninterested peers cost a seeder of a torrent with many pieces. */
export async function idle({ quick, clients }: BenchOptions): Promise<readonly Table[]> {
  const pieces = quick ? 2000 : 100_000;
  const connections = quick ? 50 : 500;
  const home = await mkdtemp(join(await scratch(), 'idle-'));
  try {
    const torrent = torrentOfZeros(NAME, pieces, PIECE_LENGTH);
    const path = join(home, 'idle.torrent');
    await writeFile(path, torrent.bytes);
    await writeFile(join(home, NAME), '');
    await truncate(join(home, NAME), pieces * PIECE_LENGTH); // sparse
    const rows: (readonly string[])[] = [];
    const possible = libtorrent.missing() === undefined ? ['brine', 'libtorrent'] : ['brine'];
    const names = possible.filter((name) => clients.length === 0 || clients.includes(name));
    for (const name of names) {
      const { seeder, ready } = startSeeder(name, home, path, connections);
      try {
        await seeder.line(ready, 60_000);
        rows.push([name].concat(await measure(seeder, torrent.infoHash, connections, quick)));
      } finally {
        await seeder.stop();
      }
    }
    return [
      {
        title: `Idle connections, ${connections} asked for, seeder of ${pieces.toLocaleString('en')} pieces`,
        columns: ['seeder', 'kept', 'anon MiB before', 'after', 'KiB per connection', 'CPU % idle'],
        rows,
      },
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function startSeeder(
  name: string,
  home: string,
  torrent: string,
  connections: number,
): { readonly seeder: BenchPeer; readonly ready: (line: string) => boolean } {
  const state = join(home, `state-${name}`);
  mkdirSync(state);
  if (name === 'brine') {
    const program = join(REPOSITORY, 'bench/dist/peers/idle-seeder.js');
    const place: IdleSeederArguments = [torrent, home, state, IP, String(PORT), String(connections)];
    const seeder = new BenchPeer(name, [process.execPath, program, ...place]);
    return { seeder, ready: (line) => line === 'ready' };
  }
  const place = { torrent, directory: home, state, ip: IP, port: PORT, peers: [], tracker: '' };
  const seeder = startPeer(libtorrent, { role: 'seed', ...place });
  return { seeder, ready: (line) => libtorrent.ready(line) };
}

async function measure(
  seeder: BenchPeer,
  infoHash: Uint8Array,
  connections: number,
  quick: boolean,
): Promise<readonly string[]> {
  const settle = quick ? 500 : 4000;
  const watch = quick ? 1000 : 10_000;
  await delay(settle);
  const before = usageOf(seeder.pid);
  const peers: IdlePeer[] = [];
  try {
    for (let i = 0; i < connections; i += 1) peers.push(new IdlePeer(infoHash, i));
    await delay(settle);
    const after = usageOf(seeder.pid);
    await delay(watch);
    const later = usageOf(seeder.pid);
    const kept = peers.filter(({ shaken, open }) => shaken && open).length;
    return [
      String(kept),
      short(before.anonymousMiB),
      short(after.anonymousMiB),
      short(((after.anonymousMiB - before.anonymousMiB) * 1024) / kept),
      short(((later.cpuSeconds - after.cpuSeconds) / (watch / 1000)) * 100),
    ];
  } finally {
    for (const peer of peers) peer.close();
  }
}

/** Shakes hands and says nothing more. */
class IdlePeer {
  readonly #socket: Socket;
  open = true;
  shaken = false;

  constructor(infoHash: Uint8Array, number: number) {
    const localAddress = `127.0.${1 + Math.floor(number / 200)}.${1 + (number % 200)}`;
    this.#socket = connect({ host: IP, port: PORT, localAddress });
    this.#socket.on('close', () => (this.open = false));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('data', () => (this.shaken = true));
    const head = Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\0\0\0', 'latin1');
    const id = Buffer.from(`-ID0001-${String(number).padStart(12, '0')}`);
    this.#socket.write(Buffer.concat([head, infoHash, id]));
  }

  close(): void {
    this.#socket.destroy();
  }
}
