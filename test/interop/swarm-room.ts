import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { Client, Peer, PeerOrder } from '../rig/peer.ts';
import type { Payload } from '../rig/payload.ts';
import { EMPTY_DIGEST, digests } from '../rig/payload.ts';
import { PrivateNetwork } from '../rig/private-network.ts';
import type { Host } from '../rig/private-network.ts';

/** A network and a scratch directory for one test; disposing of it ends every peer and removes both. */
export class SwarmRoom implements AsyncDisposable {
  readonly network: PrivateNetwork;
  readonly directory: string;
  #count = 0;

  private constructor(network: PrivateNetwork, directory: string) {
    this.network = network;
    this.directory = directory;
  }

  static async open(): Promise<SwarmRoom> {
    const directory = await mkdtemp(join(tmpdir(), 'brine-interop-'));
    return new SwarmRoom(await PrivateNetwork.create(), directory);
  }

  /** A directory of its own for whoever asks. */
  async folder(): Promise<string> {
    this.#count += 1;
    const path = join(this.directory, `folder-${this.#count}`);
    await mkdir(path);
    return path;
  }

  /** Starts a seeder of `payload` on a host of its own. */
  async seeder(
    client: Client,
    payload: Payload,
    source: string,
    more: Partial<PeerOrder> = {},
  ): Promise<Peer> {
    return client.start(await this.#order('seed', source, payload.directory, more));
  }

  /** Starts a leecher on a host of its own; what it gets is compared by `expectSame`. */
  async leecher(client: Client, source: string, more: Partial<PeerOrder> = {}): Promise<Leecher> {
    const directory = more.directory ?? (await this.folder());
    const peer = await client.start(await this.#order('leech', source, directory, more));
    return { ...peer, client, directory };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #order(
    role: 'seed' | 'leech',
    source: string,
    directory: string,
    more: Partial<PeerOrder>,
  ): Promise<PeerOrder> {
    const host: Host = more.host ?? (await this.network.host());
    const state = more.state ?? (await this.folder());
    return { role, source, directory, state, host, port: 21_000, ...more };
  }
}

/** A leeching peer and where its payload goes. */
export interface Leecher extends Peer {
  readonly client: Client;
  readonly directory: string;
}

/** Waits for completion and compares every byte and every name. */
export async function expectSame(leecher: Leecher, payload: Payload, timeoutMs?: number): Promise<void> {
  await leecher.complete(timeoutMs);
  if (leecher.client.writesBehind) await leecher.stop();
  const got = await digests({ directory: leecher.directory, name: payload.name });
  const wanted = [...(await digests(payload))];
  const expected = leecher.client.createsEmptyFiles
    ? wanted
    : wanted.filter(([, digest]) => digest !== EMPTY_DIGEST);
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected));
}
