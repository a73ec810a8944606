import type { ServiceEvent } from '@brine/control-http';
import type { Engine } from '@brine/swarm';

import { troubleOf } from './payload-status.ts';

/** The engine's facts under the names of payloads, and whoever listens to them. */
export class ServiceEvents {
  readonly #listeners = new Set<(event: ServiceEvent) => void>();

  /** `nameOf`: what a content is called; undefined for what is not ordered any more, of which nothing is told. */
  follow(engine: Engine, nameOf: (infohash: string) => string | undefined): void {
    const named = (id: string, make: (name: string) => ServiceEvent): void => {
      const name = nameOf(id);
      if (name !== undefined) this.tell(make(name));
    };
    engine.on('phase-changed', ({ id, phase, from }) =>
      named(id, (name) => ({ type: 'payload-phase', name, phase, from })),
    );
    engine.on('torrent-complete', ({ id, directory }) =>
      named(id, (name) => ({ type: 'payload-complete', name, path: directory })),
    );
    engine.on('trouble', ({ id, error }) =>
      named(id, (name) => ({ type: 'payload-trouble', name, error: troubleOf(error) })),
    );
    engine.on('trouble-over', ({ id }) => named(id, (name) => ({ type: 'payload-recovered', name })));
  }

  /** Returns how to stop listening. */
  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: ServiceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
