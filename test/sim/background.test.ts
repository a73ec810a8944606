import { describe, expect, it } from 'vitest';

import type { ByteStream } from '@brine/swarm';
import type { SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

/** 20 Mbit/s. */
const LINE = 2_500_000;
/** Measured: 0.96 from ten seconds after the line became idle; 0.93 to 0.98 from five seconds after somebody else began. */
const IDLE_MIN = 0.9;
const OTHERS_MIN = 0.9;

describe('A transfer in the background', () => {
  it.each(seeds(1, 2, 3))(
    'leaves a busy line to others within seconds, and takes it when it is idle (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 262_144, fileLengths: [160 << 20] });
      const origin = await world.addMachine({ name: 'origin' });
      const home = world.network.addSite('home', { up: LINE, down: LINE });
      home.up.firstComeFirstServed = true;
      home.down.firstComeFirstServed = true;
      const machine = await world.addMachine({ name: 'machine', site: home, engine: { background: true } });
      const foreground = await makeForeground(world, home);
      origin.seed(payload);
      machine.get(payload, [origin]);

      /** Parts of the line that others, and we, get during so many seconds. */
      const watch = async (seconds: number): Promise<{ others: number; ours: number }> => {
        const before = { all: home.down.bytesCarried, others: foreground.received() };
        await world.runFor(seconds * 1000);
        const others = foreground.received() - before.others;
        const all = home.down.bytesCarried - before.all;
        return { others: others / seconds / LINE, ours: (all - others) / seconds / LINE };
      };
      const show = (what: string, part: number): void => {
        if (process.env['BRINE_SHOW'] !== undefined) console.log(`${what}: ${part.toFixed(2)}`);
      };
      for (let round = 0; round < 2; round += 1) {
        await watch(10);
        const idle = await watch(8);
        show('idle line', idle.ours);
        expect(idle.ours).toBeGreaterThan(IDLE_MIN);
        foreground.start();
        const yielding = await watch(5);
        show('others, first five seconds', yielding.others);
        const busy = await watch(10);
        show('others, then', busy.others);
        expect(busy.others).toBeGreaterThan(OTHERS_MIN);
        foreground.stop();
        await watch(1);
      }
    }),
    60_000,
  );
});

/** A download by somebody else behind the line: one flow that takes what it gets. */
async function makeForeground(
  world: SimWorld,
  site: Parameters<SimWorld['addHost']>[0]['site'],
): Promise<{ start(): void; stop(): void; received(): number }> {
  const server = world.addHost({ name: 'server' });
  const client = world.addHost({ name: 'client', ...(site === undefined ? {} : { site }) });
  const chunk = new Uint8Array(16_384);
  const nothing = (): void => undefined;
  let sender: ByteStream | undefined;
  let on = false;
  let received = 0;
  const feed = (): void => {
    if (on && sender !== undefined && sender.unsentBytes < 8 * chunk.length) sender.write(chunk, feed);
  };
  await server.listen({ ip: '0.0.0.0', port: 80 }, (stream) => {
    sender = stream;
    stream.open({ connected: nothing, received: nothing, closed: nothing });
  });
  client.connect({ ip: server.addresses[0]!, port: 80 }).open({
    connected: nothing,
    received: (bytes) => {
      received += bytes.length;
    },
    closed: nothing,
  });
  return {
    start: () => {
      on = true;
      for (let times = 0; times < 8; times += 1) feed();
    },
    stop: () => {
      on = false;
    },
    received: () => received,
  };
}
