import { readFile, stat } from 'node:fs/promises';

import { ServiceError } from '@brine/control-http';
import type { LimitOrder, LimitSettings, PayloadOrder, RateLimitsOrder } from '@brine/control-http';
import { Schedule } from '@brine/swarm';
import type { Rate, RateLimits } from '@brine/swarm';
import { hexOf, parseMagnet, parseMetainfo } from '@brine/wire';

import { parseAddressArgument } from '../../address-argument.ts';
import { sha1 } from '../../torrent-file.ts';
import { parseRateOrSchedule } from '../../units/schedule.ts';
import type { PayloadRecord } from './payload-record.ts';
import type { Roots } from './roots.ts';

/** An order, understood. */
export interface ReadOrder {
  /** As it is to be kept, if nothing was ordered under this name before. */
  readonly record: PayloadRecord;
  /** Whether the order says itself if it is paused. */
  readonly saysPaused: boolean;
  /** Bytes of the torrent file, unless only the info-hash is known. */
  readonly metainfo: Uint8Array | undefined;
  /** What the content is called by whoever made it; undefined if only the info-hash is known. */
  readonly title: string | undefined;
}

export interface OrderReading {
  readonly roots: Roots;
  /** Where `torrentFile` may be. */
  readonly torrentRoots: Roots;
  /** ISO 8601. */
  readonly orderedAt: string;
}

/** Checks an order and finds its content. Rejects with `ServiceError`; `at` is where in the body it stands, a JSON pointer. */
export async function readOrder(
  name: string,
  order: PayloadOrder,
  { roots, torrentRoots, orderedAt }: OrderReading,
  at = '',
): Promise<ReadOrder> {
  const content = await contentOf(order, torrentRoots, at);
  const path = order.path ?? roots.first;
  checkPeers(order.peers ?? [], `${at}/peers`);
  const record: PayloadRecord = {
    name,
    infohash: content.infohash,
    ...(content.magnet === undefined ? {} : { magnet: content.magnet }),
    path,
    directory: await roots.place(path, `${at}/path`),
    mode: order.mode ?? 'download',
    peers: order.peers ?? [],
    trackers: order.trackers ?? [],
    limits: readRates(order.limits ?? {}, `${at}/limits`),
    paused: order.paused ?? false,
    orderedAt,
  };
  const { metainfo, title } = content;
  return { record, saysPaused: order.paused !== undefined, metainfo, title };
}

/** Throws `ServiceError` `order-invalid` for what is no address. */
export function checkPeers(peers: readonly string[], at: string): void {
  for (const [index, peer] of peers.entries())
    attempt('order-invalid', `${at}/${index}`, () => parseAddressArgument(peer));
}

/** Limits over all payloads as the engine takes them. Throws `ServiceError` `limits-invalid`. */
export function readLimits(order: LimitOrder): LimitSettings {
  return Object.fromEntries(
    Object.entries(order).map(([scope, rates]) => [scope, readRates(rates, `/${scope}`)]),
  );
}

/** Texts become rates, and `unlimited` is left out. Throws `ServiceError` `limits-invalid`. */
export function readRates({ downBytesPerSecond, upBytesPerSecond }: RateLimitsOrder, at: string): RateLimits {
  const down = readRate(downBytesPerSecond, `${at}/downBytesPerSecond`);
  const up = readRate(upBytesPerSecond, `${at}/upBytesPerSecond`);
  return {
    ...(down === undefined ? {} : { downBytesPerSecond: down }),
    ...(up === undefined ? {} : { upBytesPerSecond: up }),
  };
}

function readRate(order: Rate | string | undefined, pointer: string): Rate | undefined {
  return attempt('limits-invalid', pointer, () => {
    const rate = typeof order === 'string' ? parseRateOrSchedule(order) : order;
    // For its complaints.
    if (typeof rate === 'object') void new Schedule(rate);
    return rate;
  });
}

interface Content {
  readonly infohash: string;
  readonly magnet?: string;
  readonly metainfo: Uint8Array | undefined;
  readonly title: string | undefined;
}

async function contentOf(order: PayloadOrder, roots: Roots, at: string): Promise<Content> {
  const { infohash, magnet, torrent, torrentFile } = order;
  if (torrentFile !== undefined) {
    const place = `${at}/torrentFile`;
    return fromTorrent(await readTorrentFile(await roots.place(torrentFile, place), place), place);
  }
  if (torrent !== undefined) return fromTorrent(decodeBase64(torrent, `${at}/torrent`), `${at}/torrent`);
  const link = magnet ?? `magnet:?xt=urn:btih:${infohash!.toLowerCase()}`;
  return attempt('torrent-invalid', `${at}/${magnet === undefined ? 'infohash' : 'magnet'}`, () => {
    const { infoHashes, name } = parseMagnet(link);
    return { infohash: v1Of(infoHashes.v1), magnet: link, metainfo: undefined, title: name };
  });
}

function fromTorrent(metainfo: Uint8Array, at: string): Content {
  return attempt('torrent-invalid', at, () => {
    const { info, infoHashes } = parseMetainfo(metainfo, { sha1 });
    return { infohash: v1Of(infoHashes.v1), metainfo, title: info.name };
  });
}

function v1Of(hash: Uint8Array | undefined): string {
  if (hash !== undefined) return hexOf(hash);
  throw new Error('it is for v2 (BEP 52) only, which cannot be transferred yet; make a v1 or hybrid torrent');
}

function decodeBase64(text: string, pointer: string): Uint8Array {
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  throw new ServiceError('torrent-invalid', 'The torrent is not in base64.', { pointer });
}

async function readTorrentFile(file: string, pointer: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > TORRENT_BYTES_MAX) throw new Error(`it has ${size} bytes, which no torrent file has`);
    return await readFile(file);
  } catch (error) {
    const message = `${file} cannot be read: ${(error as Error).message}.`;
    throw new ServiceError('torrent-invalid', message, { pointer, cause: error });
  }
}

function attempt<Result>(
  code: 'order-invalid' | 'torrent-invalid' | 'limits-invalid',
  pointer: string,
  task: () => Result,
): Result {
  try {
    return task();
  } catch (error) {
    throw new ServiceError(code, `${pointer.slice(1)}: ${(error as Error).message}`, {
      pointer,
      cause: error,
    });
  }
}

const TORRENT_BYTES_MAX: number = 64 * 1024 * 1024;
