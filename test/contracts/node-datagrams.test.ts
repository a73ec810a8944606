import { NodeDatagrams } from '../../packages/swarm/src/node/node-datagrams.ts';
import { datagramsContract } from './datagrams.ts';

datagramsContract('The Node datagrams', async () => ({
  datagrams: new NodeDatagrams(),
  until: (promise) => promise,
}));
