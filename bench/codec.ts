import { createHash } from 'node:crypto';

import { PeerProtocol, decodeBencode, encodeBencode, parseMetainfo, writePieceHeader } from '@brine/wire';
import bencode from 'bencode';
import { Bench } from 'tinybench';

import type { BenchOptions } from './options.ts';
import { KIB } from './options.ts';
import { ratio, short } from './table.ts';
import type { Table } from './table.ts';
import { medianMs, megabytesPerSecond } from './throughput.ts';
import { torrentOfManyFiles, torrentOfZeros } from './torrent.ts';

const BLOCK = 16 * KIB;
const BLOCKS = 256;
const REQUESTS = 4096;

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();

/** The codecs that stand in the way of data: torrents, blocks, requests. */
export async function codec(options: BenchOptions): Promise<readonly Table[]> {
  return [await torrents(options), await messages(options)];
}

async function torrents({ quick }: BenchOptions): Promise<Table> {
  const rows: string[][] = [];
  const cases = [
    { name: '20,000 files', torrent: torrentOfManyFiles(quick ? 500 : 20_000) },
    { name: '52,000 pieces', torrent: torrentOfZeros('one', quick ? 500 : 52_000, 256 * KIB) },
  ];
  for (const { name, torrent } of cases) {
    const { bytes, content } = torrent;
    const theirs = bencode.decode(bytes);
    const bench = benchOf(quick)
      .add('decode bencode', () => void decodeBencode(bytes))
      .add('parse', () => void parseMetainfo(bytes, { sha1 }))
      .add('decode, npm bencode', () => void bencode.decode(bytes))
      .add('encode', () => void encodeBencode(content))
      .add('encode, npm bencode', () => void bencode.encode(theirs));
    await bench.run();
    const [decode = 0, parse = 0, npmDecode = 0, encode = 0, npmEncode = 0] = bench.tasks.map(medianMs);
    rows.push(
      [`${name}: decode bencode`, short(decode), short(npmDecode), ratio(npmDecode, decode)],
      [`${name}: decode and check as a torrent`, short(parse), short(npmDecode), ratio(npmDecode, parse)],
      [`${name}: encode`, short(encode), short(npmEncode), ratio(npmEncode, encode)],
    );
  }
  return { title: 'Torrents, ms', columns: ['torrent', 'brine', 'npm bencode', 'faster by'], rows };
}

async function messages({ quick }: BenchOptions): Promise<Table> {
  const stream = blockStream();
  const chunks = Array.from({ length: Math.ceil(stream.length / (64 * KIB)) }, (_, i) =>
    stream.subarray(i * 64 * KIB, (i + 1) * 64 * KIB),
  );
  const parser = connected();
  const asker = connected();
  const listener = connected();
  for (let i = 0; i < REQUESTS; i += 1) asker.request(i, 0, BLOCK);
  const requests = asker.takeOutput() ?? new Uint8Array();
  const header = new Uint8Array(13);
  const bench = benchOf(quick)
    .add('parse blocks, 64 KiB reads', () => {
      for (const chunk of chunks) parser.receive(chunk);
    })
    .add('write block headers', () => {
      for (let i = 0; i < BLOCKS; i += 1) writePieceHeader(header, 0, i, 0, BLOCK);
    })
    .add('parse requests', () => void listener.receive(requests))
    .add('write requests', () => {
      for (let i = 0; i < REQUESTS; i += 1) asker.request(i, 0, BLOCK);
      asker.takeOutput();
    });
  await bench.run();
  const counts = [BLOCKS, BLOCKS, REQUESTS, REQUESTS];
  return {
    title: 'Peer protocol',
    columns: ['operation', 'million messages/s', 'payload MB/s'],
    rows: bench.tasks.map((task, i) => {
      const count = counts[i] ?? 0;
      return [
        task.name,
        short(count / 1000 / medianMs(task)),
        short(megabytesPerSecond(task, count * BLOCK)),
      ];
    }),
  };
}

function blockStream(): Uint8Array {
  const stream = new Uint8Array(BLOCKS * (13 + BLOCK));
  for (let i = 0; i < BLOCKS; i += 1) writePieceHeader(stream, i * (13 + BLOCK), i, 0, BLOCK);
  return stream;
}

/** A machine whose remote has shaken hands. */
function connected(): PeerProtocol {
  const infoHash = new Uint8Array(20).fill(1);
  const geometry = { pieceLength: 16 * BLOCK, pieceCount: REQUESTS, totalLength: REQUESTS * 16 * BLOCK };
  const [one, other] = [true, false].map(
    (initiator) =>
      new PeerProtocol({ initiator, infoHash, peerId: new Uint8Array(20).fill(initiator ? 2 : 3), geometry }),
  ) as [PeerProtocol, PeerProtocol];
  other.handshake();
  one.receive(other.takeOutput() ?? new Uint8Array());
  return one;
}

function benchOf(quick: boolean): Bench {
  return new Bench({
    time: quick ? 30 : 500,
    warmupTime: quick ? 5 : 200,
    iterations: 3,
    warmupIterations: 1,
  });
}
