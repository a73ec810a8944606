import { describe, expect, it } from 'vitest';

import { DIRECTORY } from '@brine/swarm/sim';
import type { Payload, SimWorld } from '@brine/swarm/sim';

import { RawPeer } from './raw-peer.ts';
import type { PeerScript, RawConnection } from './raw-peer.ts';
import { inWorld, seeds } from './scenario.ts';
import {
  announcesProgress,
  babbles,
  claimsAnew,
  claimsEverything,
  doesNothing,
  floods,
  hasEverything,
  leadingPeerId,
  takesOver,
} from './site-members.ts';
import { makeFleet } from './site-world.ts';
import type { SiteFleet } from './site-world.ts';

const LINE = 1_000_000;

/**
 * What a site may lose, beyond what its line takes, with pieces below 80 KiB; see docs/claims.md. Honest sites lose less than a second
 * of it to meeting each other.
 */
const ESCAPE_MS = 20_000;
/** By as many liars as there are honest members, and more. */
const ESCAPE_OF_MANY_MS = 35_000;
/** Bytes into the site, as a multiple of the payload. */
const INTO_MAX = 1.25;

interface Attack {
  readonly name: string;
  readonly script: PeerScript;
  /** Members that do so, by default one. */
  readonly count?: number;
  /** They come back under a new name this often. */
  readonly returnsMs?: number;
}

const silent = hasEverything(() => undefined);
const corrupt = hasEverything((connection, { piece, begin, length }) => {
  connection.block(piece, begin, new Uint8Array(length));
});
/** A block in four seconds: never quite silent. */
const trickling = hasEverything((connection, { piece, begin, length }) => {
  const waiting = queues.get(connection) ?? [];
  queues.set(connection, waiting);
  waiting.push(() => connection.block(piece, begin, connection.content(piece, begin, length)));
  if (waiting.length === 1) connection.later(1, () => sendOne(connection, waiting));
});
const queues = new WeakMap<RawConnection, (() => void)[]>();

function sendOne(connection: RawConnection, waiting: (() => void)[]): void {
  waiting[0]!();
  connection.later(4_000, () => {
    waiting.shift();
    if (waiting.length > 0) sendOne(connection, waiting);
  });
}

const ATTACKS: readonly Attack[] = [
  { name: 'claims every piece for ever', script: claimsEverything },
  { name: 'gives back and claims anew', script: claimsAnew },
  { name: 'takes over what others fetch', script: takesOver(false) },
  { name: 'takes over and gives back', script: takesOver(true) },
  { name: 'has everything and chokes', script: hasEverything(() => undefined, false) },
  { name: 'has everything and sends nothing', script: silent },
  { name: 'has everything and sends very little', script: trickling },
  { name: 'has everything and sends rubbish', script: corrupt },
  { name: 'has everything, under ever new names', script: silent, returnsMs: 4_000 },
  { name: 'sends rubbish, under ever new names', script: corrupt, returnsMs: 2_000 },
  { name: 'claims everything, under ever new names', script: claimsEverything, returnsMs: 8_000 },
  { name: 'floods the others with messages', script: floods },
  { name: 'babbles', script: babbles },
  { name: 'is able and does nothing, four of them', script: doesNothing(0), count: 4 },
  { name: 'does nothing and reports traffic, four of them', script: doesNothing(1e6), count: 4 },
  { name: 'announces progress, four of them', script: announcesProgress, count: 4 },
  { name: 'claims everything, eight of them', script: claimsEverything, count: 8 },
  { name: 'has everything and sends nothing, eight of them', script: silent, count: 8 },
];

describe('A site with a member that', () => {
  for (const attack of ATTACKS) {
    it.each(seeds(1, 2))(
      `${attack.name} completes (seed %i)`,
      inWorld(async (world) => {
        const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [4_000_000] });
        const fleet = await makeFleet(world, { sites: 1, hosts: 4, line: LINE });
        const liars = await addLiars(world, fleet, payload, attack);
        fleet.origin.seed(payload);
        for (const machine of fleet.machines)
          machine.get(payload, [], {
            peers: [...liars, fleet.origin, ...fleet.machines].map(({ address }) => address),
          });
        const floorMs = (payload.content.length / LINE) * 1000;
        const tookMs = await world.runUntil(
          'all complete',
          () => fleet.machines.every((machine) => machine.completed(payload)),
          600_000,
        );
        const into = fleet.sites[0]!.line.down.bytesCarried / payload.content.length;
        for (const machine of fleet.machines) {
          const right = await world.until(machine.disk.publishedPieces(DIRECTORY, payload));
          expect(right).toBe(payload.pieceCount);
        }
        expect(tookMs).toBeLessThan(floorMs + (attack.count === undefined ? ESCAPE_MS : ESCAPE_OF_MANY_MS));
        expect(into).toBeLessThan(INTO_MAX);
      }),
    );
  }
});

async function addLiars(
  world: SimWorld,
  fleet: SiteFleet,
  payload: Payload,
  attack: Attack,
): Promise<RawPeer[]> {
  const liars: RawPeer[] = [];
  for (let number = 0; number < (attack.count ?? 1); number += 1) {
    const name = `liar-${number}`;
    const host = world.network.addHost({
      name,
      addresses: [`10.0.1.${200 + number}`],
      latencyMs: 0.2,
      site: fleet.sites[0]!.line,
    });
    const random = world.random.split(name);
    const peer = new RawPeer({
      clock: world.clock,
      random,
      host,
      payload,
      script: attack.script,
      peerId: () => leadingPeerId(random, payload.infoHash),
    });
    await peer.listen();
    liars.push(peer);
    if (attack.returnsMs !== undefined) comeBack(world, fleet, peer, attack.returnsMs);
    else for (const machine of fleet.machines) peer.call(machine.address);
  }
  return liars;
}

/** Hangs up everywhere and calls again, as somebody else. */
function comeBack(world: SimWorld, fleet: SiteFleet, peer: RawPeer, everyMs: number): void {
  for (const connection of peer.connections) connection.stream.close();
  for (const machine of fleet.machines) peer.call(machine.address);
  world.clock.schedule(everyMs, () => comeBack(world, fleet, peer, everyMs));
}
