import { ip, outputInside, tc } from '../iproute.ts';
import { Keeper } from '../keeper.ts';
import { hostIn } from '../private-network.ts';
import type { Host } from '../private-network.ts';
import { WanMeter } from './wan-meter.ts';

/** A site to be built. Rates in bits per second on the wire, all headers counted. */
export interface SitePlan {
  /** A path such as `de/muc`: the more of it two sites share, the nearer they are. */
  readonly label: string;
  readonly hosts: number;
  /** Of its link, towards the site. */
  readonly downRate: number;
  /** Of its link, away from the site. */
  readonly upRate: number;
}

/** A network to be built. */
export interface FleetPlan {
  readonly sites: readonly SitePlan[];
  /** The site of the first seeder: one host. */
  readonly origin: Omit<SitePlan, 'hosts'>;
  /** Of every host's connection to its LAN, both ways; absent: as fast as the machine. */
  readonly lanRate?: number;
}

/** A site as it stands. */
export interface Site {
  /** The origin's is 0. */
  readonly index: number;
  readonly label: string;
  /** The addresses of its hosts, as CIDR. */
  readonly network: string;
  readonly hosts: readonly FleetHost[];
}

/** A machine of a site. */
export interface FleetHost extends Host {
  /** Such as `s1h3`: the fourth host of the first site. */
  readonly name: string;
  /** Index of its site. */
  readonly site: number;
}

/** An address of the router's, which every host reaches. */
const ROUTER_ADDRESS = '10.80.255.1';
/** What may leave at once, and how long a frame may wait: buffers of an ordinary small router. */
const BUFFERS = 'burst 16kb latency 100ms';
const FORWARD = ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'];
/** Frames as they are on a wire, so that counters and shapers see all headers. */
const FRAMES = 'gso_max_segs 1';

/**
 * Sites with hosts behind slow links, made of network namespaces on one machine (needs root):
 *
 *     origin host - bridge - origin site == router == site i - bridge - hosts
 *
 * `==` is a link that `tc tbf` shapes at both ends; it adds no delay. All goes with `close`, at the latest with this process.
 */
export class Fleet implements AsyncDisposable {
  readonly meter: WanMeter;
  /** For a tracker. */
  readonly router: Host;
  readonly #routerName: string;
  readonly #keeper: Keeper;
  readonly #lanRate: number | undefined;
  readonly #sites: Site[];

  private constructor(
    keeper: Keeper,
    routerName: string,
    meter: WanMeter,
    sites: readonly Site[],
    lanRate: number | undefined,
  ) {
    this.#keeper = keeper;
    this.#routerName = routerName;
    this.#lanRate = lanRate;
    this.#sites = [...sites];
    this.router = hostIn(routerName, ROUTER_ADDRESS);
    this.meter = meter;
  }

  static async open(plan: FleetPlan): Promise<Fleet> {
    const keeper = new Keeper();
    try {
      const router = await keeper.namespace('router');
      await outputInside(router, FORWARD);
      await ip(router, [`addr add ${ROUTER_ADDRESS}/32 dev lo`]);
      const sites: Site[] = [];
      for (const site of [{ ...plan.origin, hosts: 1 }, ...plan.sites])
        sites.push(await buildSite(keeper, router, sites.length, site, plan.lanRate));
      return new Fleet(keeper, router, await WanMeter.open(router), sites, plan.lanRate);
    } catch (error) {
      await keeper.close();
      throw error;
    }
  }

  /** All sites but the origin's. */
  get sites(): readonly Site[] {
    return this.#sites.slice(1);
  }

  /** All sites; the origin's is the first. */
  get everywhere(): readonly Site[] {
    return this.#sites;
  }

  get origin(): FleetHost {
    return this.#sites[0]?.hosts[0] as FleetHost;
  }

  /** Builds one more site. The meter counts it from its beginning. */
  async addSite(plan: SitePlan): Promise<Site> {
    const site = await buildSite(this.#keeper, this.#routerName, this.#sites.length, plan, this.#lanRate);
    this.#sites.push(site);
    return site;
  }

  /** A scratch folder that goes with the fleet. */
  folder(): Promise<string> {
    return this.#keeper.folder();
  }

  /** Ends what runs on the hosts and removes everything. Idempotent. */
  async close(): Promise<void> {
    this.meter.close();
    await this.#keeper.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function buildSite(
  keeper: Keeper,
  router: string,
  index: number,
  plan: SitePlan,
  lanRate: number | undefined,
): Promise<Site> {
  const name = await keeper.namespace(`s${index}`);
  const [near, far] = [`10.80.${index}.2`, `10.80.${index}.1`];
  const network = `10.90.${index}.0/24`;
  await outputInside(name, FORWARD);
  await ip(name, [
    `link add wan type veth peer name site${index} netns ${router}`,
    `link set wan ${FRAMES} up`,
    `addr add ${near}/30 dev wan`,
    `route add default via ${far}`,
    'link add lan type bridge mcast_snooping 0',
    `addr add 10.90.${index}.1/24 dev lan`,
    'link set lan up',
  ]);
  await ip(router, [
    `link set site${index} ${FRAMES} up`,
    `addr add ${far}/30 dev site${index}`,
    `route add ${network} via ${near}`,
  ]);
  await shape(name, 'wan', plan.upRate);
  await shape(router, `site${index}`, plan.downRate);
  const hosts: FleetHost[] = [];
  for (let number = 0; number < plan.hosts; number += 1) {
    const hostName = `s${index}h${number}`;
    const namespace = await keeper.namespace(hostName);
    const address = `10.90.${index}.${10 + number}`;
    await ip(name, [
      `link add port${number} type veth peer name eth0 netns ${namespace}`,
      `link set port${number} ${FRAMES} master lan up`,
    ]);
    await ip(namespace, [
      `link set eth0 ${FRAMES} up`,
      `addr add ${address}/24 broadcast + dev eth0`,
      `route add default via 10.90.${index}.1`,
    ]);
    if (lanRate !== undefined) {
      await shape(namespace, 'eth0', lanRate);
      await shape(name, `port${number}`, lanRate);
    }
    hosts.push({ ...hostIn(namespace, address), name: hostName, site: index });
  }
  return { index, label: plan.label, network, hosts };
}

async function shape(namespace: string, device: string, bitsPerSecond: number): Promise<void> {
  await tc(namespace, [`qdisc add dev ${device} root tbf rate ${bitsPerSecond}bit ${BUFFERS}`]);
}
