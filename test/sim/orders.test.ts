import { describe, expect, it } from 'vitest';

import { DIRECTORY } from '@brine/swarm/sim';
import type { SimMachine, SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

describe('A download', () => {
  it.each(seeds())(
    'in sequence verifies its pieces nearly in order (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [4_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      machine.get(payload, [origin], { sequential: true });
      const pieces = piecesVerified(machine);
      await world.runUntil('complete', () => machine.completed(payload), 30_000);
      // Pieces that a peer allows before it unchokes us (BEP 6) come when they come: ten at most.
      const late = pieces.filter((piece, index) =>
        pieces.slice(0, index).some((before) => before > piece + 4),
      );
      expect(late.length).toBeLessThanOrEqual(pieces.length / 2);
      const jumps = pieces.filter((piece, index) => index > 0 && piece > pieces[index - 1]! + 4);
      expect(jumps.length).toBeLessThanOrEqual(10);
    }),
  );

  it.each(seeds())(
    'of selected files fetches those only, and the rest when it is asked for (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({
        pieceLength: 65_536,
        fileLengths: [1_000_000, 1_000_000, 1_000_000],
      });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      machine.get(payload, [origin], { filePriorities: [0, 1, 0] });
      await world.runUntil('complete', () => machine.completed(payload), 30_000);
      const wanted = Math.ceil(2_000_000 / 65_536) - Math.floor(1_000_000 / 65_536);
      expect(machine.torrent(payload)?.piecesVerified).toBe(wanted);
      expect(machine.torrent(payload)?.bytesDone).toBe(machine.torrent(payload)?.bytesTotal);

      await world.until(machine.engine.setFilePriorities(payload.id, [1, 1, 1]));
      await world.runUntil(
        'all pieces',
        () => machine.torrent(payload)?.piecesVerified === payload.pieceCount,
        30_000,
      );
      await world.runFor(1000);
      expect(machine.torrent(payload)?.complete).toBe(true);
      expect(await world.until(machine.disk.publishedPieces(DIRECTORY, payload))).toBe(payload.pieceCount);
    }),
  );

  it.each(seeds())(
    'that is paused takes nothing, keeps what it has, and goes on when resumed (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [4_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      machine.get(payload, [origin]);
      await world.runFor(2000);
      machine.engine.pause(payload.id);
      await world.runFor(1000);
      const carried = machine.host.down.bytesCarried;
      const verified = machine.torrent(payload)?.piecesVerified ?? 0;
      expect(verified).toBeGreaterThan(10);
      await world.runFor(30_000);
      // Handshakes of callers that do not know, at most.
      expect(machine.host.down.bytesCarried - carried).toBeLessThan(2000);
      expect(machine.torrent(payload)?.phase).toBe('paused');
      machine.engine.resume(payload.id);
      await world.runUntil('complete', () => machine.completed(payload), 60_000);
      expect(machine.disk.piecesWritten).toBe(payload.pieceCount);
    }),
  );

  it.each(seeds(1))(
    'runs over IPv6 (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000] });
      const origin = await world.addMachine({ name: 'origin', ip: '2001:db8::1' });
      const machine = await world.addMachine({ name: 'machine', ip: '2001:db8::2' });
      origin.seed(payload);
      machine.get(payload, [origin]);
      await world.runUntil('complete', () => machine.completed(payload), 30_000);
    }),
  );

  it.each(seeds())(
    'keeps one connection when both sides call at once, and none with itself (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000] });
      const machines = await world.addMachines(5, { name: 'machine', upBytesPerSecond: 10_000 });
      machines[0]!.seed(payload, { peers: machines.map(({ address }) => address) });
      for (const machine of machines.slice(1)) machine.get(payload, machines);
      await world.runFor(20_000);
      for (const machine of machines) expect(machine.torrent(payload)?.peers).toHaveLength(4);
    }),
  );
});

describe('A rate limit', () => {
  for (const [direction, side] of [
    ['down', 'machine'],
    ['up', 'origin'],
  ] as const) {
    it.each(seeds())(
      `${direction} is kept within 3 % over 10 s, and so is its change (seed %i)`,
      inWorld(async (world) => {
        const payload = world.makePayload({ pieceLength: 262_144, fileLengths: [16_000_000] });
        const limits = (rate: number): object => ({ [`${direction}BytesPerSecond`]: rate });
        const engineOf = (name: string): object =>
          name === side ? { engine: { limits: limits(500_000) } } : {};
        const origin = await world.addMachine({
          name: 'origin',
          upBytesPerSecond: 20 * MB,
          ...engineOf('origin'),
        });
        const machine = await world.addMachine({ name: 'machine', ...engineOf('machine') });
        origin.seed(payload);
        machine.get(payload, [origin]);
        await world.runFor(3000);
        expect(await rateOver10Seconds(world, machine)).toBeGreaterThan(500_000 * 0.97);
        expect(await rateOver10Seconds(world, machine)).toBeLessThan(500_000 * 1.03);
        const limited = side === 'machine' ? machine : origin;
        limited.engine.setLimits(limits(100_000));
        await world.runFor(10_000);
        const rate = await rateOver10Seconds(world, machine);
        expect(rate).toBeGreaterThan(100_000 * 0.97);
        expect(rate).toBeLessThan(100_000 * 1.03);
      }),
    );
  }

  it.each(seeds())(
    'of one torrent is kept while another takes the rest (seed %i)',
    inWorld(async (world) => {
      const slow = world.makePayload({ name: 'slow', pieceLength: 65_536, fileLengths: [3_000_000] });
      const fast = world.makePayload({ name: 'fast', pieceLength: 65_536, fileLengths: [3_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(slow);
      origin.seed(fast);
      machine.get(slow, [origin], { limits: { downBytesPerSecond: 100_000 } });
      machine.get(fast, [origin]);
      await world.runFor(10_000);
      expect(machine.completed(fast)).toBe(true);
      const bytes = machine.torrent(slow)?.downloadedBytes ?? 0;
      expect(bytes).toBeGreaterThan(850_000);
      expect(bytes).toBeLessThan(1_100_000);
    }),
  );
});

/** What the engine took in, not what lies in the kernel's buffer. */
async function rateOver10Seconds(world: SimWorld, machine: SimMachine): Promise<number> {
  const before = machine.engine.snapshot().downloadedBytes;
  await world.runFor(10_000);
  return (machine.engine.snapshot().downloadedBytes - before) / 10;
}

function piecesVerified(machine: SimMachine): readonly number[] {
  const pieces: number[] = [];
  machine.engine.on('piece-verified', ({ piece }) => pieces.push(piece));
  return pieces;
}
