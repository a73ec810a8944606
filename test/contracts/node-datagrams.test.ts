import { NodeDatagrams } from '../../packages/swarm/src/node/node-datagrams.ts';
import { datagramsContract } from './datagrams.ts';

/** Groups are joined on loopback alone: the test is not heard by others, and needs no network. */
const loopback = {
  family: 4,
  interface: '127.0.0.1',
  addresses: ['127.0.0.1'],
  networks: [{ ip: '127.0.0.1', prefixLength: 8 }],
} as const;

datagramsContract('The Node datagrams', async () => ({
  datagrams: new NodeDatagrams({ links: () => [loopback] }),
  linkAddress: '127.0.0.1',
  until: (promise) => promise,
}));
