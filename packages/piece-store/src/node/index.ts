export { NodeHasher } from './node-hasher.ts';
