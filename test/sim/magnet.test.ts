import { describe, expect, it } from 'vitest';

import { DIRECTORY, SimTracker } from '@brine/swarm/sim';

import { LIES } from './lies.ts';
import { RawPeer } from './raw-peer.ts';
import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

describe('A magnet', () => {
  it.each(seeds())(
    'gets its metadata and its payload from peers (seed %i)',
    inWorld(async (world) => {
      // 3,000 pieces make metadata of four parts.
      const payload = world.makePayload({ pieceLength: 16_384, fileLengths: [3000 * 16_384] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: 20 * MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      machine.get(payload, [origin], { magnet: payload.magnet });
      await world.runUntil('complete', () => machine.completed(payload), 60_000);
      expect(world.log.lines('machine metadata-received')).toHaveLength(1);
      expect(await world.until(machine.disk.publishedPieces(DIRECTORY, payload))).toBe(payload.pieceCount);
    }),
  );

  it.each(seeds())(
    'passes its metadata on to other magnets (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const first = await world.addMachine({ name: 'first' });
      const second = await world.addMachine({ name: 'second' });
      origin.seed(payload);
      second.get(payload, [first], { magnet: payload.magnet });
      await world.runFor(5000);
      first.get(payload, [origin], { magnet: payload.magnet });
      await world.runUntil('complete', () => second.completed(payload), 240_000);
    }),
  );

  it.each(seeds())(
    'is not deceived by peers with bogus metadata (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      const lies = LIES.filter(({ name }) => name.includes('metadata') || name.includes('absurd'));
      expect(lies.length).toBeGreaterThan(2);
      const liars = await Promise.all(
        lies.map(async (lie, index) => {
          const host = world.addHost({ name: `liar-${index}` });
          const random = world.random.split(`liar-${index}`);
          const liar = new RawPeer({ clock: world.clock, random, host, payload, script: lie.script });
          await liar.listen();
          return liar;
        }),
      );
      machine.get(payload, [], {
        magnet: payload.magnet,
        peers: [...liars.map(({ address }) => address), origin.address],
      });
      await world.runUntil('complete', () => machine.completed(payload), 240_000);
    }),
  );

  it.each(seeds())(
    'finds its peers by a tracker (seed %i)',
    inWorld(async (world) => {
      const tracker = new SimTracker();
      world.http.serve('http://tracker.example', tracker);
      const url = 'http://tracker.example/announce';
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000], trackers: [url] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      await world.runFor(1000);
      machine.get(payload, [], { magnet: `${payload.magnet}&tr=${encodeURIComponent(url)}` });
      await world.runUntil('complete', () => machine.completed(payload), 60_000);
      await world.runFor(10_000);
      await world.close();
      const events = tracker.announces
        .filter(({ from }) => from.ip === machine.address.ip)
        .map(({ event }) => event ?? '-');
      expect(events.filter((event) => event !== '-')).toEqual(['started', 'completed', 'stopped']);
    }),
  );
});
