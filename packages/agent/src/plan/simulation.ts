import { nodeSimPlatform } from '@brine/swarm/node';
import { SimMachine, SimRandom, SimWorld, makeBlankPayload } from '@brine/swarm/sim';
import type { PayloadTorrent, SimSite } from '@brine/swarm/sim';

import { addressesFor } from './addresses.ts';
import { WIRE_FACTOR } from './floor.ts';
import type { SimulatedSite, Simulated } from './scaling.ts';
import type { Scenario } from './scenario.ts';
import { siteOptionsFor } from './site-options.ts';

/** One run: a scenario, what is simulated of it, chance, and whether engines know of sites. */
export interface SimulationOrder {
  readonly scenario: Scenario;
  readonly simulated: Simulated;
  readonly seed: number;
  readonly sitesAware: boolean;
  /** Give up after this much real time of the rollout. */
  readonly limitSeconds: number;
}

/** Real seconds and real bytes on the wire. */
interface SiteOutcome {
  /** When each host was done, ascending; Infinity for one that was not. */
  readonly doneSeconds: readonly number[];
  readonly wanInBytes: number;
  readonly wanOutBytes: number;
}

export interface SimulationOutcome {
  readonly seed: number;
  /** In the order of `simulated.sites`. */
  readonly sites: readonly SiteOutcome[];
  readonly originOutBytes: number;
  /** How much of the time until the last host was done each kind of line was busy, 0 to 1; for sites, until the site was done. */
  readonly busy: {
    readonly origin: number;
    readonly sitesDown: readonly number[];
    readonly sitesUp: readonly number[];
    readonly lan: number;
  };
  readonly events: number;
  /** How long the simulation took, in seconds of this machine. */
  readonly tookSeconds: number;
}

/** Simulates a rollout with real engines; `progress` gets a fraction, now and then. */
export async function simulate(
  order: SimulationOrder,
  progress: (fraction: number) => void = () => undefined,
): Promise<SimulationOutcome> {
  return new Rollout(order).run(progress);
}

interface Member {
  readonly machine: SimMachine;
  readonly site: number;
  readonly startMs: number;
  doneMs: number;
}

/** Peers at other sites that a host is told of, as an administrator or a tracker would. */
const FAR_PEERS = 8;
const TOLD_EVERY_MS = 500;
const CACHE_BYTES = 2 * 1024 * 1024;
/** What the file store lends at once: see `FileStorageOptions`. */
const POOL_BYTES = 32 * 1024 * 1024;

class Rollout {
  readonly #order: SimulationOrder;
  readonly #world: SimWorld;
  readonly #payload: PayloadTorrent;
  readonly #sites: readonly SimSite[];
  readonly #origin: SimMachine;
  readonly #members: readonly Member[];
  readonly #bySite: readonly (readonly Member[])[];
  readonly #chance: SimRandom;
  #left: number;
  #failure: unknown;

