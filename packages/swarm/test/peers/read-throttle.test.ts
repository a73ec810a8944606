import { describe, expect, it } from 'vitest';

import { ReadThrottle } from '../../src/peers/read-throttle.ts';
import { LimiterTree } from '../../src/policy/limiter-tree.ts';
import type { TorrentLimiters } from '../../src/policy/limiter-tree.ts';
import type { ByteStream } from '../../src/ports/network.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A connection whose remote sends as fast as we read, from when it begins to. */
class Incoming {
  bytes = 0;
  reads = 0;
  readonly throttle: ReadThrottle;
  readonly #clock: VirtualClock;
  #allowed = 0;
  #sends = false;

  constructor(clock: VirtualClock, tree: LimiterTree, torrent: TorrentLimiters) {
    this.#clock = clock;
    const stream: Pick<ByteStream, 'allowReading'> = {
      allowReading: (bytes) => {
        this.#allowed = bytes;
        this.#clock.schedule(0, () => this.#read());
      },
    };
    const limiter = torrent.addPeer('wan').down;
    this.throttle = new ReadThrottle(stream as ByteStream, limiter, tree.queues.down, clock);
    this.throttle.limitsChanged();
  }

  begin(): void {
    this.#sends = true;
    this.#read();
  }

  #read(): void {
    if (!this.#sends || this.#allowed <= 0 || this.#allowed === Infinity) return;
    const read = Math.min(this.#allowed, 65_536);
    this.#allowed -= read;
    this.bytes += read;
    this.reads += 1;
    this.throttle.received(read);
    if (this.#allowed > 0) this.#clock.schedule(0, () => this.#read());
  }
}

function setUp(count: number): { clock: VirtualClock; tree: LimiterTree; connections: Incoming[] } {
  const clock = new VirtualClock();
  const connections: Incoming[] = [];
  const changed = (): void => {
    for (const { throttle } of connections) throttle.limitsChanged();
  };
  const tree = new LimiterTree({ clock, changed });
  tree.setClass('wan', { downBytesPerSecond: 1_000_000 });
  const torrent = tree.addTorrent();
  for (let number = 0; number < count; number += 1) connections.push(new Incoming(clock, tree, torrent));
  return { clock, tree, connections };
}

const total = (connections: readonly Incoming[]): number =>
  connections.reduce((sum, { bytes }) => sum + bytes, 0);

describe('reading under a limit', () => {
  it.each([1, 10, 200])(
    'keeps it with %d connections that were idle and begin at the same moment',
    (count) => {
      const { clock, connections } = setUp(count);
      clock.advance(60_000);
      for (const connection of connections) connection.begin();
      clock.advance(1000);
      // What the idle were granted ahead comes at once, and may be no more than a moment's worth.
      expect(total(connections)).toBeLessThanOrEqual(2_000_000);
      clock.advance(9000);
      expect(total(connections)).toBeLessThanOrEqual(11_000_000);
      expect(total(connections)).toBeGreaterThan(9_700_000);
    },
  );

  it('does not live on what was granted at a higher rate', () => {
    const { clock, tree, connections } = setUp(5);
    for (const connection of connections) connection.begin();
    clock.advance(5000);
    tree.setClass('wan', { downBytesPerSecond: 2_000 });
    const before = total(connections);
    clock.advance(1000);
    expect(total(connections) - before).toBeLessThanOrEqual(2_000 + 5 * 1_460);
    tree.setClass('wan', { downBytesPerSecond: 0 });
    const stopped = total(connections);
    clock.advance(60_000);
    expect(total(connections)).toBe(stopped);
  });

  it('does not read in crumbs: a window that opens a little at a time brings frames that are not full', () => {
    const { clock, connections } = setUp(3);
    for (const connection of connections) connection.begin();
    clock.advance(10_000);
    for (const { bytes, reads } of connections) expect(bytes / reads).toBeGreaterThan(30_000);
  });
});
