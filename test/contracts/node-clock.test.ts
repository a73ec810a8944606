import { NodeClock } from '../../packages/swarm/src/node/node-clock.ts';
import { clockContract } from './clock.ts';

clockContract('The Node clock', () => ({ clock: new NodeClock(), until: (promise) => promise }));
