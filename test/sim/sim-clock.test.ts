import { array, assert, boolean, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { nodeSimPlatform } from '@brine/swarm/node';
import { EventQueue, SimClock } from '@brine/swarm/sim';

describe('EventQueue', () => {
  it('yields what was not cancelled by instant, then by the order of scheduling', () => {
    const order = array(record({ atMs: integer({ min: 0, max: 9 }), keep: boolean() }));
    assert(
      property(order, (wanted) => {
        const queue = new EventQueue();
        const entries = wanted.map(({ atMs }) => queue.add(atMs, { happen: () => undefined }));
        for (const [index, { keep }] of wanted.entries()) {
          if (!keep) queue.cancel(entries[index]!);
        }
        const yielded: number[] = [];
        for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) yielded.push(entry.order);
        const expected = wanted
          .map(({ atMs, keep }, index) => ({ atMs, keep, index }))
          .filter(({ keep }) => keep)
          .sort((a, b) => a.atMs - b.atMs || a.index - b.index)
          .map(({ index }) => index);
        expect(yielded).toEqual(expected);
      }),
    );
  });
});

describe('SimClock', () => {
  it('runs continuations of a settled promise before the next event', async () => {
    const clock = new SimClock(nodeSimPlatform);
    const said: string[] = [];
    const chain = async (): Promise<void> => {
      await clock.sleep(5);
      for (let step = 0; step < 10; step += 1) await Promise.resolve();
      said.push(`chain at ${clock.nowMs()}`);
    };
    const done = chain();
    clock.schedule(5, () => said.push('same instant'));
    await clock.run();
    await done;
    expect(said).toEqual(['chain at 5', 'same instant']);
  });

  it('stops at the asked instant and as soon as the asked condition holds', async () => {
    const clock = new SimClock(nodeSimPlatform);
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.schedule(10, tick);
    };
    tick();
    await clock.run({ untilMs: 95 });
    expect([ticks, clock.nowMs()]).toEqual([10, 95]);
    await clock.run({ until: () => ticks === 15 });
    expect(clock.nowMs()).toBe(140);
  });

  it('passes on what an event throws', async () => {
    const clock = new SimClock(nodeSimPlatform);
    clock.schedule(1, () => {
      throw new Error('broken');
    });
    await expect(clock.run()).rejects.toThrow('broken');
  });

  it('never runs a cancelled task and lets it be cancelled again', async () => {
    const clock = new SimClock(nodeSimPlatform);
    let ran = 0;
    const cancel = clock.schedule(1, () => (ran += 1));
    cancel();
    cancel();
    clock.schedule(2, () => (ran += 10));
    await clock.run();
    cancel();
    expect(ran).toBe(10);
  });
});
