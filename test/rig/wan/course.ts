import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { makeFile } from '../payload.ts';
import type { Payload } from '../payload.ts';
import type { Peer, PeerOrder } from '../peer.ts';
import { makeTorrent } from '../torrent.ts';
import { Tracker, trackerUrls } from '../tracker.ts';
import type { FleetClient } from './fleet-client.ts';
import type { Fleet, FleetHost } from './fleet.ts';
import { Member } from './member.ts';

/** What is to be distributed, and by whom. */
export interface CourseOrder {
  readonly payloadBytes: number;
  readonly pieceLength: number;
  /** Of every site's link, bits per second. */
  readonly rate: number;
  /** The client at the origin. */
  readonly seeder: FleetClient;
  /** With a tracker, for clients that take no addresses. */
  readonly tracker: boolean;
  /** Milliseconds that a member may take. */
  readonly timeoutMs: number;
}

const PORT = 21_000;

/** One payload on its way from the origin of a fleet to its hosts. Everybody is told all addresses that exist when they start. */
export class Course {
  readonly fleet: Fleet;
  readonly order: CourseOrder;
  readonly members: Member[] = [];
  readonly #folder: string;
  readonly #payload: Payload;
  readonly #torrent: string;
  #origin: Peer | undefined;

  private constructor(fleet: Fleet, order: CourseOrder, folder: string, payload: Payload, torrent: string) {
    this.fleet = fleet;
    this.order = order;
    this.#folder = folder;
    this.#payload = payload;
    this.#torrent = torrent;
  }

  /** Makes payload and torrent and waits until the seeder serves; then the meter is at zero. */
  static async open(fleet: Fleet, order: CourseOrder): Promise<Course> {
    const folder = await fleet.folder();
    const payload = await makeFile(join(folder, 'origin'), 'payload.bin', order.payloadBytes);
    const urls = order.tracker ? [trackerUrls(fleet.router).http] : [];
    const path = join(folder, 'payload.torrent');
    const torrent = await makeTorrent('libtorrent', payload, path, order.pieceLength, urls);
    const course = new Course(fleet, order, folder, payload, path);
    const tracker = order.tracker
      ? await Tracker.start(fleet.router, [torrent.infoHash], await fleet.folder())
      : undefined;
    const seeding = await course.#orderFor('seed', fleet.origin, order.seeder, payload.directory);
    course.#origin = await order.seeder.client.start(seeding);
    await course.#origin.ready();
    await tracker?.peers(torrent.infoHash);
    await delay(1000); // the seeder's start is not what is measured
    fleet.meter.mark();
    return course;
  }

  /** The process of the seeder. */
  get originPid(): number {
    return this.#origin?.program.pid ?? 0;
  }

  /** Starts a leecher on a host. */
  async start(client: FleetClient, host: FleetHost): Promise<Member> {
    const directory = join(this.#folder, host.name);
    const order = await this.#orderFor('leech', host, client, directory);
    const member = new Member(client, host, order, this.order.timeoutMs);
    this.members.push(member);
    await member.start();
    return member;
  }

  /** Resolves when all members, or the given ones, are complete: with the milliseconds since 1970 of each. */
  complete(members: readonly Member[] = this.members): Promise<readonly number[]> {
    return Promise.all(members.map((member) => member.done));
  }

  /** The hosts whose payload differs from the origin's by a single byte. Ends clients that write behind. */
  async damaged(members: readonly Member[] = this.members): Promise<readonly string[]> {
    const wanted = await this.#digest(this.#payload.directory);
    const found: string[] = [];
    for (const member of members) {
      if (member.client.client.writesBehind) await member.stop();
      if ((await this.#digest(member.directory)) !== wanted) found.push(member.host.name);
    }
    return found;
  }

  async #digest(directory: string): Promise<string> {
    const hash = createHash('sha1');
    await pipeline(createReadStream(join(directory, this.#payload.name)), hash);
    return hash.digest('hex');
  }

  async #orderFor(
    role: 'seed' | 'leech',
    host: FleetHost,
    client: FleetClient,
    directory: string,
  ): Promise<PeerOrder> {
    const state = join(this.#folder, `${host.name}.state`);
    await mkdir(directory, { recursive: true });
    await mkdir(state);
    const others = this.fleet.everywhere.flatMap(({ hosts }) => hosts).filter((other) => other !== host);
    return {
      role,
      source: this.#torrent,
      directory,
      state,
      host,
      port: PORT,
      peers: client.client.takesPeers ? others.map(({ ip }) => `${ip}:${PORT}`) : [],
      extra: await client.options(host, this.fleet, state),
    };
  }
}
