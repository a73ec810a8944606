import { describe, expect, it } from 'vitest';

import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

/** What a disk may say, and what is told of it: a place whose files are gone again and again is waited for as well. */
const REFUSALS = [
  ['disk-full', 'disk-full'],
  ['read-only', 'read-only'],
  ['permission-denied', 'permission-denied'],
  ['file-busy', 'file-busy'],
  ['too-many-open-files', 'too-many-open-files'],
  ['io-failed', 'io-failed'],
  ['file-missing', 'io-failed'],
] as const;

describe.each(REFUSALS)('A disk that says %s', (refusal, told) => {
  it.each(seeds())(
    'makes a download wait with a trouble, and it goes on when the disk works (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [3_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine' });
      origin.seed(payload);
      machine.get(payload, [origin]);

      await world.runFor(1500);
      machine.disk.refusal = refusal;
      await world.runUntil('waiting', () => machine.torrent(payload)?.phase === 'waiting', 10_000);
      expect(machine.torrent(payload)?.error?.code).toBe(told);
      const writtenBefore = machine.disk.piecesWritten;
      await world.runFor(60_000);
      expect(machine.disk.piecesWritten).toBe(writtenBefore);
      expect(machine.torrent(payload)?.phase).toBe('waiting');
      expect(world.log.count('trouble')).toBeLessThan(100);

      machine.disk.refusal = undefined;
      await world.runUntil('complete', () => machine.completed(payload), 180_000);
      expect(machine.torrent(payload)?.error).toBeUndefined();
      expect(world.log.count('trouble-over')).toBeGreaterThan(0);
      // What was fetched before is not fetched again, but for what waited in buffers.
      const fetched = machine.host.down.bytesCarried;
      expect(fetched).toBeLessThan(payload.content.length * 1.5);
    }),
  );
});
