import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UPLOAD_QUEUE_MAX, UploadQueue } from '../../src/torrent/upload-queue.ts';
import type { UploadRequest } from '../../src/torrent/upload-queue.ts';

function request(piece: number): UploadRequest {
  return { piece, begin: 0, length: 16_384 };
}

describe('An upload queue', () => {
  it('is bounded', () => {
    const queue = new UploadQueue();
    for (let piece = 0; piece < UPLOAD_QUEUE_MAX; piece += 1) expect(queue.push(request(piece))).toBe(true);
    expect(queue.push(request(0))).toBe(false);
    queue.shift();
    expect(queue.push(request(0))).toBe(true);
  });

  it('does not mix the requests of two peers', () => {
    const [one, other] = [new UploadQueue(), new UploadQueue()];
    one.push(request(1));
    expect(other.length).toBe(0);
    expect(other.at(0)).toBeUndefined();
  });

  it('drops everything but the pieces that may be fetched while choked', () => {
    const queue = new UploadQueue();
    for (const piece of [1, 2, 3]) queue.push(request(piece));
    queue.shift();
    expect(queue.drop(new Set([3])).map(({ piece }) => piece)).toEqual([2]);
    expect(queue.length).toBe(1);
    expect(queue.at(0)?.piece).toBe(3);
  });

  it('brings a piece to its head and keeps the order of everything else', () => {
    const queue = new UploadQueue();
    const begins = [0, 1, 2].map((block) => block * 16_384);
    queue.push(request(9));
    queue.shift();
    for (const piece of [4, 5]) for (const begin of begins) queue.push({ piece, begin, length: 16_384 });
    queue.push({ piece: 4, begin: begins[2]!, length: 16_384 });
    expect([...queue.pieces()]).toEqual([4, 5, 4]);
    queue.advance(5);
    expect(Array.from({ length: queue.length }, (_, at) => queue.at(at)?.piece)).toEqual([
      5, 5, 5, 4, 4, 4, 4,
    ]);
    expect(Array.from({ length: 3 }, (_, at) => queue.at(at)?.begin)).toEqual(begins);
  });

  it('behaves like a list under any sequence of orders', () => {
    const order = fc.oneof(
      fc.nat(50).map((piece) => ({ type: 'push' as const, piece })),
      fc.constant({ type: 'shift' as const }),
      fc.nat(50).map((piece) => ({ type: 'remove' as const, piece })),
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 3_000 }), (orders) => {
        const queue = new UploadQueue();
        const model: number[] = [];
        let disagreed = false;
        for (const step of orders) {
          if (step.type === 'push' && queue.push(request(step.piece))) model.push(step.piece);
          else if (step.type === 'shift' && model.length > 0) {
            queue.shift();
            model.shift();
          } else if (step.type === 'remove') {
            const at = model.indexOf(step.piece);
            disagreed ||= queue.remove(step.piece, 0, 16_384) !== (at !== -1);
            if (at !== -1) model.splice(at, 1);
          }
        }
        expect(disagreed).toBe(false);
        expect(Array.from({ length: queue.length }, (_, at) => queue.at(at)?.piece)).toEqual(model);
      }),
      { numRuns: 50 },
    );
  });
});
