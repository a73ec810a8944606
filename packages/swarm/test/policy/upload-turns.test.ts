import { describe, expect, it } from 'vitest';

import { TURNS_MIN } from '../../src/policy/turn-count.ts';
import { UploadTurns } from '../../src/policy/upload-turns.ts';

/** Takes all turns and lets `waiting` wait, in this order. */
function crowded(...waiting: readonly string[]): UploadTurns<string> {
  const turns = new UploadTurns<string>();
  for (let turn = 0; turn < TURNS_MIN; turn += 1) expect(turns.ask(`busy ${turn}`, 0)).toBe(true);
  for (const id of waiting) expect(turns.ask(id, 0)).toBe(false);
  return turns;
}

describe('Turns of uploading', () => {
  it('are had at once while there are enough', () => {
    const turns = new UploadTurns<string>();
    expect(turns.ask('a', 0)).toBe(true);
    expect(turns.ask('a', 1)).toBe(true);
    expect(turns.someoneWaits).toBe(false);
  });

  it('go to the one who waits for what has left least often', () => {
    const turns = crowded('a', 'b', 'c');
    const ranks: Record<string, number> = { a: 2, b: 0, c: 1 };
    const rankOf = (id: string): number => ranks[id]!;
    expect(turns.next(rankOf, 0)).toBeUndefined();
    turns.end('busy 0');
    expect(turns.next(rankOf, 0)).toBe('b');
    turns.end('b');
    expect(turns.next(rankOf, 0)).toBe('c');
    expect(turns.next(rankOf, 0)).toBeUndefined();
  });

  it('go to those who waited longest among equals, and nobody jumps the line', () => {
    const turns = crowded('a', 'b');
    turns.end('busy 0');
    expect(turns.ask('c', 0)).toBe(false);
    expect(turns.next(() => 1, 0)).toBe('a');
  });

  it('come to everybody within some ten seconds, whatever they ask for', () => {
    const turns = crowded('common', 'rare');
    const rankOf = (id: string): number => (id === 'common' ? 9 : 0);
    for (let turn = 0; turn < TURNS_MIN; turn += 1) turns.moved(`busy ${turn}`, 1, 10_001);
    turns.end('busy 0');
    expect(turns.next(rankOf, 10_001)).toBe('common');
  });

  it('are not kept by those who take nothing', () => {
    const turns = crowded('a');
    expect(turns.next(() => 0, 999)).toBeUndefined();
    expect(turns.next(() => 0, 1_000)).toBe('a');
  });

  it('pass over those who want nothing any more', () => {
    const turns = crowded('gone', 'here');
    turns.end('busy 0');
    expect(turns.next((id) => (id === 'gone' ? undefined : 5), 0)).toBe('here');
    turns.end('here');
    expect(turns.next(() => 0, 0)).toBeUndefined();
  });
});
