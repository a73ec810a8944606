import { NodeRandom } from '../../packages/swarm/src/node/node-random.ts';
import { randomContract } from './random.ts';

randomContract('The Node randomness', () => new NodeRandom());
