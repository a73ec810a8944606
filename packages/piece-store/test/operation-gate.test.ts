import { expect, test } from 'vitest';
import { OperationGate } from '../src/node/operation-gate.ts';

test('an exclusive operation waits for those before it, and those after it wait for its end', async () => {
  const gate = new OperationGate();
  const log: string[] = [];
  gate.enter(() => log.push('first'));
  const alone = gate.exclusive(() => {
    log.push('alone');
    return Promise.resolve();
  });
  gate.enter(() => log.push('second'));
  await Promise.resolve();
  expect(log).toEqual(['first']);
  gate.leave();
  await alone;
  expect(log).toEqual(['first', 'alone', 'second']);
  gate.leave();
});

test('exclusive operations queue, also behind one that fails', async () => {
  const gate = new OperationGate();
  const log: string[] = [];
  const failing = gate.exclusive(() => Promise.reject(new Error('no')));
  const next = gate.exclusive(() => {
    log.push('next');
    return Promise.resolve(7);
  });
  gate.enter(() => log.push('short'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe(7);
  await Promise.resolve();
  expect(log).toEqual(['next', 'short']);
});
