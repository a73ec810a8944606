/**
 * Machines of a site fetch every piece over its line once, and give it to each other.
 * `node examples/dist/sites.js`: two machines at one site fetch a small sample from a seeder at another, and print what came from where.
 */
import { join } from 'node:path';

import type { Engine, SiteOptions } from '@brine/swarm';
import { createNodeEngine } from '@brine/swarm/node';
import type { PeerAddress } from '@brine/wire';

import { makeSample } from './sample.ts';
import type { Sample } from './sample.ts';

/** The same for the whole fleet. A label is a path: sites whose labels begin alike are near each other, and ask each other first. */
const MAP = {
  'de/muc': ['10.1.0.0/16', 'fd00:1::/48'],
  'de/ber': ['10.2.0.0/16'],
  'fr/par': ['10.3.0.0/16'],
};

/** An engine that knows where it is. Without a label it looks for its own addresses in the map; here all have 127.0.0.1. */
function engineAt(label: keyof typeof MAP): Engine {
  const site: SiteOptions = { label, map: MAP };
  return createNodeEngine({ site });
}

async function listen(engine: Engine): Promise<PeerAddress> {
  return engine.listen({ ip: '127.0.0.1', port: 0 });
}

/** Fetches the sample; resolves with the bytes that crossed the line when everything is there. */
async function fetchSample(
  engine: Engine,
  sample: Sample,
  name: string,
  peers: readonly PeerAddress[],
): Promise<number> {
  const complete = new Promise((resolve) => engine.once('torrent-complete', resolve));
  engine.add({ metainfo: sample.metainfo, directory: join(sample.destination, name), peers });
  await complete;
  const { site, near, wan } = engine.snapshot().byClass;
  console.log(
    `${name}: ${site.downloadedBytes} bytes from its site, ${near.downloadedBytes} from near sites, ${wan.downloadedBytes} from far ones`,
  );
  return wan.downloadedBytes;
}

const sample = await makeSample();
const origin = engineAt('fr/par');
const originAddress = await listen(origin);
origin.add({ metainfo: sample.metainfo, directory: sample.origin, mode: 'seed' });

const machines = [engineAt('de/muc'), engineAt('de/muc')] as const;
const addresses = [await listen(machines[0]), await listen(machines[1])] as const;
const crossed = await Promise.all([
  fetchSample(machines[0], sample, 'muc-1', [originAddress, addresses[1]]),
  fetchSample(machines[1], sample, 'muc-2', [originAddress, addresses[0]]),
]);
console.log(`over the line of ${machines[0].snapshot().siteLabel ?? ''}: ${crossed[0] + crossed[1]} bytes`);

await Promise.all([...machines, origin].map((engine) => engine.close()));
await sample.remove();
