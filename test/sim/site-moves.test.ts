import { describe, expect, it } from 'vitest';

import type { PeerSnapshot } from '@brine/swarm';
import type { Payload, SimMachine } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

const MAP = { hq: ['10.1.0.0/16'], lab: ['10.2.0.0/16'] };

describe('A machine whose site is configured anew', () => {
  it.each(seeds(1))(
    'is looked at anew by itself and by others, on connections that stay (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [4 << 20] });
      const [a, b, far] = [
        await world.addMachine({ name: 'a', ip: '10.1.0.1', engine: { site: { map: MAP } } }),
        await world.addMachine({ name: 'b', ip: '10.2.0.1', engine: { site: { map: MAP } } }),
        await world.addMachine({ name: 'far', ip: '10.3.0.1', upBytesPerSecond: 100_000 }),
      ];
      far.seed(payload);
      a.get(payload, [b, far]);
      b.get(payload, [a, far]);
      await world.runUntil('met', () => peerOf(a, b, payload) !== undefined, 10_000);
      await world.runFor(2_000);
      expect(peerOf(a, b, payload)).toMatchObject({ class: 'wan', siteLabel: 'lab' });

      const connections = world.log.count('peer-connected');
      for (const machine of [a, b]) machine.engine.setSite({ map: { hq: ['10.1.0.0/16', '10.2.0.0/16'] } });
      await world.runFor(3_000);
      expect(peerOf(a, b, payload)).toMatchObject({ class: 'site', siteLabel: 'hq' });
      expect(peerOf(b, a, payload)).toMatchObject({ class: 'site', siteLabel: 'hq' });
      expect(a.torrent(payload)?.site.members).toBe(1);
      expect(world.log.count('peer-connected')).toBe(connections);

      const taken = far.host.up.bytesCarried;
      await world.runUntil('complete', () => a.completed(payload) && b.completed(payload), 120_000);
      expect(far.host.up.bytesCarried - taken).toBeLessThan(1.1 * payload.content.length);

      a.engine.setSite({ label: 'elsewhere/1' });
      expect(a.engine.snapshot().siteLabel).toBe('elsewhere/1');
      expect(() => a.engine.setSite({ label: 'no label' })).toThrow('no label');
      expect(a.engine.snapshot().siteLabel).toBe('elsewhere/1');
    }),
  );
});

function peerOf(machine: SimMachine, other: SimMachine, payload: Payload): PeerSnapshot | undefined {
  return machine.torrent(payload)?.peers.find(({ address }) => address.ip === other.address.ip);
}
