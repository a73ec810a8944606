import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { inside } from '../iproute.ts';
import { difference, streamBytes } from './arithmetic.ts';
import type { Reading, Traffic } from './arithmetic.ts';

/** What has passed a site's link. */
export interface LinkTraffic {
  readonly into: Traffic;
  readonly outOf: Traffic;
}

/** All links at one moment, in the order of the sites; the origin's is the first. `at` as of `performance.now()`. */
export interface Snapshot {
  readonly at: number;
  readonly links: readonly LinkTraffic[];
}

const NOTHING: LinkTraffic = { into: { bytes: 0, packets: 0 }, outOf: { bytes: 0, packets: 0 } };
const SAMPLE_MS = 100;
const SAMPLES_MAX = 100_000;

/**
 * Counts what passes the links of the sites, read at the router's end, where all are seen at the same moment: behind the shaper, so what
 * it drops is not counted. A link is a pair of devices, so both ends count the same frames.
 */
export class WanMeter {
  readonly #statistics: string;
  #base: Snapshot = { at: 0, links: [] };
  #samples: Snapshot[] = [];
  #timer: NodeJS.Timeout | undefined;

  private constructor(statistics: string) {
    this.#statistics = statistics;
  }

  /** A process that does nothing gives access to the router's counters without another process for each reading. */
  static async open(router: string): Promise<WanMeter> {
    const command = [...inside(router), 'sleep', 'infinity'];
    const sleeper = spawn(command[0] ?? '', command.slice(1), { stdio: 'ignore', detached: true });
    sleeper.unref();
    const meter = new WanMeter(`/proc/${sleeper.pid}/net/dev`);
    const deadline = Date.now() + 10_000;
    while (meter.#read().links.length === 0) {
      if (Date.now() > deadline) throw new Error(`no links of sites in ${router}`);
      await delay(5); // it has yet to enter the namespace
    }
    meter.mark();
    return meter;
  }

  /** Counts from now on, and takes samples ten times a second. */
  mark(): void {
    this.#base = this.#read();
    this.#samples = [this.#base];
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#samples.length < SAMPLES_MAX) this.#samples.push(this.#read());
    }, SAMPLE_MS);
    this.#timer.unref();
  }

  /** What has passed since the mark. */
  now(): Snapshot {
    const { at, links } = this.#read();
    const since = links.map((link, i) => {
      const base = this.#base.links[i] ?? NOTHING; // a site that came later began with nothing
      return { into: difference(link.into, base.into), outOf: difference(link.outOf, base.outOf) };
    });
    return { at, links: since };
  }

  /** All bytes that ever went into a site. */
  total(site: number): number {
    return this.#read().links[site]?.into.bytes ?? 0;
  }

  /** The samples of one link since the mark, as counted: `wire` bytes with all headers, or the bytes of `streams`. */
  readings(site: number, way: keyof LinkTraffic, count: 'wire' | 'streams'): readonly Reading[] {
    return this.#samples.map(({ at, links }) => {
      const traffic = (links[site] ?? NOTHING)[way];
      return { at, bytes: count === 'wire' ? traffic.bytes : streamBytes(traffic) };
    });
  }

  /** Takes no more samples. */
  close(): void {
    clearInterval(this.#timer);
  }

  #read(): Snapshot {
    const links: LinkTraffic[] = [];
    for (const line of readFileSync(this.#statistics, 'latin1').split('\n')) {
      const site = /^\s*site(\d+):/.exec(line)?.[1];
      if (site === undefined) continue;
      const numbers = line.slice(line.indexOf(':') + 1).trim().split(/\s+/).map(Number); // prettier-ignore
      // Received: bytes packets errors dropped fifo frame compressed multicast; sent: the same from the ninth on.
      const [outBytes = 0, outPackets = 0, , , , , , , inBytes = 0, inPackets = 0] = numbers;
      links[Number(site)] = {
        into: { bytes: inBytes, packets: inPackets },
        outOf: { bytes: outBytes, packets: outPackets },
      };
    }
    return { at: performance.now(), links };
  }
}
