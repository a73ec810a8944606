/**
 * What systemd and its like agree on with a service, by environment variables: sockets that it is given open (sd_listen_fds(3)), and what it
 * tells about itself (sd_notify(3)).
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { settingsInvalid } from './settings/settings-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The descriptor of the API's socket, if this process was given one: the only one, or the one that is called `api`. Throws `CommandError`
 * `settings-invalid` when it cannot be told which.
 */
export function passedSocket(
  environment: Environment = process.env,
  pid: number = process.pid,
): number | undefined {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = environment;
  // What is inherited from a parent is not meant for us.
  if (LISTEN_PID !== String(pid)) return undefined;
  const count = Number(LISTEN_FDS ?? 0);
  if (count === 0) return undefined;
  if (count === 1) return FIRST_DESCRIPTOR;
  const at = LISTEN_FDNAMES.split(':').indexOf('api');
  if (at >= 0 && at < count) return FIRST_DESCRIPTOR + at;
  throw settingsInvalid(
    `The service manager passes ${count} sockets (${LISTEN_FDNAMES}), and none is called "api". Pass one, or write FileDescriptorName=api.`,
  );
}

/**
 * Tells whoever started the service, if it asked to be told. By the program `systemd-notify`, because Node has no datagrams on Unix sockets;
 * its message comes from another process than the service, so the unit needs `NotifyAccess=all`. Rejects with what the platform says.
 */
export async function tellServiceManager(
  state: 'READY=1' | 'STOPPING=1',
  environment: Environment = process.env,
): Promise<void> {
  if (environment['NOTIFY_SOCKET'] === undefined) return;
  await promisify(execFile)('systemd-notify', [state], { env: environment });
}

/** After stdin, stdout and stderr. */
const FIRST_DESCRIPTOR = 3;
