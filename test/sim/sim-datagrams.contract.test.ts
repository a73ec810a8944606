import { nodeSimPlatform } from '@brine/swarm/node';
import { SimWorld } from '@brine/swarm/sim';

import { datagramsContract } from '../contracts/datagrams.ts';

datagramsContract('SimDatagrams', async () => {
  const world = new SimWorld({ seed: 1, platform: nodeSimPlatform });
  const site = world.network.addSite('site', { up: Infinity, down: Infinity });
  const host = world.addHost({ name: 'host', site });
  return {
    datagrams: world.datagrams.of(host),
    linkAddress: host.addresses[0] ?? '',
    until: (promise) => world.until(promise),
  };
});
