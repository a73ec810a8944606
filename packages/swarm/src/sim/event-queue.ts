import { EventHeap } from './event-heap.ts';

/** Something that happens at an instant of virtual time. Hot objects (links, segments) are occurrences themselves: no closures. */
export interface Occurrence {
  happen(): void;
}

/** An entry of the queue. `index` is its place in its heap or slot; `GONE` once it has left: run or cancelled. */
export interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly occurrence: Occurrence;
  index: number;
}

/**
 * What happens next, by instant, then by the order of scheduling, so that equal instants run in a stable order.
 *
 * A calendar (Brown 1988): what comes within the next seconds lies unsorted in slots of a millisecond, only the present slot is a heap,
 * and what is further off waits in a heap of its own. Among the hundred thousand timers of a large swarm one heap would cost
 * seventeen comparisons through cold memory for every event; this costs a push and a few comparisons.
 */
export class EventQueue {
  /** Everything up to the end of slot `#present`. */
  readonly #near = new EventHeap();
  readonly #slots: Scheduled[][] = Array.from({ length: SLOTS }, () => []);
  readonly #far = new EventHeap();
  #present = 0;
  /** Entries in slots; those cancelled in the meantime, which leave when their slot's time comes, do not count. */
  #inSlots = 0;
  #nextOrder = 0;

  get length(): number {
    return this.#near.length + this.#inSlots + this.#far.length;
  }

  first(): Scheduled | undefined {
    return this.#near.first() ?? this.#advance();
  }

  add(atMs: number, occurrence: Occurrence): Scheduled {
    const entry: Scheduled = { atMs, order: this.#nextOrder, occurrence, index: IN_SLOT };
    this.#nextOrder += 1;
    const slot = Math.floor(atMs);
    if (slot <= this.#present) this.#near.add(entry);
    else if (slot < this.#present + SLOTS) {
      this.#slots[slot % SLOTS]!.push(entry);
      this.#inSlots += 1;
    } else this.#far.add(entry);
    return entry;
  }

  shift(): Scheduled | undefined {
    const first = this.first();
    if (first !== undefined) this.#near.remove(first);
    return first;
  }

  /** Takes the entry out; does nothing when it has left already. */
  cancel(entry: Scheduled): void {
    if (entry.index === GONE) return;
    if (entry.index === IN_SLOT) {
      entry.index = GONE;
      this.#inSlots -= 1;
    } else if (this.#isFar(entry)) this.#far.remove(entry);
    else this.#near.remove(entry);
  }

  /** Goes on to the next slot that holds something; its entries become the near ones. */
  #advance(): Scheduled | undefined {
    while (this.length > 0) {
      const farSlot = Math.floor(this.#far.first()?.atMs ?? Infinity);
      this.#present = this.#inSlots === 0 ? farSlot : this.#present + 1;
      this.#empty(this.#slots[this.#present % SLOTS]!);
      for (let entry = this.#far.first(); entry !== undefined; entry = this.#far.first()) {
        if (Math.floor(entry.atMs) > this.#present) break;
        this.#far.remove(entry);
        this.#near.add(entry);
      }
      const first = this.#near.first();
      if (first !== undefined) return first;
    }
    return undefined;
  }

  #empty(slot: Scheduled[]): void {
    for (const entry of slot) {
      if (entry.index === GONE) continue;
      this.#inSlots -= 1;
      this.#near.add(entry);
    }
    slot.length = 0;
  }

  /** The far heap has what lies beyond the calendar, and what has come within it since but was not reached yet. */
  #isFar(entry: Scheduled): boolean {
    return Math.floor(entry.atMs) > this.#present;
  }
}

const SLOTS = 4096;
const GONE = -1;
const IN_SLOT = -2;
