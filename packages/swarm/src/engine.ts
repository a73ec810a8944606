import { EventEmitter } from 'eventemitter3';

import { hexOf, makePeerId } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import type { LocalDiscovery } from './discovery/lsd.ts';
import { UdpTrackerClient } from './discovery/udp-tracker-client.ts';
import { createBackground, createBudget, createLimiters } from './engine-limits.ts';
import { createLsd } from './engine-lsd.ts';
import type { EnginePorts } from './engine-ports.ts';
import type { EngineShared } from './engine-shared.ts';
import { EngineError } from './errors.ts';
import type { EngineEvents } from './events.ts';
import type { AddTorrent, EngineOptions, RateLimits, SiteOptions } from './options.ts';
import { checkPriorities, parseOrder } from './parse-order.ts';
import { Acceptor } from './peers/acceptor.ts';
import { Dialer } from './peers/dialer.ts';
import type { PeerConnection } from './peers/peer-connection.ts';
import type { LimitScope } from './policy/rate-limits.ts';
import type { Listener } from './ports/network.ts';
import { checkLimits, resolveOptions, resolveSite } from './resolved-options.ts';
import { BrineNetworks } from './sites/brine-networks.ts';
import { Neighbourhood } from './sites/neighbourhood.ts';
import type { EngineSnapshot, EngineTotals, TorrentSnapshot, TorrentSummary } from './snapshot.ts';
import { createClassMeters, createMeter } from './torrent/create-torrent-state.ts';
import { FramedCache } from './torrent/framed-cache.ts';
import { move, verify } from './torrent/life.ts';
import { setPeerLimits } from './torrent/limits.ts';
import { memberDraws } from './torrent/site/member-draws.ts';
import {
  countsByClass,
  countsOf,
  snapshotOf,
  summaryOf,
  verifiedFileBytes,
} from './torrent/torrent-snapshot.ts';
import type { TorrentContent } from './torrent/torrent-state.ts';
import { Torrent } from './torrent/torrent.ts';

/** How often time-outs, choking and dialling are looked after. */
const TICK_MS = 1_000;

/**
 * A BitTorrent engine: what programs, the command and every door see. It owns its torrents and lives until `close`; nothing runs
 * before the first `listen` or `add`. Events tell facts (`EngineEvents`), `snapshot` tells the state; errors are in both.
 */
