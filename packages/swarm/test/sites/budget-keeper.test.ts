import { describe, expect, it } from 'vitest';

import type { BandwidthConsumer } from '../../src/policy/bandwidth-queue.ts';
import { LimiterTree } from '../../src/policy/limiter-tree.ts';
import type { RateLimiter } from '../../src/policy/rate-limiter.ts';
import { BudgetKeeper } from '../../src/sites/budget-keeper.ts';
import type { WanDraws } from '../../src/sites/budget-keeper.ts';
import { WIRE_BYTES_PER_STREAM_BYTE } from '../../src/sites/wan-budget.ts';
import type { WanBudget } from '../../src/sites/wan-budget.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A member of a site: the limits of its engine, and some connections that take from the WAN what they get. */
class Member {
  readonly tree: LimiterTree;
  readonly keeper: BudgetKeeper;
  /** Last heard of the others. */
  readonly heard = new Map<Member, WanDraws>();
  downBytes = 0;
  readonly #connections: BandwidthConsumer[] = [];
  readonly #torrent;

  constructor(clock: VirtualClock, budget: WanBudget) {
    this.tree = new LimiterTree({ clock, changed: () => undefined });
    this.keeper = new BudgetKeeper(budget, this.tree, clock);
    this.#torrent = this.tree.addTorrent();
  }

  /** Begins to draw over so many connections, each at most at this rate. */
  fetch(connections: number, bytesPerSecond = Infinity): void {
    for (let count = 0; count < connections; count += 1) {
      const limiters = this.#torrent.addPeer('wan', { downBytesPerSecond: bytesPerSecond });
      this.#connections.push(this.#connect(limiters.down));
    }
  }

  stop(): void {
    for (const connection of this.#connections.splice(0)) this.tree.queues.down.leave(connection);
  }

  #connect(limiter: RateLimiter): BandwidthConsumer {
    const queue = this.tree.queues.down;
    const consumer = {
      limiter,
      offer: (bytes: number): number => {
        const used = Math.min(bytes, 16_384);
        this.downBytes += used;
        queue.leave(consumer);
        queue.join(consumer);
        return used;
      },
    };
    queue.join(consumer);
    return consumer;
  }
}

/** Members that hear each other's reports a moment after they change, and otherwise every three seconds. */
class Site {
  readonly clock = new VirtualClock();
  readonly members: Member[] = [];
  readonly #budget: WanBudget;
  readonly #told = new Map<Member, { readonly hungry: boolean; readonly atMs: number }>();

  constructor(budget: WanBudget, count: number) {
    this.#budget = budget;
    for (let number = 0; number < count; number += 1) this.add();
  }

