import { readFile } from 'node:fs/promises';

import { createNodeEngine } from '@brine/swarm/node';

/**
 * The arguments of this program, a seeder that takes many connections. It prints `ready`. At each SIGUSR2 it collects its garbage, when
 * run with `--expose-gc`, and prints `heap`, how often it has, and the bytes that are left.
 */
export type IdleSeederArguments = readonly [
  torrent: string,
  directory: string,
  state: string,
  ip: string,
  port: string,
  connections: string,
];

const [torrent = '', directory = '', stateDirectory = '', ip = '', port = '', connections = ''] =
  process.argv.slice(2);
const connectionsMax = Number(connections) + 10;
const engine = createNodeEngine({
  stateDirectory,
  connectionsMax,
  connectionsPerTorrentMax: connectionsMax,
});
engine.on('phase-changed', ({ phase }) => console.log(phase === 'seeding' ? 'ready' : phase));
engine.on('trouble', ({ error }) => console.log(error.message));
await engine.listen({ ip, port: Number(port) });
engine.add({ metainfo: await readFile(torrent), directory, mode: 'seed' });
let collections = 0;
process.on('SIGUSR2', () => {
  // The second finds what only finalizers of the first let go of.
  for (let i = 0; i < 2; i += 1) globalThis.gc?.();
  collections += 1;
  const { heapUsed, external } = process.memoryUsage();
  console.log(`heap ${collections} ${heapUsed + external}`);
});
process.once('SIGTERM', () => void engine.close().then(() => process.exit()));
