import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

import type { DemoMachine, DemoSite } from './fleet.ts';
import { doorOf, exitOf, homeOf } from './fleet.ts';
import type { Lane } from './line.ts';
import { Line } from './line.ts';

/**
 * The routers of all sites. Each machine has a door for every other site; what comes in there goes on to the machine, over the line
 * of the site that called and the line of the site that was called. The machines know nothing of it: this is the world that they are
 * in, and it is the same with and without sites. What it counts is what a router would count, not what Brine says about itself.
 */
export class Routers {
  readonly #lines = new Map<number, Line>();
  readonly #doors: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #port: number;

  private constructor(sites: readonly DemoSite[], bytesPerSecond: number, port: number) {
    for (const { number } of sites) this.#lines.set(number, new Line(bytesPerSecond));
    this.#port = port;
  }

  static async open(sites: readonly DemoSite[], bytesPerSecond: number, port: number): Promise<Routers> {
    const routers = new Routers(sites, bytesPerSecond, port);
    try {
      for (const from of sites) {
        const others = sites.filter((site) => site !== from);
        for (const machine of others.flatMap(({ machines }) => machines)) await routers.#open(machine, from);
      }
    } catch (error) {
      await routers.close();
      throw error;
    }
    return routers;
  }

  lineOf(site: DemoSite): Line {
    return this.#line(site.number);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#doors.splice(0).map((door) => new Promise((closed) => door.close(closed))));
  }

  async #open(machine: DemoMachine, from: DemoSite): Promise<void> {
    const door = createServer({ noDelay: true }, (caller) => {
      const callee = connect({
        host: homeOf(machine),
        port: this.#port,
        localAddress: exitOf(from),
        noDelay: true,
      });
      this.#carry(caller, callee, [this.#line(from.number).outOf, this.#line(machine.site).into]);
      this.#carry(callee, caller, [this.#line(machine.site).outOf, this.#line(from.number).into]);
    });
    this.#doors.push(door);
    door.listen({ host: doorOf(machine, from), port: this.#port });
    await once(door, 'listening');
  }

  #line(site: number): Line {
    const line = this.#lines.get(site);
    if (line === undefined) throw new Error(`no site ${site}`);
    return line;
  }

  #carry(from: Socket, to: Socket, lanes: readonly Lane[]): void {
    this.#sockets.add(from);
    from.once('close', () => this.#sockets.delete(from));
    pipeline(from, (bytes: AsyncIterable<Uint8Array>) => paced(bytes, lanes), to).catch(() => {
      // One end is gone, as connections may at any time; the other must hear of it.
      from.destroy();
      to.destroy();
    });
  }
}

/** The same bytes, when they have crossed both lines. Slices are short and connections take turns, so they share a line fairly. */
async function* paced(bytes: AsyncIterable<Uint8Array>, lanes: readonly Lane[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += SLICE) {
      const slice = chunk.subarray(at, at + SLICE);
      const nowMs = performance.now();
      const throughMs = Math.max(...lanes.map((lane) => lane.pass(slice.length, nowMs)));
      if (throughMs - nowMs >= 1) await wait(throughMs - nowMs);
      yield slice;
    }
  }
}

const SLICE = 4096;
