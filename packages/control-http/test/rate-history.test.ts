import { expect, test } from 'vitest';

import type { Traffic } from '../src/index.ts';
import { RateHistory } from '../src/rate-history.ts';
import { Api } from './support/api.ts';

const NONE = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };

function traffic(siteDown: number, wanUp = 0): Traffic {
  return {
    site: { ...NONE, downloadedBytes: siteDown },
    near: NONE,
    wan: { ...NONE, uploadedBytes: wanUp },
  };
}

test('rates are what passed between two looks, by the time between them', () => {
  const history = new RateHistory();
  history.add(traffic(1_000), 0);
  history.add(traffic(11_000, 500), 5_000);
  history.add(traffic(11_000, 3_500), 15_000);
  expect(history.view()).toEqual({
    intervalSeconds: 5,
    site: { down: [2_000, 0], up: [0, 0] },
    near: { down: [0, 0], up: [0, 0] },
    wan: { down: [0, 0], up: [100, 300] },
  });
});

test('an hour is kept, and no more', () => {
  const history = new RateHistory();
  for (let at = 0; at <= 1_000; at += 1) history.add(traffic(at * 5_000), at * 5_000);
  const { site, wan } = history.view();
  expect(site.down).toHaveLength(720);
  expect(wan.up).toHaveLength(720);
  expect(new Set(site.down)).toEqual(new Set([1_000]));
});

test('the service is looked at every five seconds, whether somebody asks or not', async () => {
  const calls = new Map<number, () => void>();
  let nowMs = 0;
  await using api = await Api.open({
    nowMs: () => nowMs,
    every: (ms, call) => {
      calls.set(ms, call);
      return () => calls.delete(ms);
    },
  });
  nowMs += 5_000;
  calls.get(5_000)!();
  const answer = await api.call('GET', '/v1/rates');
  expect(answer.json()).toMatchObject({ intervalSeconds: 5, site: { down: [0], up: [0] } });
});
