import { describeOnHosts } from '../rig/describe-on-hosts.ts';

/** `describe` for suites on slow links: under CI=true or BRINE_WAN=1. */
export function describeWan(title: string, suite: () => void): void {
  describeOnHosts('BRINE_WAN', title, suite);
}

/** The same for what does not hold yet: only under BRINE_WAN=1. */
export function describeWanByOrder(title: string, suite: () => void): void {
  describeOnHosts('BRINE_WAN', title, suite, true);
}
