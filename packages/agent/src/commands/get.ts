import { join } from 'node:path';

import type { Magnet, Metainfo } from '@brine/wire';
import { parseMagnet } from '@brine/wire';

import type { ExitCode } from '../exit-codes.ts';
import { selectFiles } from '../file-selection.ts';
import { KeptMetadata } from '../kept-metadata.ts';
import { parseTorrentFile } from '../torrent-file.ts';
import { readTorrentInput } from '../torrent-input.ts';
import type { TransferOptions, TransferOrder } from '../transfer/transfer.ts';
import { runTransfer } from '../transfer/transfer.ts';

/** The options of `get` as the command line hands them over. */
export interface GetOptions extends TransferOptions {
  /** Milliseconds of seeding after completion; absent: until asked to stop. */
  readonly seedFor?: number;
  /** Numbers, ranges, globs; absent means all files. */
  readonly files?: readonly string[];
  readonly sequential?: boolean;
  readonly adopt?: boolean;
}

/** `brine get FILE|MAGNET`: fetches a payload into `options.path` and goes on seeding it. */
export async function get(argument: string, options: GetOptions): Promise<ExitCode> {
  const input = await readTorrentInput(argument);
  const order =
    input.kind === 'file'
      ? orderOfFile(parseTorrentFile(input.file, input.bytes), input.bytes, options.files ?? [])
      : await orderOfMagnet(input.magnet, options);
  const torrent = {
    ...order.torrent,
    mode: options.adopt === true ? ('adopt' as const) : ('download' as const),
    sequential: options.sequential ?? false,
  };
  const seedFor = options.seedFor === undefined ? {} : { seedForMs: options.seedFor };
  return runTransfer({ ...order, ...seedFor, torrent }, options);
}

function orderOfFile(
  { info, trackers }: Metainfo,
  bytes: Uint8Array,
  selectors: readonly string[],
): TransferOrder {
  const wanted = selectors.length === 0 ? {} : { filePriorities: selectFiles(info.files, selectors) };
  return { torrent: { ...wanted, metainfo: bytes }, completeExpected: false, sources: trackers.length > 0 };
}

async function orderOfMagnet(link: string, options: GetOptions): Promise<TransferOrder> {
  const magnet = parseMagnet(link);
  const selectors = options.files ?? selectorsOf(magnet);
  const metadata = new KeptMetadata(options.state ?? join(options.path, '.brine'), magnet);
  const sources = magnet.trackers.length + magnet.peers.length > 0;
  const kept = await metadata.read();
  if (kept !== undefined) {
    const order = orderOfFile(kept.metainfo, kept.bytes, selectors);
    return { ...order, sources, torrent: { ...order.torrent, peers: magnet.peers } };
  }
  return {
    torrent: { magnet: link },
    completeExpected: false,
    sources,
    selectors,
    keepMetadata: (infoBytes) => metadata.write(infoBytes),
  };
}

/** The link's own selection, BEP 53, in the words of `--files`, which count from 1. */
function selectorsOf({ selectOnly = [] }: Magnet): readonly string[] {
  return selectOnly.map(({ first, last }) => `${first + 1}-${last + 1}`);
}