  add(): Member {
    const member = new Member(this.clock, this.#budget);
    this.members.push(member);
    return member;
  }

  remove(member: Member): void {
    member.stop();
    this.members.splice(this.members.indexOf(member), 1);
    for (const other of this.members) other.heard.delete(member);
  }

  /** Lets seconds pass; the site's bytes per second on the wire in each of them. */
  run(seconds: number): number[] {
    return Array.from({ length: seconds }, () => {
      const before = this.members.map(({ downBytes }) => downBytes);
      for (let step = 0; step < 4; step += 1) {
        for (const [at, member] of this.members.entries()) {
          this.clock.advance(250 / this.members.length);
          if (step === at % 4) this.look(member);
        }
      }
      const bytes = this.members.reduce((sum, member, at) => sum + member.downBytes - (before[at] ?? 0), 0);
      return bytes * WIRE_BYTES_PER_STREAM_BYTE;
    });
  }

  look(member: Member, starting = false): void {
    const others = this.members.filter((other) => other !== member);
    member.keeper.update(
      others.map((other) => member.heard.get(other)),
      starting,
    );
    const { draws } = member.keeper;
    const told = this.#told.get(member);
    const nowMs = this.clock.nowMs();
    if (told !== undefined && told.hungry === draws.down.hungry && nowMs - told.atMs < 3_000) return;
    this.#told.set(member, { hungry: draws.down.hungry, atMs: nowMs });
    this.clock.schedule(20, () => {
      for (const other of others) other.heard.set(member, draws);
    });
  }
}

/** Every ten seconds in a row within 3 per cent of the budget. */
function expectWithin(rates: readonly number[], budget: number): void {
  const windows = rates
    .slice(9)
    .map((_, at) => rates.slice(at, at + 10).reduce((sum, rate) => sum + rate, 0) / 10);
  expect(windows.length).toBeGreaterThan(0);
  for (const rate of windows) {
    expect(rate).toBeLessThanOrEqual(budget * 1.03);
    expect(rate).toBeGreaterThanOrEqual(budget * 0.97);
  }
}

const BUDGET = 625_000;

describe('a site that keeps its WAN budget', () => {
  it('draws what it may, whether two members fetch or all eight, and leaves the LAN alone', () => {
    for (const fetchers of [1, 2, 8]) {
      const site = new Site({ downBytesPerSecond: BUDGET }, 8);
      site.run(10);
      for (const member of site.members.slice(0, fetchers)) member.fetch(3);
      site.run(4);
      expectWithin(site.run(40), BUDGET);
      for (const { tree } of site.members)
        expect(tree.addTorrent().addPeer('site').down.unlimited).toBe(true);
    }
  });

  it('gives what a slow member leaves to the hungry', () => {
    const site = new Site({ downBytesPerSecond: BUDGET }, 4);
    for (const member of site.members.slice(0, 2)) member.fetch(2);
    site.members[2]!.fetch(1, 20_000);
    site.run(15);
    expectWithin(site.run(30), BUDGET);
    expect(site.members[2]!.keeper.draws.down.hungry).toBe(false);
    expect(site.members[0]!.keeper.draws.down.hungry).toBe(true);
  });

  it('gives a newcomer its share at once, and the share of one that goes to the others within two seconds', () => {
    const site = new Site({ downBytesPerSecond: BUDGET }, 5);
    const [first, second] = [site.members[0]!, site.members[1]!];
    first.fetch(2);
    expectWithin(site.run(20).slice(8), BUDGET);
    second.fetch(2);
    site.look(second, true);
    const before = second.downBytes;
    const rates = site.run(20);
    expectWithin(rates, BUDGET);
    expect((second.downBytes - before) / 20).toBeGreaterThan(
      (BUDGET / 2 / WIRE_BYTES_PER_STREAM_BYTE) * 0.95,
    );
    site.remove(first);
    site.run(2);
    expectWithin(site.run(20), BUDGET);
  });

  it('changes from one rate to another within two seconds, while two of eight fetch', () => {
    const windows = [{ from: '08:00', to: '09:00', bytesPerSecond: BUDGET }];
    const downBytesPerSecond = { windows, otherwise: 2 * BUDGET, timeZone: 'Europe/Berlin' };
    const site = new Site({ downBytesPerSecond }, 8);
    site.clock.setEpoch(Date.parse('2026-03-29T05:59:00Z'));
    for (const member of site.members.slice(0, 2)) member.fetch(2);
    site.run(20);
    expectWithin(site.run(38), 2 * BUDGET);
    site.run(4);
    expectWithin(site.run(30), BUDGET);
    site.clock.setEpoch(Date.parse('2026-03-29T06:59:59Z'));
    site.run(3);
    expectWithin(site.run(30), 2 * BUDGET);
  });

  it('follows a schedule, from unlimited over a limit to a stop, within two seconds and never above', () => {
    const windows = [
      { from: '08:00', to: '09:00', bytesPerSecond: BUDGET },
      { from: '09:00', to: '10:00', bytesPerSecond: 0 },
    ];
    const site = new Site({ downBytesPerSecond: { windows, timeZone: 'Europe/Berlin' } }, 8);
    site.clock.setEpoch(Date.parse('2026-03-29T05:59:50Z'));
    for (const member of site.members) member.fetch(2, 2_000_000);
    expect(Math.min(...site.run(9).slice(2))).toBeGreaterThan(10 * BUDGET);
    site.run(3);
    expectWithin(site.run(60), BUDGET);
    site.clock.setEpoch(Date.parse('2026-03-29T06:59:59Z'));
    site.run(3);
    expect(site.run(10).every((rate) => rate === 0)).toBe(true);
    site.clock.setEpoch(Date.parse('2026-03-30T06:00:00Z'));
    const restarted = site.run(22);
    expect(Math.max(...restarted)).toBeLessThan(BUDGET * 1.1);
    expectWithin(restarted.slice(3), BUDGET);
  });
});
