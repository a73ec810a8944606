import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Bench } from 'tinybench';

import type { PiecePicker } from '../packages/swarm/dist/policy/piece-picker.js';
import type { PeerPieces } from '../packages/swarm/dist/policy/piece-set.js';
import type { BenchOptions } from './options.ts';
import { REPOSITORY } from './places.ts';
import { short } from './table.ts';
import type { Table } from './table.ts';
import { medianMs } from './throughput.ts';

/** The picker is no export of the engine's: the built files are loaded by their place. */
interface Policy {
  readonly PiecePicker: typeof PiecePicker;
  readonly PeerPieces: typeof PeerPieces;
}

interface Size {
  readonly pieces: number;
  readonly peers: number;
}

/** The piece picker at the size of large swarms. Each peer has a random half of the pieces. */
export async function picker({ quick }: BenchOptions): Promise<readonly Table[]> {
  const policy = await loadPolicy();
  const sizes: readonly Size[] = quick
    ? [{ pieces: 1_000, peers: 20 }]
    : [
        { pieces: 4_000, peers: 50 },
        { pieces: 100_000, peers: 200 },
      ];
  const tables: Table[] = [];
  for (const size of sizes) tables.push(await measure(policy, size, quick));
  return tables;
}

async function loadPolicy(): Promise<Policy> {
  const built = (name: string): string =>
    pathToFileURL(join(REPOSITORY, 'packages/swarm/dist/policy', name)).href;
  const [order, sets] = (await Promise.all([
    import(built('piece-picker.js')),
    import(built('piece-set.js')),
  ])) as [Policy, Policy];
  return { PiecePicker: order.PiecePicker, PeerPieces: sets.PeerPieces };
}

async function measure(policy: Policy, { pieces, peers: peerCount }: Size, quick: boolean): Promise<Table> {
  const random = seeded();
  const setOf = (belongs: (piece: number) => boolean): PeerPieces => {
    const set = new policy.PeerPieces(pieces);
    for (let piece = 0; piece < pieces; piece += 1) if (belongs(piece)) set.add(piece);
    return set;
  };
  const pickerOf = (counted: readonly PeerPieces[]): PiecePicker => {
    const made = new policy.PiecePicker({ pieceCount: pieces, random, randomFirst: 0 });
    for (const peer of counted) made.addPeer(peer);
    return made;
  };
  const peers = Array.from({ length: peerCount }, () => setOf(() => random() < 0.5));
  const lowerHalf = setOf((piece) => piece < pieces / 2);
  const full = pickerOf(peers);
  const lacking = pickerOf(peers.map(() => setOf((piece) => piece < pieces / 2 && random() < 0.5)));
  const fruitless = pickerOf(peers);
  for (let piece = 0; piece < pieces / 2; piece += 1) fruitless.have(piece);

  const bench = new Bench({ iterations: quick ? 1 : 5, time: quick ? 1 : 500, warmup: !quick })
    .add('count all bitfields, sort', () => void pickerOf(peers).pick(lowerHalf))
    .add('the same, then pick every piece', () => pickEverything(pickerOf(peers), peers))
    .add('one pick', () => void full.pick(lowerHalf))
    .add('one pick, peer lacks all that is rare', () => void lacking.pick(lowerHalf))
    .add('one pick, peer has nothing of use', () => void fruitless.pick(lowerHalf))
    .add('one have: counted and uncounted', () => {
      full.increment(7);
      full.decrement(7);
    });
  await bench.run();
  return {
    title: `Picker, ${pieces} pieces, ${peerCount} peers`,
    columns: ['operation', 'ms', 'ns'],
    rows: bench.tasks.map((task) => [task.name, short(medianMs(task)), short(medianMs(task) * 1e6)]),
  };
}

/** Peers take turns until none of them has anything more. */
function pickEverything(from: PiecePicker, peers: readonly PeerPieces[]): void {
  for (let turn = 0, inVain = 0; inVain < peers.length; turn += 1) {
    const piece = from.pick(peers[turn % peers.length]!);
    inVain = piece === -1 ? inVain + 1 : 0;
    if (piece === -1) continue;
    from.start(piece);
    from.have(piece);
  }
}

/** Chance that repeats: mulberry32. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
