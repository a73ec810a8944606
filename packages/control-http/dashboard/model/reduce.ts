import type { PayloadStatus, WatchedEvent } from '@brine/control-http/client';

import { happeningOf } from './happenings.ts';
import { rateGap, ratesAt, withHistory } from './rate-series.ts';
import type { Fact, Notice, State } from './state.ts';

const HAPPENINGS_MAX = 200;
const NOTICES_MAX = 3;

/** The state after a fact. Pure. */
export function reduce(state: State, fact: Fact): State {
  switch (fact.type) {
    case 'connecting':
      return state.link.kind === 'live' ? { ...state, link: { kind: 'connecting' } } : state;
    case 'token-needed':
      return { ...state, link: { kind: 'token-needed', why: fact.why, detail: fact.detail } };
    case 'away':
      return goneAway(state, fact.atMs, fact.detail);
    case 'event':
      return hear(state, fact.event, fact.atMs);
    case 'listed':
      return list(state, fact.payloads, fact.asOf);
    case 'answered':
      return withStatuses(state, [fact.status]);
    case 'engine':
      return { ...state, engine: fact.engine };
    case 'site':
      return { ...state, site: fact.site };
    case 'limits':
      return { ...state, limits: fact.limits };
    case 'rates':
      return { ...state, rates: withHistory(state.rates, fact.rates, fact.atMs) };
    case 'closeup':
      return lookAt(state, fact.name);
    case 'details':
      return detailed(state, fact);
    case 'notice':
      return withNotice(state, fact.text, fact.kind);
    case 'notice-read':
      return { ...state, notices: state.notices.filter(({ id }) => id !== fact.id) };
  }
}

/** The first failure counts; those of further attempts only bring other words. */
function goneAway(state: State, atMs: number, detail: string): State {
  const { link, rates } = state;
  if (link.kind === 'away') return { ...state, link: link.stopping ? link : { ...link, detail } };
  return {
    ...state,
    link: { kind: 'away', sinceMs: atMs, detail, stopping: false },
    rates: rateGap(rates, atMs),
  };
}

function hear(state: State, event: WatchedEvent, atMs: number): State {
  switch (event.type) {
    case 'hello':
    case 'reset':
      return { ...state, link: { kind: 'live' } };
    case 'progress':
      return withStatuses(state, event.payloads);
    case 'engine':
      return { ...state, engine: event.engine, rates: ratesAt(state.rates, event.engine.traffic, atMs) };
    case 'stopping':
      return {
        ...withHappening(state, event, atMs),
        link: { kind: 'away', sinceMs: atMs, detail: 'The agent is stopping.', stopping: true },
        rates: rateGap(state.rates, atMs),
      };
    case 'payload-removed':
      return withHappening(without(state, event.name), event, atMs);
    case 'payload-complete':
      // An agent that starts again finds what is complete, and says so of each.
      if (state.payloads?.get(event.name)?.complete === true) return state;
      return withNotice(withHappening(state, event, atMs), `${event.name} is complete.`, 'news');
    case 'payload-phase':
      if (state.payloads?.get(event.name)?.phase === event.phase) return state;
      return withHappening(state, event, atMs);
    case 'payload-trouble':
      return withNotice(withHappening(state, event, atMs), `${event.name}: ${event.error.message}`, 'bad');
    case 'payload-ordered':
    case 'payload-recovered':
    case 'limits-changed':
      return withHappening(state, event, atMs);
  }
}

/** What was told since the list was asked for is newer than the list. */
function list(state: State, payloads: readonly PayloadStatus[], asOf: number): State {
  const isNewer = (name: string): boolean => (state.changed.get(name) ?? 0) > asOf;
  const kept = [...(state.payloads ?? [])].filter(([name]) => isNewer(name));
  const listed = payloads.filter(({ name }) => !isNewer(name)).map((each) => [each.name, each] as const);
  const changed = new Map([...state.changed].filter(([name]) => isNewer(name)));
  return { ...state, payloads: new Map([...listed, ...kept]), changed };
}

function withStatuses(state: State, statuses: readonly PayloadStatus[]): State {
  const version = state.version + 1;
  const payloads = new Map(state.payloads);
  const changed = new Map(state.changed);
  for (const status of statuses) {
    payloads.set(status.name, status);
    changed.set(status.name, version);
  }
  return { ...state, version, payloads, changed };
}

/** It stays in `changed`, so that an older list does not bring it back. */
function without(state: State, name: string): State {
  const version = state.version + 1;
  const payloads = new Map(state.payloads);
  payloads.delete(name);
  const { closeup } = state;
  return {
    ...state,
    version,
    payloads,
    changed: new Map(state.changed).set(name, version),
    closeup: closeup?.name === name ? { kind: 'gone', name } : closeup,
  };
}

function lookAt(state: State, name: string | undefined): State {
  if (name === undefined) return { ...state, closeup: undefined };
  return state.closeup?.name === name ? state : { ...state, closeup: { kind: 'loading', name } };
}

function detailed(state: State, { name, payload }: Extract<Fact, { type: 'details' }>): State {
  // The answer may come when somebody looks elsewhere already.
  if (state.closeup?.name !== name) return state;
  return {
    ...state,
    closeup: payload === undefined ? { kind: 'gone', name } : { kind: 'here', name, payload },
  };
}

function withHappening(state: State, event: WatchedEvent, atMs: number): State {
  const happening = happeningOf(event);
  if (happening === undefined) return state;
  const id = state.lastId + 1;
  const happenings = [{ ...happening, id, atMs }, ...state.happenings].slice(0, HAPPENINGS_MAX);
  return { ...state, happenings, lastId: id };
}

function withNotice(state: State, text: string, kind: Notice['kind']): State {
  const id = state.lastId + 1;
  const others = state.notices.filter((notice) => notice.text !== text);
  return { ...state, notices: [...others, { id, text, kind }].slice(-NOTICES_MAX), lastId: id };
}
