import { fileURLToPath } from 'node:url';

/** The checkout; compiled benchmarks run from bench/dist. */
export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url));
