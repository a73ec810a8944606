import type { PeerAddress, PeerEvent, PexPeer } from '@brine/wire';

import { addressKey } from '../peers/address-key.ts';

/** Flags of a peer in a PEX message, BEP 11. */
export const PEX_FLAGS = {
  /** Seed, or upload-only. */
  seed: 0x02,
  /** We connected to it, so it can be reached. */
  reachable: 0x10,
} as const;

/** Shortest time between two messages to one peer, BEP 11. */
export const PEX_INTERVAL_MS = 60_000;
/** Entries of each of `added` and `dropped` in one message, BEP 11. */
export const PEX_ENTRIES_MAX = 50;
/**
 * Peers that one peer knows from us at a time. BEP 11 wants every added peer dropped again, so each is remembered for each
 * recipient: 100 are ample for finding a swarm, and keep the memory of an idle connection at a few KiB.
 */
export const PEX_TOLD_MAX = 100;

/** What to send in one PEX message. */
export interface PexMessage {
  readonly added: readonly PexPeer[];
  readonly dropped: readonly PeerAddress[];
}

/** The flags byte for a peer that we are connected to. */
export function pexFlags(peer: { readonly seed: boolean; readonly outgoing: boolean }): number {
  return (peer.seed ? PEX_FLAGS.seed : 0) | (peer.outgoing ? PEX_FLAGS.reachable : 0);
}

/**
 * What one torrent tells its peers about its other peers, BEP 11: to each the difference between the peers connected now and
 * those it was told of, at most once a minute. Pure; memory is bounded by `PEX_TOLD_MAX` shared entries for each recipient.
 */
export class PexOutbox {
  readonly #private: boolean;
  readonly #recipients = new Map<string, Recipient>();
  /** One object for each address that anybody was told of, shared by all recipients. */
  readonly #known = new Map<string, KnownAddress>();

  /** Private torrents (BEP 27) have no peer exchange: their outbox never has a message. */
  constructor(options: { readonly private: boolean }) {
    this.#private = options.private;
  }

  /**
   * The message that is due for `recipientKey` (the caller's name of a connection), or undefined when none is due or nothing
   * changed. `connected` are the peers connected now of which the listening port is known, with that port and never the
   * ephemeral one; `recipient` is the receiver's own entry among them, if any, which is not told to itself.
   */
  messageFor(
    recipientKey: string,
    connected: readonly PexPeer[],
    nowMs: number,
    recipient?: PeerAddress,
  ): PexMessage | undefined {
    if (this.#private) return undefined;
    const known = this.#recipients.get(recipientKey) ?? { told: new Set(), lastMs: -Infinity };
    if (nowMs - known.lastMs < PEX_INTERVAL_MS) return undefined;
    const present = withoutRecipient(connected, recipient);
    const dropped = this.#drop(known, present);
    const added = this.#add(known, present);
    if (added.length === 0 && dropped.length === 0) return undefined;
    known.lastMs = nowMs;
    this.#recipients.set(recipientKey, known);
    return { added, dropped };
  }

  /** Forgets a connection that is gone; to be called for each, else its memory stays. */
  forget(recipientKey: string): void {
    const known = this.#recipients.get(recipientKey);
    if (known === undefined) return;
    this.#recipients.delete(recipientKey);
    for (const told of known.told) this.#release(told);
  }

  #drop(recipient: Recipient, present: ReadonlyMap<string, PexPeer>): PeerAddress[] {
    const dropped: PeerAddress[] = [];
    for (const told of recipient.told) {
      if (dropped.length === PEX_ENTRIES_MAX) break;
      if (present.has(told.key)) continue;
      recipient.told.delete(told);
      this.#release(told);
      dropped.push({ ip: told.ip, port: told.port });
    }
    return dropped;
  }

  #add(recipient: Recipient, present: ReadonlyMap<string, PexPeer>): PexPeer[] {
    const added: PexPeer[] = [];
    for (const [key, peer] of present) {
      if (added.length === PEX_ENTRIES_MAX || recipient.told.size >= PEX_TOLD_MAX) break;
      const known = this.#known.get(key);
      if (known !== undefined && recipient.told.has(known)) continue;
      recipient.told.add(this.#hold(key, peer));
      added.push({ ip: peer.ip, port: peer.port, flags: peer.flags });
    }
    return added;
  }

  #hold(key: string, { ip, port }: PeerAddress): KnownAddress {
    const known = this.#known.get(key) ?? { key, ip, port, holders: 0 };
    known.holders += 1;
    this.#known.set(key, known);
    return known;
  }

  #release(known: KnownAddress): void {
    known.holders -= 1;
    if (known.holders === 0) this.#known.delete(known.key);
  }
}

/** A PEX message as read from the wire. */
export type PexEvent = Extract<PeerEvent, { readonly type: 'pex' }>;

/** Entries taken from a peer's first message, which BEP 11 allows to be longer than the others. */
export const PEX_FIRST_ENTRIES_MAX = 100;
/** Messages in excess of the rate after which a peer counts as flooding. */
export const PEX_EXCESS_MAX = 10;

/**
 * What one connection tells us about other peers, BEP 11. Nothing of it is believed: the result is candidates to dial, cut to
 * the rate (one message a minute, with some slack) and size that the BEP allows, one for each IP address. Pure; two numbers of memory.
 */
export class PexInbox {
  readonly #private: boolean;
  #allowance = aheadMax;
  #lastMs: number | undefined;
  #excess = 0;

  /** Private torrents (BEP 27) take no peers from peers: their inbox accepts nothing. */
  constructor(options: { readonly private: boolean }) {
    this.#private = options.private;
  }

  /** The peer ignores the rate so grossly (`PEX_EXCESS_MAX`) that it may be disconnected. */
  get flooding(): boolean {
    return this.#excess > PEX_EXCESS_MAX;
  }

  /** The candidates in a message, their flags as claimed; empty when the message came too early. */
  accept(event: PexEvent, nowMs: number): PexPeer[] {
    const first = this.#lastMs === undefined;
    if (!this.#spend(nowMs)) {
      this.#excess += 1;
      return [];
    }
    return this.#private ? [] : candidates(event.added, first ? PEX_FIRST_ENTRIES_MAX : PEX_ENTRIES_MAX);
  }

  /** A token bucket: one message a minute, up to `aheadMax` saved. */
  #spend(nowMs: number): boolean {
    const minutes = (nowMs - (this.#lastMs ?? nowMs)) / PEX_INTERVAL_MS;
    this.#allowance = Math.min(aheadMax, this.#allowance + minutes);
    this.#lastMs = nowMs;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }
}

/** Messages that may come ahead of their minute: clocks differ, and some clients send a second one right after the first. */
const aheadMax = 2;

interface Recipient {
  readonly told: Set<KnownAddress>;
  lastMs: number;
}

interface KnownAddress extends PeerAddress {
  readonly key: string;
  holders: number;
}

function withoutRecipient(
  connected: readonly PexPeer[],
  recipient: PeerAddress | undefined,
): ReadonlyMap<string, PexPeer> {
  const present = new Map(connected.map((peer) => [addressKey(peer), peer]));
  if (recipient !== undefined) present.delete(addressKey(recipient));
  return present;
}

/** One candidate for each IP address: several ports of one host are how an attacker multiplies a victim (BEP 11, security). */
function candidates(added: readonly PexPeer[], entriesMax: number): PexPeer[] {
  const byIp = new Map<string, PexPeer>();
  for (const peer of added.slice(0, entriesMax)) {
    if (peer.port !== 0 && !byIp.has(peer.ip)) byIp.set(peer.ip, peer);
  }
  return [...byIp.values()];
}
