export { createNodeEngine } from './create-node-engine.ts';
export type { NodeEngineOptions } from './create-node-engine.ts';
export { NodeClock } from './node-clock.ts';
export { NodeDatagrams } from './node-datagrams.ts';
export type { NodeDatagramsOptions } from './node-datagrams.ts';
export { NodeHttp } from './node-http.ts';
export type { NodeHttpOptions } from './node-http.ts';
export { createNodeNetwork } from './node-network.ts';
export { NodeRandom } from './node-random.ts';
