import { describeOnHosts } from '../rig/describe-on-hosts.ts';

/** `describe` for suites with other clients: under CI=true or BRINE_INTEROP=1. */
export function describeInterop(title: string, suite: () => void): void {
  describeOnHosts('BRINE_INTEROP', title, suite);
}
