import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { REPOSITORY } from '../rig/places.ts';
import { arrivalRate } from '../rig/wan/arrival-rate.ts';
import { extremeRates, floorSeconds } from '../rig/wan/arithmetic.ts';
import { Course } from '../rig/wan/course.ts';
import { brineWithoutSites, plainLibtorrent } from '../rig/wan/fleet-client.ts';
import type { FleetClient } from '../rig/wan/fleet-client.ts';
import { Fleet } from '../rig/wan/fleet.ts';
import { describeWan } from './describe-wan.ts';

const MIB = 1024 * 1024;
const RATE = 20e6;
const LINK = { downRate: RATE, upRate: RATE };
const ORIGIN = { ...LINK, label: 'origin' };

/** Where these fail, the harness is wrong, or the machine. */
describeWan('the harness of slow links', () => {
  test('one copy over one link costs its headers and the time that its rate allows', async () => {
    await using fleet = await Fleet.open({ origin: ORIGIN, sites: [{ ...LINK, label: 'one', hosts: 1 }] });
    const course = await open(fleet, plainLibtorrent, 16 * MIB);
    const before = (await fleet.sites[0]?.hosts[0]?.receivedBytes()) ?? 0;
    const started = Date.now();
    const leecher = await course.start(plainLibtorrent, fleet.sites[0]?.hosts[0] as never);
    const seconds = ((await leecher.done) - started) / 1000;
    const { links } = fleet.meter.now();
    const arrived = ((await leecher.host.receivedBytes()) - before) / (16 * MIB);
    const into = (links[1]?.into.bytes ?? 0) / (16 * MIB);
    expect(into).toBeGreaterThan(1514 / 1448);
    expect(into).toBeLessThan(1.06);
    // What leaves the origin arrives at the site, and what arrives at the site arrives at its only host.
    expect((links[0]?.outOf.bytes ?? 0) / (16 * MIB)).toBeCloseTo(into, 2);
    expect(arrived).toBeCloseTo(into, 2);
    const floor = floorSeconds(16 * MIB, RATE);
    expect(seconds).toBeGreaterThan(floor);
    expect(seconds).toBeLessThan(2 * floor);
    const rates = extremeRates(fleet.meter.readings(1, 'into', 'wire'), 2000);
    expect(rates?.fastest).toBeGreaterThan(0.95 * RATE);
    expect(rates?.fastest).toBeLessThan(1.01 * RATE);
    expect(await course.damaged()).toEqual([]);
  }, 60_000);

  test('a LAN is not limited, and nothing of what passes it is counted', async () => {
    await using fleet = await Fleet.open({ origin: ORIGIN, sites: [{ ...LINK, label: 'one', hosts: 2 }] });
    const course = await open(fleet, brineWithoutSites, 32 * MIB);
    const [first, second] = fleet.sites[0]?.hosts ?? [];
    await (
      await course.start(brineWithoutSites, first as never)
    ).done;
    fleet.meter.mark();
    const late = await course.start(brineWithoutSites, second as never);
    const rate = await arrivalRate(late.host, 32 * MIB);
    await late.done;
    // More than the origin's link could add to another of its kind; how much more is the machine's affair.
    expect(rate).toBeGreaterThan(2 * RATE);
    const arrived = await late.host.receivedBytes();
    expect((fleet.meter.now().links[1]?.into.bytes ?? 0) / arrived).toBeLessThan(0.9);
  }, 60_000);

  test('a killed host goes on with what it has, and a site that is added later is counted from its beginning', async () => {
    await using fleet = await Fleet.open({ origin: ORIGIN, sites: [{ ...LINK, label: 'one', hosts: 1 }] });
    const course = await open(fleet, brineWithoutSites, 16 * MIB);
    const member = await course.start(brineWithoutSites, fleet.sites[0]?.hosts[0] as never);
    await delay(floorSeconds(16 * MIB, RATE) * 500); // half of it
    await member.kill();
    await member.start();
    await member.done;
    const added = await fleet.addSite({ ...LINK, label: 'two', hosts: 1 });
    const later = await course.start(brineWithoutSites, added.hosts[0] as never);
    await later.done;
    const [, first, second] = fleet.meter.now().links;
    expect((first?.into.bytes ?? 0) / (16 * MIB)).toBeLessThan(1.3);
    const arrived = await later.host.receivedBytes();
    expect((second?.into.bytes ?? 0) / arrived).toBeCloseTo(1, 2);
    expect(arrived).toBeGreaterThan((16 * MIB * 1514) / 1448);
    expect(await course.damaged()).toEqual([]);
  }, 60_000);

  for (const signal of ['SIGKILL', 'SIGINT'] satisfies NodeJS.Signals[]) {
    test(`namespaces, folders and their processes go when their owner ends by ${signal}`, async () => {
      const keeper = join(REPOSITORY, 'test/rig/dist/keeper.js');
      const script = `
        import { spawn } from 'node:child_process';
        import { Keeper } from ${JSON.stringify(keeper)};
        const keeper = new Keeper();
        const name = await keeper.namespace('orphan');
        const { pid } = spawn('ip', ['netns', 'exec', name, 'sleep', '1000'], { detached: true, stdio: 'ignore' });
        console.log(JSON.stringify({ name, pid, folder: await keeper.folder() }));
        setInterval(() => undefined, 1000);`;
      const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(owner.stdout, 'data')) as [Buffer];
      const { name, pid, folder } = JSON.parse(line.toString()) as {
        name: string;
        pid: number;
        folder: string;
      };
      const remains = [`/run/netns/${name}`, `/proc/${pid}`, folder];
      expect(remains.filter((path) => existsSync(path))).toEqual(remains);
      owner.kill(signal);
      await expect.poll(() => remains.filter((path) => existsSync(path)), { timeout: 10_000 }).toEqual([]);
    }, 20_000);
  }
});

function open(fleet: Fleet, seeder: FleetClient, payloadBytes: number): Promise<Course> {
  const order = {
    payloadBytes,
    pieceLength: 256 * 1024,
    rate: RATE,
    seeder,
    tracker: false,
    timeoutMs: 60_000,
  };
  return Course.open(fleet, order);
}
