import { describe, expect, it } from 'vitest';

import type { SimWorld } from '@brine/swarm/sim';

import { RawPeer } from './raw-peer.ts';
import type { PeerScript } from './raw-peer.ts';
import { inWorld, seeds } from './scenario.ts';

const BLOCK_LENGTH = 16_384;
/** A run of the cache is as long as a piece here, so that every peer wants a run of its own. */
const PIECE_LENGTH = 16 * BLOCK_LENGTH;
const PEERS = 8;

/** What has come to a peer. */
interface Delivery {
  bytes: number;
  wrong: number;
}

/** Asks for a whole piece once it may, and looks at every byte that comes. */
function wants(piece: number, delivery: Delivery): PeerScript {
  return {
    started: (connection) => {
      connection.machine.handshake();
      connection.flush();
    },
    heard: (connection, event) => {
      if (event.type === 'handshake') connection.machine.interested();
      if (event.type === 'unchoke')
        for (let begin = 0; begin < PIECE_LENGTH; begin += BLOCK_LENGTH)
          connection.machine.request(piece, begin, BLOCK_LENGTH);
      if (event.type !== 'block') return;
      const right = connection.content(event.piece, event.begin + event.offset, event.bytes.length);
      delivery.bytes += event.bytes.length;
      delivery.wrong += event.bytes.reduce((wrong, byte, at) => wrong + (byte === right[at] ? 0 : 1), 0);
    },
  };
}

/** A seeder whose limit lets less than a block pass at once, with room for four runs. */
async function limitedSeeder(world: SimWorld): Promise<Delivery[]> {
  const payload = world.makePayload({ pieceLength: PIECE_LENGTH, fileLengths: [PEERS * PIECE_LENGTH] });
  const seeder = await world.addMachine({
    name: 'seeder',
    engine: { uploadCacheBytes: 4 * PIECE_LENGTH, unchokeSlots: PEERS, limits: { upBytesPerSecond: 40_000 } },
  });
  seeder.seed(payload);
  await world.runFor(1000);
  return Array.from({ length: PEERS }, (_, piece) => {
    const delivery = { bytes: 0, wrong: 0 };
    const host = world.addHost({ name: `peer-${piece}` });
    const script = wants(piece, delivery);
    new RawPeer({ clock: world.clock, random: world.random.split(host.name), host, payload, script }).call(
      seeder.address,
    );
    return delivery;
  });
}

describe('A seeder with a limit, of which more is wanted than its cache holds', () => {
  it.each(seeds())(
    'sends every block as it is: what goes out in parts is not overwritten between them (seed %i)',
    inWorld(async (world) => {
      const deliveries = await limitedSeeder(world);
      const all = (): boolean => deliveries.every(({ bytes }) => bytes === PIECE_LENGTH);
      await world.runUntil('all blocks', all, 120_000);
      expect(deliveries.map(({ wrong }) => wrong)).toEqual(deliveries.map(() => 0));
    }),
  );
});