export class Engine extends EventEmitter<EngineEvents> implements AsyncDisposable {
  readonly #shared: EngineShared;
  readonly #torrents = new Map<string, Torrent>();
  readonly #listeners: Listener[] = [];
  readonly #acceptor: Acceptor;
  readonly #lsd: LocalDiscovery | undefined;
  #cancelTick: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** Throws `option-invalid`. */
  constructor(ports: EnginePorts, options: EngineOptions = {}) {
    super();
    this.#shared = this.#makeShared(ports, options);
    const { clock, dialer, peerId } = this.#shared;
    this.#acceptor = new Acceptor({
      clock,
      dialer,
      peerId,
      route: (...connection) => this.#route(...connection),
    });
    this.#lsd = createLsd(this.#shared, this.#torrents, () => this.#listeners.map(({ address }) => address));
  }

  /** Starts listening; resolves with the address, its real port included. Rejects with `listen-failed`. */
  async listen(at: PeerAddress): Promise<PeerAddress> {
    this.#assertOpen();
    try {
      const listener = await this.#shared.network.listen(at, (stream) => {
        this.#acceptor.accept(stream);
      });
      this.#listeners.push(listener);
      this.emit('listening', { address: listener.address });
      void this.#lsd?.listeningChanged();
      return listener.address;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError('listen-failed', `cannot listen on ${at.ip} port ${at.port}: ${reason}`, {
        cause: error,
      });
    }
  }

  /** Adds a torrent and returns its id; opening, checking and transferring go on by themselves. Throws for an order that cannot be carried out. */
  add(order: AddTorrent): string {
    this.#assertOpen();
    const { hasher } = this.#shared;
    const parsed = parseOrder(order, (bytes) => hasher.digest('sha1', bytes));
    const { id, name } = parsed;
    if (this.#torrents.has(id)) throw new EngineError('torrent-exists', `${name} (${id}) is already here`);
    const torrent = new Torrent({
      ...parsed,
      order: { ...order, peers: parsed.peers },
      shared: this.#shared,
    });
    this.#torrents.set(id, torrent);
    this.emit('torrent-added', { id, name });
    if (order.paused !== true) torrent.receive({ type: 'start' });
    this.#startTicking();
    return id;
  }

  /** Off the network; what is verified stays. */
  pause(id: string): void {
    this.#get(id).receive({ type: 'pause' });
  }

  resume(id: string): void {
    this.#get(id).receive({ type: 'start' });
  }

  /** Hashes everything on disk again; resolves when done. Rejects with `not-ready` while the storage is not open. */
  async verify(id: string): Promise<void> {
    const torrent = this.#get(id);
    await verify(torrent.state, requireContent(torrent));
  }

  /** Moves the payload to another directory; resolves when it stands there. */
  async move(id: string, directory: string): Promise<void> {
    const torrent = this.#get(id);
    await move(torrent.state, requireContent(torrent), directory);
  }

  /** Forgets the torrent; with `data`, deletes what was created for it, and nothing else. */
  async remove(id: string, options: { readonly data: boolean }): Promise<void> {
    const torrent = this.#get(id);
    this.#torrents.delete(id);
    await torrent.end(({ store }) => store.remove(options), { needsContent: options.data });
    this.emit('torrent-removed', { id });
  }

  /** Peers from outside: an administrator's word, also for private torrents. */
  addPeers(id: string, peers: readonly PeerAddress[]): void {
    this.#get(id).receive({ type: 'peers-found', addresses: peers, source: 'static' });
  }

  /** Asks the trackers for peers as early as each one's min interval or back-off allows. */
  announce(id: string): void {
    this.#get(id).state.trackers.announceNow();
  }

  /** Tiers in addition to the torrent's own, instead of those that were given before; also on loopback addresses. */
  setTrackers(id: string, tiers: readonly (readonly string[])[]): void {
    void this.#get(id).state.trackers.setTrusted(tiers);
  }

  /** One priority for each file: 0 = not wanted, 1 = normal, up to 7 = first. */
  async setFilePriorities(id: string, priorities: readonly number[]): Promise<void> {
    const torrent = this.#get(id);
    checkPriorities(priorities, torrent.state.info);
    const { content } = torrent.state;
    if (content !== undefined) await content.store.setWanted(priorities.map((priority) => priority > 0));
    torrent.receive({ type: 'files-selected', priorities });
  }

  setSequential(id: string, sequential: boolean): void {
    const { state } = this.#get(id);
    state.sequential = sequential;
    if (state.content !== undefined) state.content.picker.sequential = sequential;
  }

  /** Limits of the whole engine, or of what `scope` says; in force at once, on existing connections too. */
  setLimits(limits: RateLimits, scope?: LimitScope): void {
    checkLimits(limits);
    if (scope === undefined) this.#shared.limiters.setEngine(limits);
    else if (typeof scope === 'string') this.#get(scope).receive({ type: 'limits-changed', limits });
    else if ('class' in scope) this.#shared.limiters.setClass(scope.class, limits);
    else if (scope.peer === undefined) this.setLimits(limits, scope.torrent);
    else setPeerLimits(this.#get(scope.torrent).state, scope.peer, limits);
  }

  /**
   * Where this machine is and who is at which site, from now on; connections stay and are looked at anew. `fetchersMax` stays as it
   * was. Throws `option-invalid`, also when sites are switched off for good by `site: false`.
   */
  setSite(setting: Omit<SiteOptions, 'fetchersMax'>): void {
    this.#assertOpen();
    const shared = this.#shared;
    if (shared.options.site === undefined)
      throw new EngineError('option-invalid', 'sites are switched off; make an engine without site: false');
    const resolved = resolveSite(setting);
    shared.neighbourhood.configure(resolved);
    shared.options.site.configured = resolved.configured;
    shared.limiters.setWanShare({});
    shared.budget = createBudget(resolved, shared.limiters, shared.clock);
    this.#updateBudget();
  }

  snapshot(): EngineSnapshot {
    const torrents = [...this.#torrents.values()].map(({ state }) => snapshotOf(state));
    return Object.freeze({ ...this.totals(), torrents });
  }

  /** The snapshot without torrents, for those who look often. */
  totals(): EngineTotals {
    const { meter, classMeters, clock, dialer, neighbourhood } = this.#shared;
    return Object.freeze({
      ...countsOf(meter, clock.nowMs()),
      byClass: countsByClass(classMeters, clock.nowMs()),
      siteLabel: neighbourhood.label(clock.nowMs()),
      listening: this.#listeners.map(({ address }) => address),
      peerCount: dialer.connectionCount,
      lsd: this.#lsd?.counts,
    });
  }

  /** One torrent's snapshot; undefined when it is not here. */
  torrent(id: string): TorrentSnapshot | undefined {
    const torrent = this.#torrents.get(id);
    return torrent === undefined ? undefined : snapshotOf(torrent.state);
  }

  /** One torrent without its files, peers and trackers; undefined when it is not here. */
  torrentSummary(id: string): TorrentSummary | undefined {
    const torrent = this.#torrents.get(id);
    return torrent === undefined ? undefined : summaryOf(torrent.state);
  }

  /** One bit for each piece, BEP 3 order; undefined while nothing is known. */
  pieceMap(id: string): Uint8Array | undefined {
    return this.#torrents.get(id)?.state.content?.store.verifiedBits();
  }

  /** Verified bytes of each file, in the order of the snapshot's `files`; it walks over all pieces, so it is not part of that. */
  fileBytesDone(id: string): readonly number[] {
    return verifiedFileBytes(this.#get(id).state);
  }

  /** Tells trackers, ends connections, flushes and lets go of everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#cancelTick?.();
    this.#lsd?.close();
    const { storage, hasher, udpTrackers, dialer, limiters } = this.#shared;
    limiters.close();
    const ended = [...this.#torrents.values()].map((torrent) =>
      torrent.end(({ store }) => store.close(), { needsContent: false }),
    );
    const listeners = this.#listeners.splice(0).map((listener) => listener.close());
    for (const connection of dialer.connections) connection.close('shutting down');
    await Promise.all([...ended, ...listeners]);
    await udpTrackers.close();
    await storage.close();
    await hasher.close();
  }

  #makeShared(ports: EnginePorts, options: EngineOptions): EngineShared {
    const resolved = resolveOptions(options);
    const { clock, random, datagrams } = ports;
    const dialer = new Dialer({ clock, ...resolved });
    const limiters = createLimiters(options, clock, () => dialer.connections);
    return {
      ...ports,
      options: resolved,
      peerId: makePeerId(random.bytes(12)),
      limiters,
      budget: createBudget(resolved.site, limiters, clock),
      background: createBackground(resolved.background, limiters, clock),
      cache: new FramedCache(resolved.uploadCacheBytes),
      dialer,
      brineNetworks: new BrineNetworks(),
      neighbourhood: new Neighbourhood(resolved.site, ports.interfaces),
      udpTrackers: new UdpTrackerClient({ clock, random, datagrams }),
      meter: createMeter(),
      classMeters: createClassMeters(),
      listenPort: () => this.#listeners[0]?.address.port,
      emit: (name, fact) => {
        (this as EventEmitter).emit(name, fact);
        if (name === 'phase-changed') this.#lsd?.torrentsChanged();
      },
      budgetChanged: () => this.#updateBudget(),
      bufferFreed: () => {
        for (const { state } of this.#torrents.values())
          if (state.starved.size > 0) state.receive({ type: 'buffer-freed' });
      },
    };
  }

  #updateBudget(): void {
    const { budget } = this.#shared;
    if (budget === undefined) return;
    budget.update(memberDraws([...this.#torrents.values()].map(({ state }) => state)));
  }

  #route(infoHash: Uint8Array, connection: PeerConnection, peerId: Uint8Array): boolean {
    const torrent = this.#torrents.get(hexOf(infoHash));
    torrent?.accept(connection, peerId);
    return torrent !== undefined;
  }

  #startTicking(): void {
    this.#cancelTick ??= this.#shared.clock.schedule(TICK_MS, () => {
      this.#cancelTick = undefined;
      const nowMs = this.#shared.clock.nowMs();
      this.#updateBudget();
      for (const torrent of this.#torrents.values()) torrent.receive({ type: 'tick', nowMs });
      if (this.#torrents.size > 0 && this.#closing === undefined) this.#startTicking();
    });
  }

  #get(id: string): Torrent {
    this.#assertOpen();
    const torrent = this.#torrents.get(id);
    if (torrent === undefined) throw new EngineError('torrent-unknown', `no torrent ${id} here`);
    return torrent;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined)
      throw new EngineError('engine-closed', 'this engine is closed; make a new one');
  }
}

function requireContent({ state }: Torrent): TorrentContent {
  if (state.content !== undefined) return state.content;
  throw new EngineError('not-ready', `${state.name} is ${state.phase}: its storage is not open`);
}
