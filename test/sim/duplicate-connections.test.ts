import { describe, expect, it } from 'vitest';

import type { Payload, SimMachine, SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

/** A seed and a leecher; the seed's machine has two addresses. */
async function pair(
  world: SimWorld,
  upBytesPerSecond = 1e6,
): Promise<{ seed: SimMachine; leecher: SimMachine; addresses: { ip: string; port: number }[] }> {
  const seed = await world.addMachine({
    name: 'seed',
    ip: '10.1.0.1',
    otherIps: ['10.1.0.2'],
    upBytesPerSecond,
  });
  const leecher = await world.addMachine({ name: 'leecher', ip: '10.2.0.1' });
  const { port } = seed.address;
  return { seed, leecher, addresses: [seed.address, { ip: '10.1.0.2', port }] };
}

function smallPayload(world: SimWorld): Payload {
  return world.makePayload({ pieceLength: 65_536, fileLengths: [2_000_000] });
}

/** Nobody may lose a connection on which something was exchanged: the refused one never becomes a peer of the dialler. */
function lost(world: SimWorld, name: string): readonly string[] {
  return world.log.lines(`${name} peer-disconnected`);
}

describe('A peer that is dialled twice', () => {
  it.each(seeds(1, 2, 3, 4, 5))(
    'at two addresses at once stays connected once, and the transfer does not notice (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const { seed, leecher, addresses } = await pair(world);
      seed.seed(payload);
      leecher.get(payload, [], { peers: addresses });
      await world.runFor(1000);
      expect(leecher.torrent(payload)?.peers).toHaveLength(1);
      expect(seed.torrent(payload)?.peers).toHaveLength(1);
      await world.runUntil('complete', () => leecher.completed(payload), 4000);
      expect(lost(world, 'leecher')).toEqual([]);
      expect(lost(world, 'seed')).toEqual([]);
    }),
  );

  it.each(seeds(1, 2, 3, 4, 5))(
    'while it dials back is left with one connection that both ends chose (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const { seed, leecher, addresses } = await pair(world);
      seed.seed(payload, { peers: [leecher.address] });
      leecher.get(payload, [], { peers: addresses });
      await world.runFor(1000);
      const [atLeecher, atSeed] = [leecher.torrent(payload)?.peers, seed.torrent(payload)?.peers];
      expect(atLeecher).toHaveLength(1);
      expect(atSeed).toHaveLength(1);
      expect(atLeecher?.[0]?.outgoing).toBe(atSeed?.[0]?.outgoing === false);
      await world.runUntil('complete', () => leecher.completed(payload), 4000);
    }),
  );

  it.each(seeds())(
    'whenever its second address is tried again keeps its first connection (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [20_000_000] });
      const { seed, leecher, addresses } = await pair(world, 1e5);
      seed.seed(payload);
      leecher.get(payload, [], { peers: addresses });
      await world.runFor(180_000);
      expect(leecher.host.callsMade).toBeGreaterThan(3);
      expect(lost(world, 'leecher')).toEqual([]);
    }),
  );
});
