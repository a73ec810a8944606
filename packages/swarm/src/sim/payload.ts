import type { PayloadLayout } from '@brine/piece-store';
import { encodeBencode, encodeMetainfo, hexOf } from '@brine/wire';

import type { SimPlatform } from './sim-platform.ts';
import { SimRandom } from './sim-random.ts';

export interface PayloadOptions {
  readonly name?: string;
  readonly seed: number | string;
  readonly platform: Pick<SimPlatform, 'digest'>;
  readonly pieceLength: number;
  /** Lengths of the files; a single one makes a single-file torrent. */
  readonly fileLengths: readonly number[];
  readonly trackers?: readonly string[];
  readonly private?: boolean;
}

/** A torrent, whether or not its content exists. */
export interface PayloadTorrent {
  readonly name: string;
  /** Hex of the v1 info-hash. */
  readonly id: string;
  readonly infoHash: Uint8Array;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** As a store wants it. */
  readonly layout: PayloadLayout;
  readonly infoBytes: Uint8Array;
  /** Bytes of the `.torrent` file. */
  readonly metainfo: Uint8Array;
  readonly magnet: string;
}

/** Seeded content and its torrent. */
export interface Payload extends PayloadTorrent {
  /** The whole payload, files one after the other. */
  readonly content: Uint8Array;
  readonly files: readonly { readonly path: readonly string[]; readonly bytes: Uint8Array }[];
}

/** Makes a payload: the same options, the same bytes. */
export function makePayload(options: PayloadOptions): Payload {
  const name = options.name ?? 'payload';
  const random = new SimRandom(options.seed).split(`payload ${name}`);
  const contents = options.fileLengths.map((length) => random.bytes(length));
  const content = concatBytes(contents);
  const single = contents.length === 1;
  const files = contents.map((bytes, index) => ({ path: single ? [name] : [`file-${index}`], bytes }));
  const hashes = pieceHashes(options.platform, content, options.pieceLength);
  return { ...describe({ ...options, name }, hashes, files), content, files };
}

/** A payload of `length` bytes in one file, none of which exists: its hashes are made up. For blank disks. */
export function makeBlankPayload(
  options: Omit<PayloadOptions, 'fileLengths'> & { readonly length: number },
): PayloadTorrent {
  const name = options.name ?? 'payload';
  const pieceCount = Math.ceil(options.length / options.pieceLength);
  const hashes = new SimRandom(options.seed).split(`hashes ${name}`).bytes(pieceCount * 20);
  return describe({ ...options, name }, hashes, [{ path: [name], bytes: { length: options.length } }]);
}

type FileOfPayload = { readonly path: readonly string[]; readonly bytes: { readonly length: number } };

function describe(
  options: Omit<PayloadOptions, 'fileLengths' | 'seed'> & { readonly name: string },
  hashes: Uint8Array,
  files: readonly FileOfPayload[],
): PayloadTorrent {
  const { name, pieceLength } = options;
  const folder = files.length > 1;
  const totalLength = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const infoBytes = encodeBencode({
    name,
    'piece length': pieceLength,
    pieces: hashes,
    ...(options.private === true ? { private: 1 } : {}),
    ...(folder
      ? { files: files.map(({ path, bytes }) => ({ path, length: bytes.length })) }
      : { length: totalLength }),
  });
  const infoHash = options.platform.digest('sha1', infoBytes);
  const id = hexOf(infoHash);
  const pieceCount = hashes.length / 20;
  const layoutOfFiles = layoutFiles(files);
  return {
    name,
    id,
    infoHash,
    pieceLength,
    pieceCount,
    layout: { name, folder, pieceLength, pieceCount, totalLength, pieceHashes: hashes, files: layoutOfFiles },
    infoBytes,
    metainfo: encodeMetainfo({ infoBytes, trackers: (options.trackers ?? []).map((url) => [url]) }),
    magnet: `magnet:?xt=urn:btih:${id}&dn=${name}`,
  };
}

function layoutFiles(files: readonly FileOfPayload[]): PayloadLayout['files'] {
  let offset = 0;
  return files.map(({ path, bytes }) => {
    const file = { path, length: bytes.length, offset, padding: false, executable: false, hidden: false };
    offset += bytes.length;
    return file;
  });
}

function pieceHashes(
  platform: Pick<SimPlatform, 'digest'>,
  content: Uint8Array,
  pieceLength: number,
): Uint8Array {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += pieceLength) {
    hashes.push(platform.digest('sha1', content.subarray(at, at + pieceLength)));
  }
  return concatBytes(hashes);
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
