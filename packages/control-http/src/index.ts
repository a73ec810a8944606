export { API_VERSION, controlHttp } from './control-plugin.ts';
export type { ControlOptions } from './control-plugin.ts';
export { startControlServer } from './control-server.ts';
export type { ControlAddress, ControlServer, ControlServerOptions } from './control-server.ts';
export { PROBLEMS, ServiceError } from './problem.ts';
export type { Problem, ProblemCode } from './problem.ts';
export { NAME_PATTERN } from './schemas/orders.ts';
export type * from './payload-service.ts';
export type { RateSamples, RatesView } from './rate-history.ts';
