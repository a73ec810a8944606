import { readFile } from 'node:fs/promises';

import type { ControlAddress } from '@brine/control-http';

import { passedSocket } from './service-manager.ts';
import type { AgentSettings } from './settings/agent-settings.ts';

/** Where the API is offered: at the socket that a service manager passes, or as it is set. */
export async function apiAddress(settings: AgentSettings): Promise<ControlAddress> {
  const descriptor = passedSocket();
  if (descriptor === undefined && settings['api.socket'] !== undefined)
    return { socketPath: settings['api.socket'] };
  const { host, port } = settings['api.listen'];
  const place = descriptor === undefined ? { host, port } : { descriptor };
  const [cert, key] = [settings['api.tls.cert'], settings['api.tls.key']];
  if (cert === undefined || key === undefined) return place;
  return { ...place, tls: { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') } };
}

/** For people. */
export function describeAddress(address: ControlAddress): string {
  if ('host' in address) return `${address.host} port ${address.port}`;
  return 'socketPath' in address ? address.socketPath : `the socket that was passed as ${address.descriptor}`;
}
