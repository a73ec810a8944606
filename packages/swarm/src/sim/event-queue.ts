/** Something that happens at an instant of virtual time. Hot objects (links, segments) are occurrences themselves: no closures. */
export interface Occurrence {
  happen(): void;
}

/** An entry of the queue. `index` is -1 once it has left: run or cancelled. */
export interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly occurrence: Occurrence;
  index: number;
}

/**
 * What happens next: a binary heap by instant, then by the order of scheduling, so that equal instants run in a stable order.
 * Entries know their place, hence cancelling removes them at once and time-outs that are always renewed leave nothing behind.
 */
export class EventQueue {
  readonly #heap: Scheduled[] = [];
  #nextOrder = 0;

  get length(): number {
    return this.#heap.length;
  }

  first(): Scheduled | undefined {
    return this.#heap[0];
  }

  add(atMs: number, occurrence: Occurrence): Scheduled {
    const entry: Scheduled = { atMs, order: this.#nextOrder, occurrence, index: this.#heap.length };
    this.#nextOrder += 1;
    this.#heap.push(entry);
    this.#rise(entry);
    return entry;
  }

  shift(): Scheduled | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.cancel(first);
    return first;
  }

  /** Takes the entry out; does nothing when it has left already. */
  cancel(entry: Scheduled): void {
    const index = entry.index;
    if (index < 0) return;
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
