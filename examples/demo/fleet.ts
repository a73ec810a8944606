/*
 * Sites on one machine. Every machine has a loopback address of its own, and a site is a range of them:
 *
 *     127.1.0.1, 127.1.0.2, …   the machines of site 1, as their neighbours see them
 *     127.1.103.2               the second machine of site 1, as site 3 sees it: a door of the router, see `router.ts`
 *     127.3.200.1               where calls from site 3 come from, as other sites see them
 *
 * So `127.1.0.0/16` is site 1 for everybody, and whatever crosses between two sites crosses the lines of both.
 */
import { createServer } from 'node:net';

/** A place with a slow line of its own. */
export interface DemoSite {
  readonly name: string;
  /** As `--site` has it. */
  readonly label: string;
  /** The second number of its addresses. */
  readonly number: number;
  readonly machines: readonly DemoMachine[];
}

export interface DemoMachine {
  readonly site: number;
  /** Counts from 1 in each site. */
  readonly number: number;
  readonly name: string;
}

/** Where the payload comes from. */
export const ORIGIN: DemoSite = site('the origin', 'origin', 10, 1);
/** Where it is to go. */
export const SITES: readonly DemoSite[] = [
  site('Munich', 'munich', 1, 3),
  site('Oslo', 'oslo', 2, 3),
  site('Porto', 'porto', 3, 3),
];
export const ALL_SITES: readonly DemoSite[] = [ORIGIN, ...SITES];

/** A machine's address in its own site. */
export function homeOf({ site, number }: DemoMachine): string {
  return `127.${site}.0.${number}`;
}

/** The address at which another site reaches a machine. */
export function doorOf({ site, number }: DemoMachine, from: DemoSite): string {
  return `127.${site}.${100 + from.number}.${number}`;
}

/** The address from which calls of a site come, as other sites see them. */
export function exitOf({ number }: DemoSite): string {
  return `127.${number}.200.1`;
}

/** What `--sites` reads. */
export function siteMap(): string {
  return ALL_SITES.map(({ label, number }) => `${label}: [127.${number}.0.0/16]\n`).join('');
}

/** A port that is free now; all machines use the same. Undefined where 127.0.0.1 is the only loopback address, as on macOS. */
export function findPort(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL') resolve(undefined);
      else reject(error);
    });
    probe.listen({ host: '127.1.0.1', port: 0 }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function site(name: string, label: string, number: number, count: number): DemoSite {
  const machines = Array.from({ length: count }, (_, index) => ({
    site: number,
    number: index + 1,
    name: `${label}-${index + 1}`,
  }));
  return { name, label, number, machines };
}
