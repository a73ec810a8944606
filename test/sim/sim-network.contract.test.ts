import { nodeSimPlatform } from '@brine/swarm/node';
import { SimClock, SimNetwork, SimRandom } from '@brine/swarm/sim';
import { randomContract } from '../contracts/random.ts';
import { networkContract } from '../contracts/network.ts';

networkContract('SimNetwork', async () => {
  const clock = new SimClock(nodeSimPlatform);
  const network = new SimNetwork(clock, new SimRandom(1)).addHost({ name: 'host', addresses: ['10.0.0.1'] });
  return {
    network,
    until: async (promise) => {
      let settled = false;
      void promise.then(
        () => (settled = true),
        () => (settled = true),
      );
      await clock.run({ until: () => settled });
      return promise;
    },
  };
});

randomContract('SimRandom', () => new SimRandom(42));
