import { expect, test } from 'vitest';

import { NodeClock } from '../../src/node/node-clock.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

test('a delay beyond what a Node timer holds does not fire at once', async () => {
  const clock = new NodeClock();
  let fired = false;
  const cancel = clock.schedule(2 ** 40, () => {
    fired = true;
  });
  await new Promise<void>((resolve) => {
    clock.schedule(5, resolve);
  });
  cancel();
  expect(fired).toBe(false);
});

test('virtual time passes only when told to, and runs what falls due on the way in order', () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  clock.schedule(20, () => log.push(`b ${clock.nowMs()}`));
  clock.schedule(10, () => {
    log.push(`a ${clock.nowMs()}`);
    clock.schedule(5, () => log.push(`c ${clock.nowMs()}`));
  });
  clock.schedule(15, () => log.push('never'))();
  clock.advance(19);
  expect(log).toEqual(['a 10', 'c 15']);
  expect(clock.pending).toBe(1);
  clock.advance(100);
  expect(log).toEqual(['a 10', 'c 15', 'b 20']);
  expect(clock.nowMs()).toBe(119);
});
