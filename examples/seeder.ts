/**
 * Serves a payload: `node examples/dist/seeder.js FILE.torrent DIR`, where DIR contains the payload.
 * Without arguments it serves a small sample to a leecher in this process, and ends when that has everything.
 */
import { readFile } from 'node:fs/promises';

import { createNodeEngine } from '@brine/swarm/node';

import { fetchSample, makeSample } from './sample.ts';

const [file, directory] = process.argv.slice(2);
const sample = file === undefined || directory === undefined ? await makeSample() : undefined;

const engine = createNodeEngine({ limits: { upBytesPerSecond: 50e6 } });
engine.on('peer-connected', ({ address }) => console.log(`${address.ip}:${address.port} came`));
engine.on('peer-disconnected', ({ address, reason }) =>
  console.log(`${address.ip}:${address.port} left: ${reason}`),
);
engine.on('trouble', ({ error }) => console.error(error.message));

// Port 0: the system chooses a free one. A real seeder has a fixed port, so that others find it.
const address = await engine.listen({ ip: '127.0.0.1', port: 0 });
console.log(`listening on ${address.ip}:${address.port}`);

const id = engine.add({
  metainfo: sample?.metainfo ?? (await readFile(file ?? '')),
  directory: sample?.origin ?? directory ?? '',
  mode: 'seed',
});

if (sample === undefined) {
  await new Promise((resolve) => process.once('SIGINT', resolve));
} else {
  await fetchSample(sample, address);
}
console.log(`sent ${engine.torrent(id)?.uploadedBytes ?? 0} bytes`);
await engine.close();
await sample?.remove();
