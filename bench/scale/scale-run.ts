import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { NamedOrder, PayloadOrder } from '@brine/control-http/client';

import { BenchPeer } from '../bench-peer.ts';
import { REPOSITORY } from '../places.ts';
import type { ManySeederArguments } from '../peers/many-seeder.ts';
import type { BenchAgent } from './bench-agent.ts';
import { LatencyProbe, quantile } from './latency.ts';
import type { Latencies, Probe } from './latency.ts';
import type { BenchPayload } from './payload-set.ts';

/** What is to be measured, and where files may be made for it. */
export interface ScaleRun {
  readonly home: string;
  /** Small payloads that are there already. */
  readonly payloads: number;
  /** Payloads that are transferred beside them. */
  readonly transfers: number;
  readonly transferBytes: number;
  /** Payloads that are transferred while one is checked. */
  readonly fast: number;
  readonly fastBytes: number;
  readonly checkBytes: number;
}

const SEEDER = { ip: '127.0.0.1', port: 21_900 };

/** An order with the torrent in it. */
export function orderOf({ torrent }: BenchPayload, peers: readonly string[] = []): PayloadOrder {
  return { torrent: Buffer.from(torrent.bytes).toString('base64'), peers };
}

export const SEEDER_ADDRESS = `${SEEDER.ip}:${SEEDER.port}`;

/** The same for a list. */
export function namedOrderOf(payload: BenchPayload, peers: readonly string[] = []): NamedOrder {
  return { name: payload.name, ...orderOf(payload, peers) };
}

/** A process that seeds `payloads`, which stand in `directory`. */
export async function startSeeder(
  home: string,
  directory: string,
  payloads: readonly BenchPayload[],
): Promise<BenchPeer> {
  const torrents = join(home, 'torrents');
  await mkdir(torrents, { recursive: true });
  for (const { name, torrent } of payloads) await writeFile(join(torrents, `${name}.torrent`), torrent.bytes);
  const place: ManySeederArguments = [
    torrents,
    directory,
    join(home, 'seeder'),
    SEEDER.ip,
    String(SEEDER.port),
  ];
  const program = join(REPOSITORY, 'bench/dist/peers/many-seeder.js');
  const seeder = new BenchPeer('seeder', [process.execPath, program, ...place]);
  await seeder.line((line) => line === 'ready', 120_000);
  return seeder;
}

/** The calls that a page, a monitor and an administrator's script make; `name` is one of the payloads, `order` what was ordered of it. */
function usualProbes({ name, ...order }: NamedOrder): readonly Probe[] {
  return [
    { name: 'GET /v1/payloads', method: 'GET', path: '/v1/payloads' },
    { name: 'GET /v1/payloads/{name}', method: 'GET', path: `/v1/payloads/${name}` },
    {
      name: 'PUT the same order',
      method: 'PUT',
      path: `/v1/payloads/${name}`,
      body: JSON.stringify(order),
    },
    { name: 'POST pause', method: 'POST', path: `/v1/payloads/${name}/pause` },
    { name: 'POST resume', method: 'POST', path: `/v1/payloads/${name}/resume` },
    { name: 'PUT /v1/limits', method: 'PUT', path: '/v1/limits', body: '{}' },
    { name: 'GET /v1/engine', method: 'GET', path: '/v1/engine' },
    { name: 'GET /v1/site', method: 'GET', path: '/v1/site' },
    { name: 'GET /metrics', method: 'GET', path: '/metrics' },
    { name: 'GET /healthz', method: 'GET', path: '/healthz' },
  ];
}

/** Times the usual calls until `until` holds. */
export async function probe(
  agent: BenchAgent,
  order: NamedOrder,
  until: () => boolean | Promise<boolean>,
): Promise<Latencies> {
  const latency = new LatencyProbe(agent);
  try {
    return await latency.run(usualProbes(order), until);
  } finally {
    latency.close();
  }
}

export const LATENCY_COLUMNS: readonly string[] = ['', 'calls', 'p50 ms', 'p99 ms', 'max ms'];

/** One row for each call, and one for all together. */
export function latencyRows(latencies: Latencies): readonly (readonly string[])[] {
  const all = [...latencies.values()].flat();
  return [...latencies, ['all', all] as const].map(([name, times]) =>
    [name, String(times.length)].concat([0.5, 0.99, 1].map((part) => quantile(times, part).toFixed(1))),
  );
}
