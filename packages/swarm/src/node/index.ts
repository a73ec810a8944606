export { createNodeEngine } from './create-node-engine.ts';
export type { NodeEngineOptions } from './create-node-engine.ts';
