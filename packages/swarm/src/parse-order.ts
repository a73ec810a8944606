import { hexOf, parseMagnet, parseMetainfo, WireError } from '@brine/wire';
import type { Digest, Info, InfoHashes, PeerAddress } from '@brine/wire';

import { EngineError } from './errors.ts';
import type { AddTorrent } from './options.ts';
import { checkLimits } from './resolved-options.ts';

/** An order to add a torrent, read and checked. */
export interface ParsedOrder {
  readonly id: string;
  readonly infoHashes: InfoHashes & { readonly v1: Uint8Array };
  readonly name: string;
  readonly info: Info | undefined;
  readonly infoBytes: Uint8Array | undefined;
  readonly trackerTiers: readonly (readonly string[])[];
  readonly peers: readonly PeerAddress[];
}

/** Throws `EngineError` `torrent-invalid` or `option-invalid`, naming what is wrong. */
export function parseOrder(order: AddTorrent, sha1: Digest): ParsedOrder {
  checkLimits(order.limits ?? {});
  if ((order.metainfo === undefined) === (order.magnet === undefined)) {
    throw new EngineError('option-invalid', 'give either metainfo or a magnet, one of the two');
  }
  try {
    const parsed =
      order.magnet === undefined ? fromMetainfo(order.metainfo!, sha1) : fromMagnet(order.magnet);
    checkPriorities(order.filePriorities, parsed.info);
    return { ...parsed, peers: [...(order.peers ?? []), ...parsed.peers] };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new EngineError('torrent-invalid', error.message, { cause: error });
  }
}

/** Throws `option-invalid` unless there is one whole number from 0 to 7 for each file. */
export function checkPriorities(priorities: readonly number[] | undefined, info: Info | undefined): void {
  if (priorities === undefined) return;
  if (info !== undefined && priorities.length !== info.files.length) {
    throw new EngineError(
      'option-invalid',
      `${priorities.length} file priorities for ${info.files.length} files`,
    );
  }
  const wrong = priorities.find((priority) => !Number.isInteger(priority) || priority < 0 || priority > 7);
  if (wrong !== undefined)
    throw new EngineError('option-invalid', `file priority ${wrong}; give 0 (not wanted) to 7 (first)`);
}

function fromMetainfo(bytes: Uint8Array, sha1: Digest): ParsedOrder {
  const { infoHashes, info, infoBytes, trackers } = parseMetainfo(bytes, { sha1 });
  const v1 = requireV1(infoHashes);
  return {
    id: hexOf(v1),
    infoHashes: { ...infoHashes, v1 },
    name: info.name,
    info,
    infoBytes,
    trackerTiers: trackers,
    peers: [],
  };
}

function fromMagnet(text: string): ParsedOrder {
  const { infoHashes, name, trackers, peers } = parseMagnet(text);
  const v1 = requireV1(infoHashes);
  return {
    id: hexOf(v1),
    infoHashes: { ...infoHashes, v1 },
    name: name ?? hexOf(v1),
    info: undefined,
    infoBytes: undefined,
    trackerTiers: trackers.map((url) => [url]),
    peers,
  };
}

function requireV1({ v1 }: InfoHashes): Uint8Array {
  if (v1 !== undefined) return v1;
  throw new EngineError(
    'torrent-invalid',
    'this is a v2-only torrent (BEP 52), which this version cannot transfer yet; make a v1 or hybrid one',
  );
}
