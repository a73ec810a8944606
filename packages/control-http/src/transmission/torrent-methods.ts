import type { PayloadDetails, PayloadOrder, PayloadService, PayloadStatus } from '../payload-service.ts';
import { ServiceError } from '../problem.ts';
import { nextName, payloadNameOf } from './payload-name.ts';
import type { RpcArguments } from './rpc-request.ts';
import { RpcError } from './rpc-request.ts';
import type { SessionFacts } from './session.ts';
import { refuseOthers } from './settable.ts';
import { changedRate, limitsOf, speedLimitOf } from './speed-limits.ts';
import { placeOf, TORRENT_FIELDS } from './torrent-fields.ts';
import type { FieldSource } from './torrent-fields.ts';
import { RECENTLY_ACTIVE } from './torrent-table.ts';
import type { Torrent, TorrentTable } from './torrent-table.ts';

interface TorrentMethodsOptions {
  readonly service: PayloadService;
  readonly table: TorrentTable;
  readonly facts: SessionFacts;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** The calls about torrents; rpc-spec.md, 3. */
export class TorrentMethods {
  readonly #options: TorrentMethodsOptions;

  constructor(options: TorrentMethodsOptions) {
    this.#options = options;
  }

  get(args: RpcArguments): object {
    const { table } = this.#options;
    const asked = args.texts('fields');
    if (asked === undefined) throw new RpcError('"fields" is missing: name what is to be told');
    // Unknown ones are left out, as Transmission does: clients ask for what later versions have.
    const fields = [...new Set(asked)].filter((field) => Object.hasOwn(TORRENT_FIELDS, field));
    const ids = args.raw('ids');
    const rows = table
      .select(ids)
      .map((torrent) => this.#source(torrent))
      .map((source) => fields.map((field) => TORRENT_FIELDS[field]!(source)));
    const torrents =
      args.text('format') === 'table'
        ? [fields, ...rows]
        : rows.map((row) => Object.fromEntries(row.map((value, at) => [fields[at]!, value])));
    return { torrents, ...(ids === RECENTLY_ACTIVE ? { removed: table.recentlyRemoved() } : {}) };
  }

  async add(args: RpcArguments): Promise<object> {
    for (const key of args.keys)
      if (CHOICES.has(key) && JSON.stringify(args.raw(key)) !== '[]')
        throw new RpcError(`"${key}" cannot be followed: a payload is always fetched as a whole`);
    const order = orderOf(args);
    const { infohash, title = infohash } = await this.#options.service.inspect(order);
    const twin = this.#tell(infohash);
    if (twin !== undefined) return { 'torrent-duplicate': twin };
    const added = this.#tell(await this.#order(payloadNameOf(title), order));
    if (added === undefined) throw new RpcError('it was removed as soon as it was added');
    return { 'torrent-added': added };
  }

  /** Never all because none were named: what is removed cannot be had back. */
  async remove(args: RpcArguments): Promise<void> {
    const ids = args.raw('ids');
    if (ids === undefined || (Array.isArray(ids) && ids.length === 0) || ids === RECENTLY_ACTIVE)
      throw new RpcError('name the torrents that are to be removed, by number or hash; "all" is not taken');
    const data = args.flag('delete-local-data') ?? false;
    await this.#each(args, ({ name }) => this.#options.service.remove(name, { data }));
  }

  start(args: RpcArguments): Promise<void> {
    return this.#each(args, ({ name }) => this.#options.service.resume(name));
  }

  stop(args: RpcArguments): Promise<void> {
    return this.#each(args, ({ name }) => this.#options.service.pause(name));
  }

  verify(args: RpcArguments): Promise<void> {
    return this.#each(args, ({ name }) => this.#options.service.verify(name));
  }

  reannounce(args: RpcArguments): Promise<void> {
    return this.#each(args, ({ name }) => this.#options.service.announce(name));
  }

  /** Limits can be set; everything else only to what it is. */
  async set(args: RpcArguments): Promise<void> {
    const torrents = this.#options.table.select(args.raw('ids'));
    for (const torrent of torrents) {
      const values = this.#valuesOf(torrent, args.keys);
      refuseOthers(args, values, SETTABLE, 'is no property of a payload that can be chosen');
    }
    for (const { status } of torrents) await this.#setLimits(status, args);
  }

  async freeSpace(args: RpcArguments): Promise<object> {
    const path = args.text('path');
    if (path === undefined) throw new RpcError('"path" is missing');
    const { freeBytes, totalBytes } = await this.#options.service.space(path);
    return { path, 'size-bytes': freeBytes, total_size: totalBytes };
  }

  /** Under a name that nobody has, so that it replaces nothing. Resolves with the info-hash. */
  async #order(name: string, order: PayloadOrder): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const tried = attempt === 1 ? name : nextName(name, attempt);
        return (await this.#options.service.put(tried, order, { mustBeNew: true })).payload.infohash;
      } catch (error) {
        const isTaken = error instanceof ServiceError && error.code === 'name-taken';
        if (!isTaken || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  #tell(infohash: string): object | undefined {
    const torrent = this.#options.table.look().find(({ status }) => status.infohash === infohash);
    if (torrent === undefined) return undefined;
    return { id: torrent.id, hashString: torrent.status.infohash, name: placeOf(torrent.status).name };
  }

  async #setLimits({ name, limits }: PayloadStatus, args: RpcArguments): Promise<void> {
    const { service, nowMs } = this.#options;
    const changed = (['download', 'upload'] as const).map((direction) => {
      const rate = direction === 'download' ? limits.downBytesPerSecond : limits.upBytesPerSecond;
      const kilobytesPerSecond = args.count(`${direction}Limit`);
      const enabled = args.flag(`${direction}Limited`);
      return changedRate(rate, speedLimitOf(rate, nowMs()), {
        ...(kilobytesPerSecond === undefined ? {} : { kilobytesPerSecond }),
        ...(enabled === undefined ? {} : { enabled }),
      });
    });
    const [down, up] = changed;
    if (down === limits.downBytesPerSecond && up === limits.upBytesPerSecond) return;
    await service.setPayloadLimits(name, limitsOf(down, up));
  }

  /** All are tried; the first failure is told. */
  async #each(args: RpcArguments, act: (status: PayloadStatus) => unknown): Promise<void> {
    const failures: unknown[] = [];
    for (const { status } of this.#options.table.select(args.raw('ids'))) {
      try {
        await act(status);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #valuesOf(torrent: Torrent, keys: readonly string[]): Readonly<Record<string, unknown>> {
    const source = this.#source(torrent);
    const known = keys.filter((key) => Object.hasOwn(TORRENT_FIELDS, key));
    const ids = { ids: undefined };
    return { ...ids, ...Object.fromEntries(known.map((key) => [key, TORRENT_FIELDS[key]!(source)])) };
  }

  #source(torrent: Torrent): FieldSource {
    const { service, facts, nowMs } = this.#options;
    let details: PayloadDetails | undefined;
    return {
      ...torrent,
      nowMs: nowMs(),
      peersMax: facts.peersPerPayloadMax,
      get details(): PayloadDetails {
        details ??= service.get(torrent.status.name, { filesMax: Number.MAX_SAFE_INTEGER });
        if (details === undefined) throw new RpcError(`"${torrent.status.name}" has just been removed`);
        return details;
      },
    };
  }
}

/** The order that `torrent-add` means. Throws `RpcError`. */
function orderOf(args: RpcArguments): PayloadOrder {
  const paused = args.flag('paused');
  const path = args.text('download-dir');
  return {
    ...sourceOf(args.text('metainfo'), args.text('filename')),
    ...(path === undefined || path === '' ? {} : { path }),
    ...(paused === undefined ? {} : { paused }),
  };
}

function sourceOf(metainfo: string | undefined, filename: string | undefined): PayloadOrder {
  // Clients break base64 into lines.
  if (metainfo !== undefined && metainfo !== '') return { torrent: metainfo.replaceAll(/\s+/g, '') };
  if (filename === undefined || filename === '')
    throw new RpcError('give "metainfo" (a torrent file in base64) or "filename" (a magnet link or a path)');
  if (/^magnet:/i.test(filename)) return { magnet: filename };
  if (/^[0-9a-f]{40}$/i.test(filename)) return { infohash: filename };
  // Fetching it would let a caller have us call whom he likes.
  if (/^[a-z][a-z0-9+.-]+:/i.test(filename))
    throw new RpcError('addresses are not fetched: send the torrent file itself, or a magnet link');
  return { torrentFile: filename };
}

const SETTABLE: ReadonlySet<string> = new Set([
  'ids',
  'downloadLimit',
  'downloadLimited',
  'uploadLimit',
  'uploadLimited',
]);
/** Choices among files, which orders do not know. Other wishes of `torrent-add` (labels, peer-limit, priorities) change nothing that somebody would miss. */
const CHOICES: ReadonlySet<string> = new Set(['files-unwanted', 'files-wanted']);
const ATTEMPTS_MAX = 100;
