import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

import { ServiceError } from '@brine/control-http';
import type { Engine, Trouble } from '@brine/swarm';
import { encodeMetainfo, parseMagnet } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';
import type { Logger } from 'pino';

import { parseAddressArgument, resolveAddress } from '../address-argument.ts';
import { describeFailure } from '../failure.ts';
import type { PayloadRecord, Removal } from './orders/payload-record.ts';
import type { Roots } from './orders/roots.ts';
import { keepFile } from './state/keep-file.ts';
import type { StateDirectory } from './state/state-directory.ts';

export interface EngineTorrentsOptions {
  readonly engine: Engine;
  readonly state: StateDirectory;
  readonly roots: Roots;
  readonly log: Logger;
}

/** Makes the engine do what the records say, one payload at a time; what it cannot have is held, with the reason. */
export class EngineTorrents {
  readonly #options: EngineTorrentsOptions;
  readonly #held = new Map<string, Trouble>();
  /** What still goes on with a content, by info-hash. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #magnets = new Map<string, string>();

  constructor(options: EngineTorrentsOptions) {
    this.#options = options;
    const { engine, log } = options;
    engine.on('metadata-received', ({ id, infoBytes }) => {
      this.#keepMetadata(id, infoBytes).catch((error: unknown) =>
        log.warn({ err: error, id }, 'metadata not kept'),
      );
    });
  }

  /** Why the engine does not have it. */
  held(infohash: string): Trouble | undefined {
    return this.#held.get(infohash);
  }

  /** Puts it into the engine, when nothing goes on with this content any more. Never rejects. */
  start(record: PayloadRecord): Promise<void> {
    return this.#inTurn(record.infohash, () => this.#add(record));
  }

