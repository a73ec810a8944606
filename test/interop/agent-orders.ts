import { isDeepStrictEqual } from 'node:util';

import type { ControlClient, LimitSettings, NamedOrder } from '@brine/control-http/client';
import type { RateLimits } from '@brine/swarm';

/** What is ordered of a payload, as far as orders of the run differ. */
interface Ordered {
  readonly infohash: string;
  readonly peers: readonly string[];
  readonly limits: RateLimits;
  readonly paused: boolean;
}

/** Everything that is ordered. */
export interface Orders {
  readonly payloads: Readonly<Record<string, Ordered>>;
  readonly limits: LimitSettings | undefined;
}

export const NOTHING_ORDERED: Orders = { payloads: {}, limits: undefined };

/** A payload that may be ordered. */
export interface Orderable {
  readonly name: string;
  readonly infohash: string;
  /** Base64 of the torrent file. */
  readonly torrent: string;
  readonly peers: readonly string[];
}

/** One order: how it is given, and what it makes of what was ordered before. */
export interface RandomOrder {
  /** For messages. */
  readonly text: string;
  /** Names of payloads that it removes. */
  readonly removes: readonly string[];
  readonly give: (client: ControlClient) => Promise<unknown>;
  readonly after: Orders;
}

/** Uniform in [0, 1). */
export type Chance = () => number;

/** An order of any kind, chosen by chance. */
export function randomOrder(before: Orders, all: readonly Orderable[], chance: Chance): RandomOrder {
  const payload = oneOf(all, chance);
  const ordered = before.payloads[payload.name];
  const roll = chance();
  if (ordered === undefined || roll < 0.2) return put(before, payload, chance);
  if (roll < 0.35) return pause(before, payload.name, chance() < 0.3);
  if (roll < 0.5) return limitPayload(before, payload.name, chance);
  if (roll < 0.8) return limitAll(before, chance);
  if (roll < 0.95) return only(before, all, chance);
  return remove(before, payload.name, chance() < 0.5);
}

/** Everything that an agent has kept, as its state directory says. */
export function keptOrders(text: string | undefined): Orders {
  if (text === undefined) return NOTHING_ORDERED;
  const { payloads, limits } = JSON.parse(text) as {
    readonly payloads: readonly (Ordered & { readonly name: string })[];
    readonly limits?: LimitSettings;
  };
  return {
    payloads: Object.fromEntries(
      payloads.map(({ name, infohash, peers, limits, paused }) => [
        name,
        { infohash, peers, limits, paused },
      ]),
    ),
    limits,
  };
}

export function sameOrders(a: Orders, b: Orders): boolean {
  return isDeepStrictEqual(a, b);
}

/** What everybody is to have at the end. */
export function everything(
  all: readonly Orderable[],
  seeders: readonly { readonly address: string }[],
): readonly NamedOrder[] {
  return all.map(({ name, torrent, peers }, at) => ({
    name,
    torrent,
    peers: [...peers, seeders[at]!.address],
    paused: false,
  }));
}

function put(before: Orders, { name, infohash, torrent, peers }: Orderable, chance: Chance): RandomOrder {
  const limits = payloadLimits(chance);
  const saysPaused = chance() < 0.2 ? { paused: chance() < 0.5 } : {};
  const order = { torrent, peers, limits, ...saysPaused };
  const paused = saysPaused.paused ?? before.payloads[name]?.paused ?? false;
  return {
    text: `put ${name} ${JSON.stringify({ limits, ...saysPaused })}`,
    removes: [],
    give: (client) => client.putPayload(name, order),
    after: withPayload(before, name, { infohash, peers, limits, paused }),
  };
}

function pause(before: Orders, name: string, paused: boolean): RandomOrder {
  return {
    text: `${paused ? 'pause' : 'resume'} ${name}`,
    removes: [],
    give: (client) => (paused ? client.pausePayload(name) : client.resumePayload(name)),
    after: withPayload(before, name, { ...before.payloads[name]!, paused }),
  };
}

function limitPayload(before: Orders, name: string, chance: Chance): RandomOrder {
  const limits = payloadLimits(chance);
  return {
    text: `limits of ${name} ${JSON.stringify(limits)}`,
    removes: [],
    give: (client) => client.putPayloadLimits(name, limits),
    after: withPayload(before, name, { ...before.payloads[name]!, limits }),
  };
}

function limitAll(before: Orders, chance: Chance): RandomOrder {
  const outside = { downBytesPerSecond: Math.round(300_000 + 700_000 * chance()) };
  const limits = chance() < 0.4 ? undefined : { outside };
  return {
    text: `limits ${JSON.stringify(limits)}`,
    removes: [],
    give: (client) => (limits === undefined ? client.resetLimits() : client.putLimits(limits)),
    after: { ...before, limits },
  };
}

/** Some of what is there, and perhaps something new. */
function only(before: Orders, all: readonly Orderable[], chance: Chance): RandomOrder {
  const chosen = all.filter(() => chance() < 0.95);
  const kept = chosen.length === 0 ? all : chosen;
  const payloads = Object.fromEntries(
    kept.map(({ name, infohash, peers }) => [
      name,
      { infohash, peers, limits: {}, paused: before.payloads[name]?.paused ?? false },
    ]),
  );
  const removes = Object.keys(before.payloads).filter((name) => payloads[name] === undefined);
  return {
    text: `only ${kept.map(({ name }) => name).join()}`,
    removes,
    give: (client) => client.onlyPayloads(kept.map(({ name, torrent, peers }) => ({ name, torrent, peers }))),
    after: { ...before, payloads },
  };
}

function remove(before: Orders, name: string, keepData: boolean): RandomOrder {
  const { [name]: _removed, ...payloads } = before.payloads;
  return {
    text: `remove ${name}${keepData ? ', data kept' : ''}`,
    removes: [name],
    give: (client) => client.removePayload(name, { keepData }),
    after: { ...before, payloads },
  };
}

function withPayload(before: Orders, name: string, ordered: Ordered): Orders {
  return { ...before, payloads: { ...before.payloads, [name]: ordered } };
}

function payloadLimits(chance: Chance): RateLimits {
  return chance() < 0.6 ? {} : { downBytesPerSecond: Math.round(100_000 + 200_000 * chance()) };
}

function oneOf<Item>(items: readonly Item[], chance: Chance): Item {
  return items[Math.floor(chance() * items.length)]!;
}
