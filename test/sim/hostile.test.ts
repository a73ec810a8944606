import { describe, expect, it } from 'vitest';

import { DIRECTORY } from '@brine/swarm/sim';
import type { Payload, SimWorld } from '@brine/swarm/sim';

import { LIES } from './lies.ts';
import { corruptSeed, honestSeed, stallingSeed } from './peer-scripts.ts';
import { RawPeer } from './raw-peer.ts';
import type { PeerScript } from './raw-peer.ts';
import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

describe('A peer', () => {
  it.each(seeds())(
    'made by hand serves a payload like any other (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const seed = await rawPeer(world, payload, 'seed', honestSeed);
      const machine = await world.addMachine({ name: 'machine' });
      machine.get(payload, [], { peers: [seed.address] });
      await world.runUntil('complete', () => machine.completed(payload), 30_000);
    }),
  );

  it.each(seeds())(
    'that sends corrupt blocks is banned, and nothing wrong is published (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const bad = await rawPeer(world, payload, 'bad', corruptSeed(8));
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB / 2 });
      const machines = await world.addMachines(4, { name: 'machine', upBytesPerSecond: MB });
      origin.seed(payload);
      for (const machine of machines) {
        machine.get(payload, machines, { peers: [bad.address, origin.address] });
      }
      await world.runUntil(
        'all complete',
        () => machines.every((machine) => machine.completed(payload)),
        120_000,
      );
      expect(world.log.count('piece-corrupt')).toBeGreaterThan(0);
      const banned = world.log.lines('peer-banned');
      expect(banned.length).toBeGreaterThan(0);
      expect(banned.filter((line) => !line.includes(bad.address.ip))).toEqual([]);
      for (const machine of machines) {
        const right = await world.until(machine.disk.publishedPieces(DIRECTORY, payload));
        expect(right).toBe(payload.pieceCount);
      }
    }),
  );

  it.each(seeds())(
    'that serves nothing but corrupt blocks cannot stop the others (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const bad = await rawPeer(world, payload, 'bad', corruptSeed(1));
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB / 4 });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      machine.get(payload, [], { peers: [bad.address, origin.address] });
      await world.runUntil('complete', () => machine.completed(payload), 120_000);
      expect(world.log.lines('machine peer-banned')).toHaveLength(1);
    }),
  );

  it.each(seeds())(
    'that stalls, or is slow, delays completion by little (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const line = { upBytesPerSecond: MB / 2 };
      const [origin, slow] = [
        await world.addMachine({ name: 'origin', ...line }),
        await world.addMachine({ name: 'slow', upBytesPerSecond: 2000 }),
      ];
      origin.seed(payload);
      slow.seed(payload);
      const stalling = await rawPeer(world, payload, 'stalling', stallingSeed(3));
      const machine = await world.addMachine({ name: 'machine' });
      machine.get(payload, [], { peers: [stalling.address, slow.address, origin.address] });
      const tookMs = await world.runUntil('complete', () => machine.completed(payload), 200_000);
      const idealMs = (payload.content.length / line.upBytesPerSecond) * 1000;
      expect(tookMs).toBeLessThan(idealMs + DELAY_BY_STALLING_MS_MAX);
    }),
  );

  for (const lie of LIES) {
    it.each(seeds(1))(
      `with ${lie.name} harms nobody (seed %i)`,
      inWorld(async (world) => {
        const payload = smallPayload(world);
        const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB / 2 });
        const machine = await world.addMachine({ name: 'machine', upBytesPerSecond: MB / 2 });
        origin.seed(payload);
        const liar = await rawPeer(world, payload, 'liar', lie.script);
        machine.get(payload, [], { peers: [liar.address] });
        liar.pester(origin.address, 1000);
        await world.runFor(3500);
        expect(liar.connections.size).toBeLessThanOrEqual(lie.fatal ? 0 : 3);
        machine.engine.addPeers(payload.id, [origin.address]);
        await world.runUntil('complete', () => machine.completed(payload), 120_000);
        await world.runFor(130_000);
        expect(machine.engine.snapshot().peerCount).toBeLessThan(60);
        // 50 half-open ones at a time, 15 s each.
        expect(machine.host.callsMade).toBeLessThan(620);
        expect(origin.host.streamCount).toBeLessThan(60);
        expect(world.clock.eventsPending).toBeLessThan(5000);
      }),
    );
  }

  it.each(seeds())(
    'of every lying kind at once leaves honest ones complete (seed %i)',
    inWorld(async (world) => {
      const payload = smallPayload(world);
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machines = await world.addMachines(4, { name: 'machine', upBytesPerSecond: MB });
      origin.seed(payload);
      const liars = await Promise.all(
        LIES.map((lie, index) => rawPeer(world, payload, `liar-${index}`, lie.script)),
      );
      for (const machine of machines) {
        machine.get(payload, [origin, ...machines], {
          peers: [...liars, origin, ...machines].map(({ address }) => address),
        });
      }
      for (const liar of liars) {
        for (const victim of [origin, ...machines]) liar.call(victim.address);
      }
      await world.runUntil(
        'all complete',
        () => machines.every((machine) => machine.completed(payload)),
        300_000,
      );
      for (const machine of machines) {
        const right = await world.until(machine.disk.publishedPieces(DIRECTORY, payload));
        expect(right).toBe(payload.pieceCount);
      }
    }),
  );
});

/** A snubbed peer's blocks are asked elsewhere after a minute at the latest (request time-out). */
const DELAY_BY_STALLING_MS_MAX = 65_000;

function smallPayload(world: SimWorld): Payload {
  return world.makePayload({ pieceLength: 65_536, fileLengths: [2_000_001] });
}

async function rawPeer(
  world: SimWorld,
  payload: Payload,
  name: string,
  script: PeerScript,
): Promise<RawPeer> {
  const host = world.addHost({ name });
  const peer = new RawPeer({ clock: world.clock, random: world.random.split(name), host, payload, script });
  await peer.listen();
  return peer;
}
