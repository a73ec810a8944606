import { describe, expect, test } from 'vitest';

import { reduce } from '../../dashboard/model/reduce.ts';
import type { Fact, State } from '../../dashboard/model/state.ts';
import { INITIAL_STATE } from '../../dashboard/model/state.ts';
import type { ServiceEvent } from '../../src/index.ts';
import { makeDetails, makeStatus } from '../support/fake-service.ts';

function after(...facts: readonly Fact[]): State {
  return facts.reduce(reduce, INITIAL_STATE);
}

const event = (event: ServiceEvent, atMs = 1_000): Fact => ({ type: 'event', atMs, event });
const progress = (name: string, percent: number): Fact => ({
  type: 'event',
  atMs: 0,
  event: { type: 'progress', payloads: [{ ...makeStatus(name), percent }] },
});
const listed = (asOf: number, ...names: readonly string[]): Fact => ({
  type: 'listed',
  asOf,
  payloads: names.map((name) => Object.assign(makeStatus(name), { percent: 1 })),
});
const percents = ({ payloads }: State): object =>
  Object.fromEntries([...(payloads ?? [])].map(([name, { percent }]) => [name, percent]));

describe('payloads', () => {
  test('are unknown until the agent has told them', () => {
    expect(INITIAL_STATE.payloads).toBeUndefined();
    expect(percents(after(listed(0)))).toEqual({});
    expect(after(listed(0)).payloads).toBeDefined();
  });

  test('change by what the stream tells, and others stay the same objects', () => {
    const before = after(listed(0, 'a', 'b'));
    const then = reduce(before, progress('a', 50));
    expect(percents(then)).toEqual({ a: 50, b: 1 });
    expect(then.payloads?.get('b')).toBe(before.payloads?.get('b'));
  });

  test('that changed after a list was asked for are newer than the list', () => {
    const asked = after(listed(0, 'a', 'b', 'gone'));
    const changed = [
      progress('a', 50),
      event({ type: 'payload-removed', name: 'gone' }),
      progress('new', 2),
    ].reduce(reduce, asked);
    const state = reduce(changed, listed(asked.version, 'a', 'b', 'gone'));
    expect(percents(state)).toEqual({ a: 50, b: 1, new: 2 });
    // What was told before it was asked for is older.
    expect(percents(reduce(state, listed(state.version, 'b')))).toEqual({ b: 1 });
  });

  test('that are removed are gone, also for who looks closely', () => {
    const looking = after(
      listed(0, 'a'),
      { type: 'closeup', name: 'a' },
      { type: 'details', name: 'a', payload: makeDetails(makeStatus('a')) },
    );
    expect(looking.closeup).toMatchObject({ kind: 'here' });
    const state = reduce(looking, event({ type: 'payload-removed', name: 'a' }));
    expect(percents(state)).toEqual({});
    expect(state.closeup).toEqual({ kind: 'gone', name: 'a' });
  });

  test('an answer to an order counts at once', () => {
    expect(
      percents(after(listed(0), { type: 'answered', status: { ...makeStatus('a'), percent: 7 } })),
    ).toEqual({ a: 7 });
  });
});

describe('details', () => {
  test('of what somebody does not look at any more are of no account', () => {
    const state = after(
      { type: 'closeup', name: 'a' },
      { type: 'closeup', name: 'b' },
      { type: 'details', name: 'a', payload: makeDetails(makeStatus('a')) },
    );
    expect(state.closeup).toEqual({ kind: 'loading', name: 'b' });
    expect(reduce(state, { type: 'closeup', name: undefined }).closeup).toBeUndefined();
  });

  test('stay while they are read again', () => {
    const facts: Fact[] = [
      { type: 'closeup', name: 'a' },
      { type: 'details', name: 'a', payload: makeDetails(makeStatus('a')) },
    ];
    expect(after(...facts, { type: 'closeup', name: 'a' }).closeup).toMatchObject({ kind: 'here' });
    expect(after(...facts, { type: 'details', name: 'a', payload: undefined }).closeup).toEqual({
      kind: 'gone',
      name: 'a',
    });
  });
});

describe('the link', () => {
  const live: Fact = { type: 'event', atMs: 0, event: { type: 'hello' } };

  test('is away since the first failure, with the words of the last, until the stream begins again', () => {
    const first = after(live, { type: 'away', atMs: 5, detail: 'gone' });
    expect(first.link).toEqual({ kind: 'away', sinceMs: 5, detail: 'gone', stopping: false });
    const second = reduce(reduce(first, { type: 'connecting' }), {
      type: 'away',
      atMs: 9,
      detail: 'still gone',
    });
    expect(second.link).toMatchObject({ sinceMs: 5, detail: 'still gone' });
    expect(reduce(second, live).link).toEqual({ kind: 'live' });
  });

  test('knows that an agent which says that it stops has not failed', () => {
    const state = after(live, event({ type: 'stopping' }, 7), { type: 'away', atMs: 8, detail: 'refused' });
    expect(state.link).toMatchObject({ kind: 'away', sinceMs: 7, stopping: true });
  });

  test('shows what it knew while it is away', () => {
    expect(percents(after(live, listed(0, 'a'), { type: 'away', atMs: 1, detail: '' }))).toEqual({ a: 1 });
  });

  test('needs a token when the agent says so', () => {
    const state = after(live, { type: 'token-needed', why: 'wrong', detail: 'no' });
    expect(state.link).toEqual({ kind: 'token-needed', why: 'wrong', detail: 'no' });
  });
});

describe('what happened', () => {
  test('is kept, the latest first, and not for ever', () => {
    const state = Array.from({ length: 300 }, (_, at) =>
      event({ type: 'payload-ordered', name: `p${at}`, infohash: '' }, at),
    ).reduce(reduce, INITIAL_STATE);
    expect(state.happenings).toHaveLength(200);
    expect(state.happenings[0]).toMatchObject({ name: 'p299', text: 'ordered', atMs: 299 });
    expect(new Set(state.happenings.map(({ id }) => id)).size).toBe(200);
  });

  test('is no news when an agent that starts again finds what was complete before', () => {
    const before = after({
      type: 'answered',
      status: { ...makeStatus('a'), complete: true, phase: 'seeding' },
    });
    const found: Fact[] = [
      event({ type: 'payload-phase', name: 'a', phase: 'opening', from: 'resolving' }),
      event({ type: 'payload-phase', name: 'a', phase: 'seeding', from: 'opening' }),
      event({ type: 'payload-complete', name: 'a', path: '/' }),
    ];
    const state = found.reduce(reduce, before);
    expect(state.happenings).toEqual([]);
    expect(state.notices).toEqual([]);
  });

  test('is noticed when it is good or bad, a few at a time', () => {
    const trouble = { code: 'x', message: 'The disk is full.', wayOut: 'Free some.' };
    const complete = (name: string): Fact => event({ type: 'payload-complete', name, path: '/' });
    const state = after(
      event({ type: 'payload-trouble', name: 'a', error: trouble }),
      ...['b', 'c', 'd'].map(complete),
      complete('d'),
    );
    expect(state.notices.map(({ text }) => text)).toEqual([
      'b is complete.',
      'c is complete.',
      'd is complete.',
    ]);
    const { id } = state.notices[0]!;
    expect(reduce(state, { type: 'notice-read', id }).notices).toHaveLength(2);
  });
});