  /** The same content, ordered a little otherwise. Never rejects. */
  update(from: PayloadRecord, to: PayloadRecord): Promise<void> {
    return this.#inTurn(to.infohash, () =>
      // One that is held gets another chance.
      this.#options.engine.torrentSummary(to.infohash) === undefined ? this.#add(to) : this.#change(from, to),
    );
  }

  /** Tells the engine of peers, when it has this content. Never rejects. */
  addPeers(record: PayloadRecord, peers: readonly string[]): Promise<void> {
    return this.#inTurn(record.infohash, async () => void this.#introduce(record, peers));
  }

  /** Somebody has mended what it failed by, or thinks so. */
  tryAgain(record: PayloadRecord): void {
    const torrent = this.#options.engine.torrentSummary(record.infohash);
    if (torrent === undefined) void this.start(record);
    else if (torrent.phase === 'failed' || torrent.phase === 'waiting')
      this.#options.engine.resume(record.infohash);
  }

  /** Has everything hashed again; throws `ServiceError` `not-ready` while its files are not open. */
  verify({ name, infohash }: PayloadRecord): void {
    const { engine, log } = this.#options;
    const torrent = engine.torrentSummary(infohash);
    // A map of pieces is there while the files are open; they are not in a payload that came here paused.
    const isOpen =
      torrent !== undefined &&
      engine.pieceMap(infohash) !== undefined &&
      ['downloading', 'seeding', 'paused', 'waiting'].includes(torrent.phase);
    if (!isOpen)
      throw new ServiceError(
        'not-ready',
        `"${name}" is ${torrent?.phase ?? 'held'}; it is verified when its files are open.`,
      );
    engine
      .verify(infohash)
      .catch((error: unknown) => log.warn({ err: error, payload: name }, 'not verified'));
  }

  /** Takes it out of the engine and from the disk. Rejects with what failed; then it is to be tried again. */
  async remove(removal: Removal): Promise<void> {
    let failure: unknown;
    await this.#inTurn(removal.infohash, async () => {
      await this.#remove(removal).catch((error: unknown) => (failure = error));
    });
    if (failure !== undefined) throw failure;
  }

  async #add(record: PayloadRecord): Promise<void> {
    const { engine, roots, log } = this.#options;
    const { infohash, name } = record;
    if (engine.torrentSummary(infohash) !== undefined) return;
    this.#held.delete(infohash);
    try {
      const directory = await roots.place(record.path, '/path');
      if (directory !== record.directory)
        throw Object.assign(
          new Error(`${record.path} leads to ${directory} now, not to ${record.directory}`),
          {
            name: 'EngineError',
            code: 'path-refused',
          },
        );
      const content = await this.#contentOf(record);
      if (record.magnet !== undefined) this.#magnets.set(infohash, record.magnet);
      engine.add({
        ...content,
        directory,
        mode: record.mode,
        peers: [...literal(record.peers), ...peersOfLink(record, content)],
        trackers: tiersOf(record),
        limits: record.limits,
      });
      // Paused only now, so that its files are looked at and it can say how far it is.
      if (record.paused) engine.pause(infohash);
      void this.#introduce(record, record.peers);
    } catch (error) {
      const { code, message } = describeFailure(error);
      this.#held.set(infohash, { code, message });
      log.error({ payload: name, code, reason: message }, 'a payload is held');
    }
  }

  async #change(from: PayloadRecord, to: PayloadRecord): Promise<void> {
    const { engine } = this.#options;
    if (JSON.stringify(from.limits) !== JSON.stringify(to.limits)) engine.setLimits(to.limits, to.infohash);
    if (JSON.stringify(from.trackers) !== JSON.stringify(to.trackers))
      engine.setTrackers(to.infohash, tiersOf(to));
    const strangers = to.peers.filter((peer) => !from.peers.includes(peer));
    void this.#introduce(to, strangers);
    if (to.paused) engine.pause(to.infohash);
    else if (from.paused) engine.resume(to.infohash);
  }

  async #remove({ infohash, directory, mode, data }: Removal): Promise<void> {
    const { engine } = this.#options;
    this.#held.delete(infohash);
    this.#magnets.delete(infohash);
    if (engine.torrentSummary(infohash) === undefined) {
      const metainfo = await this.#metainfo(infohash);
      // Whose metadata never came, has nothing on disk.
      if (metainfo === undefined) return;
      engine.add({ metainfo, directory, mode, paused: true });
    }
    // Opened, but not on the network: only an open store knows what it created.
    if (engine.torrentSummary(infohash)?.phase !== 'resolving') engine.resume(infohash);
    await engine.remove(infohash, { data: data && mode !== 'seed' });
  }

  async #contentOf({
    infohash,
    magnet,
  }: PayloadRecord): Promise<{ metainfo: Uint8Array } | { magnet: string }> {
    const metainfo = await this.#metainfo(infohash);
    if (metainfo !== undefined) return { metainfo };
    if (magnet !== undefined) return { magnet };
    throw Object.assign(new Error(`the torrent file of ${infohash} is missing from the state directory`), {
      name: 'EngineError',
      code: 'torrent-missing',
    });
  }

  async #metainfo(infohash: string): Promise<Uint8Array | undefined> {
    return readFile(this.#options.state.torrent(infohash)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  /** A start without anybody who could send the metadata needs it. */
  #keepMetadata(infohash: string, infoBytes: Uint8Array): Promise<void> {
    const link = this.#magnets.get(infohash);
    const { trackers = [], webSeeds = [] } = link === undefined ? {} : parseMagnet(link);
    const metainfo = encodeMetainfo({ infoBytes, webSeeds, trackers: trackers.map((url) => [url]) });
    return keepFile(this.#options.state.torrent(infohash), metainfo);
  }

  /** Names of peers are looked up aside: a name server may take its time. */
  async #introduce({ name, infohash }: PayloadRecord, peers: readonly string[]): Promise<void> {
    const { engine, log } = this.#options;
    for (const peer of peers) {
      try {
        const found = await resolveAddress(parseAddressArgument(peer));
        if (engine.torrentSummary(infohash) !== undefined) engine.addPeers(infohash, found);
      } catch (error) {
        log.warn({ payload: name, peer, reason: (error as Error).message }, 'a peer is not known');
      }
    }
  }

  #inTurn(infohash: string, task: () => Promise<void>): Promise<void> {
    const turn = (this.#busy.get(infohash) ?? Promise.resolve()).then(task);
    this.#busy.set(infohash, turn);
    return turn.finally(() => {
      if (this.#busy.get(infohash) === turn) this.#busy.delete(infohash);
    });
  }
}

function literal(peers: readonly string[]): PeerAddress[] {
  return peers
    .map(parseAddressArgument)
    .flatMap(({ host, port }) => (isIP(host) === 0 ? [] : [{ ip: host, port }]));
}

/** The engine reads those of a link itself; but not when it is given what the link led to. */
function peersOfLink({ magnet }: PayloadRecord, content: object): readonly PeerAddress[] {
  return magnet === undefined || 'magnet' in content ? [] : parseMagnet(magnet).peers;
}

/** Each is a tier of its own, so that all are asked. */
function tiersOf({ trackers }: PayloadRecord): readonly (readonly string[])[] {
  return trackers.map((url) => [url]);
}
