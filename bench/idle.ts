import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { BenchPeer } from './bench-peer.ts';
import { libtorrent, startPeer } from './clients.ts';
import type { BenchOptions } from './options.ts';
import { KIB, MIB } from './options.ts';
import { scratch } from './payload.ts';
import type { IdleSeederArguments } from './peers/idle-seeder.ts';
import { REPOSITORY } from './places.ts';
import { usageOf } from './process-usage.ts';
import { median, short } from './table.ts';
import type { Table } from './table.ts';
import { torrentOfZeros } from './torrent.ts';

const NAME = 'zeros.bin';
const PIECE_LENGTH = 16 * KIB;
const IP = '127.0.0.2';
const PORT = 21_000;

/** A seeder whose memory is watched. */
interface Kind {
  readonly name: string;
  readonly client: 'brine' | 'libtorrent';
  /**
   * Look at the heap after a collection instead of at the process: what connections hold, whatever room the process already had.
   * Without what the platform keeps for a socket outside the heap.
   */
  readonly heap: boolean;
}

const KINDS: readonly Kind[] = [
  { name: 'brine', client: 'brine', heap: false },
  { name: 'brine, heap after collection', client: 'brine', heap: true },
  { name: 'libtorrent', client: 'libtorrent', heap: false },
];

interface Measured {
  readonly kept: number;
  readonly beforeMiB: number;
  readonly afterMiB: number;
  readonly cpuPercent: number;
}

/** What handshaken, uninterested peers cost a seeder of a torrent with many pieces. */
export async function idle({ quick, clients, runs }: BenchOptions): Promise<readonly Table[]> {
  const pieces = quick ? 2000 : 100_000;
  const connections = quick ? 50 : 500;
  const home = await mkdtemp(join(await scratch(), 'idle-'));
  const kinds = KINDS.filter(
    ({ client }) =>
      (clients.length === 0 || clients.includes(client)) &&
      (client === 'brine' || libtorrent.missing() === undefined),
  );
  const results = new Map<Kind, Measured[]>(kinds.map((kind) => [kind, []]));
  try {
    const torrent = torrentOfZeros(NAME, pieces, PIECE_LENGTH);
    const path = join(home, 'idle.torrent');
    await writeFile(path, torrent.bytes);
    await writeFile(join(home, NAME), '');
    await truncate(join(home, NAME), pieces * PIECE_LENGTH); // sparse
    for (let run = 0; run < runs; run += 1) {
      for (const [kind, measured] of results) {
        const { seeder, ready } = startSeeder(kind, home, path, connections);
        try {
          await seeder.line(ready, 60_000);
          measured.push(await measure(seeder, kind, torrent.infoHash, connections, quick));
        } finally {
          await seeder.stop();
        }
      }
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return [
    {
      title: `Idle connections, ${connections} asked for, seeder of ${pieces.toLocaleString('en')} pieces, median of ${runs}`,
      columns: ['seeder', 'kept', 'MiB before', 'after', 'KiB per connection', 'CPU % idle'],
      rows: [...results].map(([{ name }, measured]) => rowOf(name, measured)),
    },
  ];
}

function rowOf(name: string, runs: readonly Measured[]): readonly string[] {
  const middle = (value: (run: Measured) => number): string => short(median(runs.map(value)));
  const each = runs.map(kibEach);
  const all = runs.length > 1 ? ` (${each.map(short).join(' ')})` : '';
  return [
    name,
    String(median(runs.map(({ kept }) => kept))),
    middle(({ beforeMiB }) => beforeMiB),
    middle(({ afterMiB }) => afterMiB),
    `${short(median(each))}${all}`,
    middle(({ cpuPercent }) => cpuPercent),
  ];
}

function kibEach({ kept, beforeMiB, afterMiB }: Measured): number {
  return ((afterMiB - beforeMiB) * 1024) / kept;
}

function startSeeder(
  { client, name }: Kind,
  home: string,
  torrent: string,
  connections: number,
): { readonly seeder: BenchPeer; readonly ready: (line: string) => boolean } {
  const state = mkdtempSync(join(home, 'state-'));
  if (client === 'brine') {
    const program = join(REPOSITORY, 'bench/dist/peers/idle-seeder.js');
    const place: IdleSeederArguments = [torrent, home, state, IP, String(PORT), String(connections)];
    const seeder = new BenchPeer(name, [process.execPath, '--expose-gc', program, ...place]);
    return { seeder, ready: (line) => line === 'ready' };
  }
  const place = { torrent, directory: home, state, ip: IP, port: PORT, peers: [], tracker: '' };
  const seeder = startPeer(libtorrent, { role: 'seed', ...place });
  return { seeder, ready: (line) => libtorrent.ready(line) };
}

async function measure(
  seeder: BenchPeer,
  { heap }: Kind,
  infoHash: Uint8Array,
  connections: number,
  quick: boolean,
): Promise<Measured> {
  const settle = quick ? 500 : 4000;
  const watch = quick ? 1000 : 10_000;
  const memoryMiB = async (nth: number): Promise<number> => {
    await delay(settle);
    return heap ? heapMiB(seeder, nth) : usageOf(seeder.pid).anonymousMiB;
  };
  const beforeMiB = await memoryMiB(1);
  const peers: IdlePeer[] = [];
  try {
    for (let i = 0; i < connections; i += 1) peers.push(new IdlePeer(infoHash, i));
    const afterMiB = await memoryMiB(2);
    const { cpuSeconds } = usageOf(seeder.pid);
    await delay(watch);
    const cpuPercent = ((usageOf(seeder.pid).cpuSeconds - cpuSeconds) / (watch / 1000)) * 100;
    const kept = peers.filter(({ shaken, open }) => shaken && open).length;
    return { kept, beforeMiB, afterMiB, cpuPercent };
  } finally {
    for (const peer of peers) peer.close();
  }
}

/** Bytes that are reachable in a seeder's heap and beside it, asked for the `nth` time. */
async function heapMiB(seeder: BenchPeer, nth: number): Promise<number> {
  let mib = NaN;
  process.kill(seeder.pid, 'SIGUSR2');
  await seeder.line((line) => {
    const [word, count, bytes] = line.split(' ');
    if (word !== 'heap' || Number(count) !== nth) return false;
    mib = Number(bytes) / MIB;
    return true;
  }, 10_000);
  return mib;
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
