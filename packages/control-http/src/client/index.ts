export { ControlClient } from './control-client.ts';
export type { ControlClientOptions, WatchedEvent } from './control-client.ts';
export { ControlError } from './control-error.ts';
export type { Problem, ProblemCode } from '../problem.ts';
export type * from '../payload-service.ts';
export type { RateSamples, RatesView } from '../rate-history.ts';
