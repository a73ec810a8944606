/**
 * An engine on a storage of one's own: see `map-store.ts`. `node examples/dist/own-store.js` fetches a small sample into it, and
 * ends. The engine reaches the world through ports only; the storage is one of them.
 */
import { createNodeEngine } from '@brine/swarm/node';

import { MapStorage } from './map-store.ts';
import { makeSample, seedSample } from './sample.ts';

const sample = await makeSample();
const seeder = await seedSample(sample);
const storage = new MapStorage();
const engine = createNodeEngine({}, { storage });
const complete = new Promise((resolve) => engine.once('torrent-complete', resolve));

engine.add({ metainfo: sample.metainfo, directory: 'nowhere', peers: [seeder.address] });
await complete;

const bytes = [...storage.entries.values()].reduce((sum, piece) => sum + piece.length, 0);
console.log(`the map holds ${storage.entries.size} pieces, ${bytes} bytes`);
await engine.close();
await seeder.close();
await sample.remove();
