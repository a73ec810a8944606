import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { PayloadOrder } from '@brine/control-http/client';

import { AgentProcess } from '../rig/agent.ts';
import { digests, makeFile } from '../rig/payload.ts';
import type { Payload } from '../rig/payload.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { startHandMade } from './peers/hand-made.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
export const PAYLOAD_BYTES: number = 12 * MIB + 5;

/** A payload with a seeder, and a small disk of its own: a tmpfs. */
export class DiskRoom implements AsyncDisposable {
  readonly small: string;
  readonly roomy: string;
  readonly payload: Payload;
  readonly order: PayloadOrder;
  readonly #home: string;
  readonly #number: number;
  readonly #right: ReadonlyMap<string, string>;
  readonly #stops: (() => Promise<void>)[];

  private constructor(
    home: string,
    number: number,
    payload: Payload,
    order: PayloadOrder,
    right: ReadonlyMap<string, string>,
    stops: (() => Promise<void>)[],
  ) {
    this.#home = home;
    this.#number = number;
    this.small = join(home, 'small');
    this.roomy = join(home, 'roomy');
    this.payload = payload;
    this.order = order;
    this.#right = right;
    this.#stops = stops;
  }

  static async open(number: number, bytes: number): Promise<DiskRoom> {
    const home = await mkdtemp(join(tmpdir(), 'brine-disk-'));
    for (const name of ['small', 'roomy']) await mkdir(join(home, name));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', join(home, 'small')]);
    const payload = await makeFile(join(home, 'seed'), 'big.img', PAYLOAD_BYTES, number);
    const stops: (() => Promise<void>)[] = [];
    const order = await seeded(home, payload, number, stops);
    return new DiskRoom(home, number, payload, order, await digests(payload), stops);
  }

  /** An agent whose payloads stand on the small disk, unless told otherwise. */
  start(places: { readonly state: string; readonly root: string } = this.#places()): AgentProcess {
    const extra = ['--root', this.roomy, '--listen', '127.0.0.1:0', '--set', 'log=warn'];
    return new AgentProcess({ ...places, extra });
  }

  /** Another payload, with a seeder of its own. */
  async another(): Promise<PayloadOrder> {
    const payload = await makeFile(join(this.#home, 'seed'), 'other.img', MIB, this.#number + 100);
    return seeded(this.#home, payload, this.#number, this.#stops);
  }

  /** Fills the small disk but for so many bytes; returns the file to delete. */
  async leaveFree(bytes: number): Promise<string> {
    const { bavail, bsize } = await statfs(this.small);
    const ballast = join(this.small, 'ballast');
    await writeFile(ballast, new Uint8Array(Math.max(0, bavail * bsize - bytes)));
    return ballast;
  }

  async expectWhole(): Promise<void> {
    assert.deepEqual(await digests({ ...this.payload, directory: this.small }), this.#right);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops) await stop();
    await run('umount', ['--lazy', this.small]);
    await rm(this.#home, { recursive: true, force: true });
  }

  #places(): { readonly state: string; readonly root: string } {
    return { state: join(this.#home, 'state'), root: this.small };
  }
}

/** Makes a torrent of the payload and seeds it; the order that has it come. */
async function seeded(
  home: string,
  payload: Payload,
  number: number,
  stops: (() => Promise<void>)[],
): Promise<PayloadOrder> {
  const path = join(home, `${payload.name}.torrent`);
  const torrent = await makeTorrent('libtorrent', payload, path, 65_536, []);
  const host = { ip: `127.9.${number}.${stops.length + 1}`, prefix: [] };
  const seeder = await startHandMade('honest', host, payload, torrent, 8 * MIB);
  stops.push(() => seeder.program.stop());
  return { torrent: (await readFile(path)).toString('base64'), peers: [seeder.address] };
}
