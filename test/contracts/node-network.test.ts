import { createNodeNetwork } from '@brine/swarm/node';

import { networkContract } from './network.ts';

networkContract('The Node network', async () => ({
  network: createNodeNetwork(),
  until: (promise) => promise,
}));
