/**
 * Fetches a payload: `node examples/dist/leecher.js FILE.torrent DIR IP PORT`, from the seeder at IP and PORT.
 * Without arguments it fetches a small sample from a seeder in this process.
 */
import { readFile } from 'node:fs/promises';

import { createNodeEngine } from '@brine/swarm/node';

import { makeSample, seedSample } from './sample.ts';

const [file, directory, ip, port] = process.argv.slice(2);
const sample = file === undefined ? await makeSample() : undefined;
const seeder = sample === undefined ? undefined : await seedSample(sample);

const engine = createNodeEngine();
engine.on('trouble', ({ error }) => console.error(error.message));
const complete = new Promise((resolve) => engine.once('torrent-complete', resolve));

const id = engine.add({
  metainfo: sample?.metainfo ?? (await readFile(file ?? '')),
  directory: sample?.destination ?? directory ?? '.',
  peers: [seeder?.address ?? { ip: ip ?? '127.0.0.1', port: Number(port) }],
});

const timer = setInterval(() => {
  const torrent = engine.torrent(id);
  if (torrent !== undefined)
    console.log(`${torrent.phase}: ${torrent.bytesDone} of ${torrent.bytesTotal} bytes`);
}, 500);

// Complete means: every piece verified, everything written, and the payload under its final name.
await complete;
clearInterval(timer);
console.log(`complete: ${engine.torrent(id)?.name ?? ''} in ${engine.torrent(id)?.directory ?? ''}`);

await engine.close();
await seeder?.close();
await sample?.remove();
