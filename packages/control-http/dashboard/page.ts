import type { ReadonlySignal } from '@preact/signals';
import { computed, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

import type { AgentLink } from './link/agent-link.ts';
import { reduce } from './model/reduce.ts';
import type { Route } from './model/route.ts';
import { hashOf, parseRoute } from './model/route.ts';
import type { Fact, State } from './model/state.ts';
import { INITIAL_STATE } from './model/state.ts';

/** The state as parts that change by themselves: who shows one of them is drawn anew only when that changes. */
type Parts = { readonly [Key in keyof State]: ReadonlySignal<State[Key]> };

/** What components see: the state, where somebody is, and how to say something. */
export interface Page extends Pick<
  Parts,
  'link' | 'payloads' | 'engine' | 'site' | 'limits' | 'rates' | 'closeup' | 'happenings' | 'notices'
> {
  readonly route: ReadonlySignal<Route>;
  readonly agent: AgentLink;
  readonly dispatch: (fact: Fact) => void;
  readonly go: (route: Route) => void;
}

/** The one place in which something changes. */
export class Store {
  readonly #state = signal(INITIAL_STATE);

  get version(): number {
    return this.#state.peek().version;
  }

  readonly dispatch = (fact: Fact): void => {
    this.#state.value = reduce(this.#state.peek(), fact);
  };

  part<Key extends keyof State>(key: Key): ReadonlySignal<State[Key]> {
    return computed(() => this.#state.value[key]);
  }
}

export function makePage(store: Store, agent: AgentLink): Page {
  const route = signal(parseRoute(location.hash));
  addEventListener('hashchange', () => (route.value = parseRoute(location.hash)));
  return {
    link: store.part('link'),
    payloads: store.part('payloads'),
    engine: store.part('engine'),
    site: store.part('site'),
    limits: store.part('limits'),
    rates: store.part('rates'),
    closeup: store.part('closeup'),
    happenings: store.part('happenings'),
    notices: store.part('notices'),
    route,
    agent,
    dispatch: store.dispatch,
    go: (to) => (location.hash = hashOf(to)),
  };
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('there is no page around this component');
  return page;
}
