import type { Scheduled } from './event-queue.ts';

/** A binary heap by instant, then by the order of scheduling. Entries know their place, hence any of them can be taken out at once. */
export class EventHeap {
  readonly #heap: Scheduled[] = [];

  get length(): number {
    return this.#heap.length;
  }

  first(): Scheduled | undefined {
    return this.#heap[0];
  }

  add(entry: Scheduled): void {
    entry.index = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
  }

  /** Only for an entry that is in this heap. */
  remove(entry: Scheduled): void {
    const index = entry.index;
    entry.index = -1;
    const last = this.#heap.pop()!;
    if (last === entry) return;
    last.index = index;
    this.#heap[index] = last;
    this.#rise(last);
    if (last.index === index) this.#sink(last);
  }

  #rise(entry: Scheduled): void {
    const heap = this.#heap;
    let index = entry.index;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above]!;
      if (!before(entry, parent)) break;
      heap[index] = parent;
      parent.index = index;
      index = above;
    }
    heap[index] = entry;
    entry.index = index;
  }

  #sink(entry: Scheduled): void {
    const heap = this.#heap;
    const length = heap.length;
    let index = entry.index;
    for (;;) {
      let below = index * 2 + 1;
      if (below >= length) break;
      if (below + 1 < length && before(heap[below + 1]!, heap[below]!)) below += 1;
      const child = heap[below]!;
      if (!before(child, entry)) break;
      heap[index] = child;
      child.index = index;
      index = below;
    }
    heap[index] = entry;
    entry.index = index;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
