import type { WatchedEvent } from '@brine/control-http/client';

import { PHASES } from './phases.ts';
import type { Happening } from './state.ts';

/** An event in words; undefined for what nobody wants to read later. */
export function happeningOf(event: WatchedEvent): Omit<Happening, 'id' | 'atMs'> | undefined {
  switch (event.type) {
    case 'payload-ordered':
      return { name: event.name, text: 'ordered', kind: 'news' };
    case 'payload-removed':
      return { name: event.name, text: 'removed', kind: 'news' };
    case 'payload-complete':
      return { name: event.name, text: `complete, at ${event.path}`, kind: 'good' };
    case 'payload-trouble':
      return { name: event.name, text: `${event.error.message} ${event.error.wayOut}`, kind: 'bad' };
    case 'payload-recovered':
      return { name: event.name, text: 'the trouble is over', kind: 'good' };
    case 'payload-phase':
      // Each begins by being opened, which takes a moment.
      if (event.phase === 'opening') return undefined;
      return { name: event.name, text: PHASES[event.phase].label.toLowerCase(), kind: 'news' };
    case 'limits-changed':
      return { text: 'The limits were changed.', kind: 'news' };
    case 'stopping':
      return { text: 'The agent stopped.', kind: 'news' };
    case 'progress':
    case 'engine':
    case 'hello':
    case 'reset':
      return undefined;
  }
}
