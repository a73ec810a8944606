/**
 * The engine inside another program: here an agent that keeps machines up to date, with a log and a status page of its own.
 * `node examples/dist/embedded.js` fetches a small sample and ends.
 */
import type { Engine } from '@brine/swarm';
import { createNodeEngine } from '@brine/swarm/node';

import { makeSample, seedSample } from './sample.ts';

/** What the agent's own log shows of the engine. Events are facts: they can be stored, sent, or thrown away. */
function follow(engine: Engine, log: (line: string) => void): void {
  engine.on('phase-changed', ({ id, from, phase }) => log(`${id.slice(0, 8)} ${from} -> ${phase}`));
  engine.on('peer-banned', ({ address, reason }) => log(`banned ${address.ip}: ${reason}`));
  engine.on('trouble', ({ error }) => log(`trouble ${error.code}: ${error.message}`));
  engine.on('trouble-over', () => log('trouble over'));
}

/** What the agent's status page shows. A snapshot never changes: it can be kept, compared, or made into JSON. */
function status(engine: Engine): object {
  return engine.snapshot().torrents.map((torrent) => ({
    name: torrent.name,
    phase: torrent.phase,
    bytesDone: torrent.bytesDone,
    bytesTotal: torrent.bytesTotal,
    peers: torrent.peers.length,
    error: torrent.error,
  }));
}

const sample = await makeSample();
const seeder = await seedSample(sample);
const engine = createNodeEngine({ connectionsMax: 100, clientName: 'Example Agent 1.0' });
follow(engine, (line) => console.log(`log: ${line}`));
const complete = new Promise((resolve) => engine.once('torrent-complete', resolve));

// By day the link belongs to the people in the office; limits hold for open connections, too, and change while running.
engine.setLimits({ downBytesPerSecond: 1e6, upBytesPerSecond: 0 });
engine.add({ metainfo: sample.metainfo, directory: sample.destination, peers: [seeder.address] });
engine.once('piece-verified', () => {
  console.log('the working day is over: no limits');
  engine.setLimits({});
});

await complete;
console.log(`status: ${JSON.stringify(status(engine))}`);
await engine.close();
await seeder.close();
await sample.remove();
