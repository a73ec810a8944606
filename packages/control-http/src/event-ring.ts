import type { ServiceEvent } from './payload-service.ts';

/** An event, and the id by which a client says later what it saw last. */
export interface KeptEvent {
  /** `<epoch>-<number>`; the epoch is new at every start of the service. */
  readonly id: string;
  readonly event: ServiceEvent;
}

/** What a client missed. `gap`: more than is kept, or the service started anew: it must read everything again. */
export type Replay =
  { readonly type: 'events'; readonly events: readonly KeptEvent[] } | { readonly type: 'gap' };

/** The last events, for clients that come back after their connection broke. */
export class EventRing {
  readonly #epoch: string;
  readonly #eventsMax: number;
  readonly #events: KeptEvent[] = [];
  #count = 0;

  /** `epoch`: other than at any start before. */
  constructor(options: { readonly epoch: string; readonly eventsMax: number }) {
    this.#epoch = options.epoch;
    this.#eventsMax = options.eventsMax;
  }

  /** The id of the last event; of none, if there was none yet. */
  get lastId(): string {
    return this.#id(this.#count);
  }

  push(event: ServiceEvent): KeptEvent {
    this.#count += 1;
    const kept = { id: this.#id(this.#count), event };
    this.#events.push(kept);
    if (this.#events.length > this.#eventsMax) this.#events.shift();
    return kept;
  }

  /** What came after the event with this id. */
  since(id: string): Replay {
    const at = id.lastIndexOf('-');
    const number = Number(id.slice(at + 1));
    const first = this.#count - this.#events.length;
    const known =
      id.slice(0, at) === this.#epoch && Number.isInteger(number) && number >= first && number <= this.#count;
    return known ? { type: 'events', events: this.#events.slice(number - first) } : { type: 'gap' };
  }

  #id(number: number): string {
    return `${this.#epoch}-${number}`;
  }
}
