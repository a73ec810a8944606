import type {
  EngineView,
  LimitsView,
  PayloadDetails,
  PayloadStatus,
  RatesView,
  SiteView,
  WatchedEvent,
} from '@brine/control-http/client';

import type { RateSeries } from './rate-series.ts';
import { NO_RATES } from './rate-series.ts';

/*
 * The page is a picture of one `State`. Facts come from the agent's event stream and from the answers to calls; `reduce` makes the next
 * state of a fact and the state before; components show it and hold nothing but what is being typed.
 */

/** How the page is connected to the agent. */
export type Link =
  | { readonly kind: 'token-needed'; readonly why: 'missing' | 'wrong'; readonly detail: string }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Tried again by itself. What is shown is as it was at `sinceMs`. */
  | { readonly kind: 'away'; readonly sinceMs: number; readonly detail: string; readonly stopping: boolean };

/** The payload that is looked at closely. */
type Closeup =
  | { readonly kind: 'loading'; readonly name: string }
  | { readonly kind: 'here'; readonly name: string; readonly payload: PayloadDetails }
  | { readonly kind: 'gone'; readonly name: string };

/** Something that happened, for the list of what happened. */
export interface Happening {
  readonly id: number;
  readonly atMs: number;
  /** The payload's name; absent: it is about the agent. */
  readonly name?: string;
  readonly text: string;
  readonly kind: 'news' | 'good' | 'bad';
}

/** Said once, at the edge of the page. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: 'news' | 'bad';
}

export interface State {
  readonly link: Link;
  /** All payloads, by name; undefined until the agent has told them. */
  readonly payloads: ReadonlyMap<string, PayloadStatus> | undefined;
  /** Counts changes to payloads; with `changed`, tells which answers are older than what is known. */
  readonly version: number;
  readonly changed: ReadonlyMap<string, number>;
  readonly engine: EngineView | undefined;
  readonly site: SiteView | undefined;
  readonly limits: LimitsView | undefined;
  readonly rates: RateSeries;
  readonly closeup: Closeup | undefined;
  /** The latest first. */
  readonly happenings: readonly Happening[];
  readonly notices: readonly Notice[];
  readonly lastId: number;
}

export type Fact =
  | { readonly type: 'connecting' }
  | { readonly type: 'token-needed'; readonly why: 'missing' | 'wrong'; readonly detail: string }
  | { readonly type: 'away'; readonly atMs: number; readonly detail: string }
  /** What the event stream says. */
  | { readonly type: 'event'; readonly atMs: number; readonly event: WatchedEvent }
  /** All payloads; `asOf` is the state's `version` when they were asked for. */
  | { readonly type: 'listed'; readonly payloads: readonly PayloadStatus[]; readonly asOf: number }
  /** One payload, as the answer to an order has it. */
  | { readonly type: 'answered'; readonly status: PayloadStatus }
  | { readonly type: 'engine'; readonly engine: EngineView }
  | { readonly type: 'site'; readonly site: SiteView }
  | { readonly type: 'limits'; readonly limits: LimitsView }
  | { readonly type: 'rates'; readonly rates: RatesView; readonly atMs: number }
  | { readonly type: 'closeup'; readonly name: string | undefined }
  | { readonly type: 'details'; readonly name: string; readonly payload: PayloadDetails | undefined }
  | { readonly type: 'notice'; readonly text: string; readonly kind: Notice['kind'] }
  | { readonly type: 'notice-read'; readonly id: number };

export const INITIAL_STATE: State = {
  link: { kind: 'connecting' },
  payloads: undefined,
  version: 0,
  changed: new Map(),
  engine: undefined,
  site: undefined,
  limits: undefined,
  rates: NO_RATES,
  closeup: undefined,
  happenings: [],
  notices: [],
  lastId: 0,
};
