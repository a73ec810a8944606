import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createNodeEngine } from '@brine/swarm/node';

/** The arguments of this program, a seeder of every torrent in a folder. It prints `ready` when all are seeded. */
export type ManySeederArguments = readonly [
  torrents: string,
  directory: string,
  state: string,
  ip: string,
  port: string,
];

const [torrents = '', directory = '', stateDirectory = '', ip = '', port = ''] = process.argv.slice(2);
const names = await readdir(torrents);
const engine = createNodeEngine({ stateDirectory, lsd: false, connectionsMax: 1_000 });
let seeding = 0;
engine.on('phase-changed', ({ phase }) => {
  if (phase === 'seeding') seeding += 1;
  if (seeding === names.length) console.log('ready');
});
engine.on('trouble', ({ error }) => console.log(error.message));
await engine.listen({ ip, port: Number(port) });
for (const name of names)
  engine.add({ metainfo: await readFile(join(torrents, name)), directory, mode: 'seed' });
process.once('SIGTERM', () => void engine.close().then(() => process.exit()));