  constructor(order: SimulationOrder) {
    this.#order = order;
    const { simulated, seed } = order;
    this.#chance = new SimRandom(seed).split('plan');
    this.#world = new SimWorld({
      seed,
      platform: nodeSimPlatform,
      logging: false,
      network: {
        overwrite: false,
        segmentMin: 16_410,
        segmentMax: 131_072,
        messageWeight: 1 / simulated.byteFactor,
      },
    });
    this.#world.clock.wallAtZeroMs = order.scenario.startEpochMs;
    this.#world.clock.wallSpeed = simulated.timeFactor;
    const { pieceLength, length } = simulated;
    this.#payload = makeBlankPayload({ platform: nodeSimPlatform, seed, pieceLength, length });
    this.#sites = simulated.sites.map((site) => this.#line(site));
    const built = this.#build();
    this.#origin = built.origin;
    this.#bySite = built.members;
    this.#members = built.members.flat();
    this.#left = this.#members.length;
  }

  async run(progress: (fraction: number) => void): Promise<SimulationOutcome> {
    const startedMs = performance.now();
    const { clock } = this.#world;
    await this.#world.until(this.#origin.start());
    this.#origin.seed(this.#payload);
    for (const member of this.#members) clock.schedule(member.startMs, () => this.#begin(member, true));
    await clock.run({
      untilMs: (this.#order.limitSeconds * 1000) / this.#order.simulated.timeFactor,
      until: this.#ender(progress),
    });
    if (this.#failure !== undefined) throw this.#failure;
    return this.#outcome((performance.now() - startedMs) / 1000);
  }

  /** Asked at every virtual millisecond: cheap. */
  #ender(progress: (fraction: number) => void): () => boolean {
    let asked = 0;
    let toldMs = performance.now();
    return () => {
      asked += 1;
      if ((asked & 255) === 0 && performance.now() - toldMs > TOLD_EVERY_MS) {
        toldMs = performance.now();
        progress(this.#fraction());
      }
      return this.#left === 0 || this.#failure !== undefined;
    };
  }

  #fraction(): number {
    const written = this.#members.reduce((sum, { machine }) => sum + machine.disk.piecesWritten, 0);
    return written / (this.#members.length * this.#payload.pieceCount);
  }

  #line(site: SimulatedSite): SimSite {
    return this.#world.network.addSite(site.name, {
      up: this.#rate(site.upBytesPerSecond),
      down: this.#rate(site.downBytesPerSecond),
      latencyMs: site.latencyMs,
    });
  }

  /** A real line's rate as the simulated payload sees it. */
  #rate(bytesPerSecond: number): number {
    return bytesPerSecond / WIRE_FACTOR / this.#order.simulated.rateFactor;
  }

  #build(): { readonly origin: SimMachine; readonly members: readonly (readonly Member[])[] } {
    const { simulated, scenario, sitesAware: aware } = this.#order;
    const addresses = addressesFor(simulated.sites.map(({ hosts }) => hosts));
    const map = Object.fromEntries(
      simulated.sites.map(({ name }, index) => [name, [addresses.networks[index]!]]),
    );
    const poolPieces = Math.max(
      scenario.pieceLength > 4 * 2 ** 20 ? 4 : 8,
      POOL_BYTES / scenario.pieceLength,
    );
    const disk = { blank: true, poolBytes: poolPieces * simulated.pieceLength };
    const common = { pex: false, lsd: false } as const;
    const { timeFactor, rateFactor } = simulated;
    const origin = new SimMachine(this.#world, {
      name: 'origin',
      ip: addresses.origin,
      upBytesPerSecond: this.#rate(simulated.originUpBytesPerSecond),
      latencyMs: scenario.origin.latencyMs,
      disk,
      engine: {
        ...common,
        ...siteOptionsFor({ aware, label: 'origin', map, budget: undefined, rateFactor }),
      },
    });
    const members = simulated.sites.map((site, index) =>
      addresses.sites[index]!.map((ip, host): Member => {
        const lan = this.#rate(site.lanBytesPerSecond);
        const machine = new SimMachine(this.#world, {
          name: `${site.name} ${host}`,
          ip,
          prefixLength: addresses.prefixLengths[index]!,
          site: this.#sites[index]!,
          upBytesPerSecond: lan,
          downBytesPerSecond: lan,
          latencyMs: LAN_LATENCY_MS,
          disk,
          engine: {
            ...common,
            uploadCacheBytes: CACHE_BYTES,
            ...siteOptionsFor({ aware, label: site.name, map, budget: site.budget, rateFactor }),
          },
        });
        const startMs = (site.startMs + this.#chance.next() * scenario.startSpreadMs) / timeFactor;
        return { machine, site: index, startMs, doneMs: Infinity };
      }),
    );
    return { origin, members };
  }

  /** A machine comes up, for the first time or again. */
  #begin(member: Member, first: boolean): void {
    const { machine } = member;
    machine.start().then(
      (engine) => {
        engine.on('torrent-complete', () => this.#done(member));
        machine.get(this.#payload, this.#peersOf(member, first));
        this.#goSomeday(member);
      },
      (error: unknown) => {
        this.#failure ??= error;
      },
    );
    this.#world.clock.settled();
  }

  #done(member: Member): void {
    if (member.doneMs !== Infinity) return;
    member.doneMs = this.#world.clock.nowMs();
    this.#left -= 1;
  }

  /** Churn: the machine goes, and comes back. */
  #goSomeday(member: Member): void {
    const { churn } = this.#order.scenario;
    if (churn === undefined) return;
    const { timeFactor } = this.#order.simulated;
    const { clock } = this.#world;
    clock.schedule(this.#chance.exponential(churn.everyMs) / timeFactor, () => {
      member.machine.kill();
      clock.schedule(this.#chance.exponential(churn.forMs) / timeFactor, () => this.#begin(member, false));
    });
  }

  /** The origin, the neighbours at the site, and a few from elsewhere. */
  #peersOf(member: Member, first: boolean): readonly SimMachine[] {
    const peers = new Set([this.#origin]);
    for (const other of this.#bySite[member.site]!) if (other !== member) peers.add(other.machine);
    const far = Math.min(FAR_PEERS, this.#members.length - peers.size);
    const chance = this.#chance.split(`peers of ${member.machine.name}${first ? '' : ' again'}`);
    for (let count = 0; count < far; count += 1) peers.add(chance.pick(this.#members).machine);
    peers.delete(member.machine);
    return [...peers];
  }

  #outcome(tookSeconds: number): SimulationOutcome {
    const { simulated } = this.#order;
    const { byteFactor, timeFactor } = simulated;
    const wire = byteFactor * WIRE_FACTOR;
    const seconds = (simMs: number): number => (simMs * timeFactor) / 1000;
    const nowMs = this.#world.clock.nowMs();
    const doneMs = simulated.sites.map((_, index) =>
      this.#bySite[index]!.map((member) => member.doneMs).sort((a, b) => a - b),
    );
    const busyUntil = (index: number): number => Math.min(nowMs, doneMs[index]!.at(-1) ?? nowMs);
    const busy = (bytes: number, bytesPerSecond: number, ms: number): number =>
      ms === 0 || bytesPerSecond === Infinity ? 0 : Math.min(1, (bytes * 1000) / (bytesPerSecond * ms));
    const { up } = this.#origin.host;
    return {
      seed: this.#order.seed,
      sites: this.#sites.map((site, index) => ({
        doneSeconds: doneMs[index]!.map(seconds),
        wanInBytes: site.down.bytesCarried * wire,
        wanOutBytes: site.up.bytesCarried * wire,
      })),
      originOutBytes: up.bytesCarried * wire,
      busy: {
        origin: busy(up.bytesCarried, up.bytesPerSecond, nowMs),
        sitesDown: this.#sites.map(({ down }, index) =>
          busy(down.bytesCarried, down.bytesPerSecond, busyUntil(index)),
        ),
        sitesUp: this.#sites.map((site) => busy(site.up.bytesCarried, site.up.bytesPerSecond, nowMs)),
        lan: Math.max(
          ...this.#members.map(({ machine: { host } }) =>
            busy(host.down.bytesCarried, host.down.bytesPerSecond, nowMs),
          ),
        ),
      },
      events: this.#world.clock.eventsRun,
      tookSeconds,
    };
  }
}

const LAN_LATENCY_MS = 0.2;
