import { ExitCode } from '../../exit-codes.ts';
import type { ConnectionOptions } from './connection.ts';
import { openClient } from './connection.ts';
import { progressLine } from './payload-lines.ts';
import { print } from './status.ts';

export interface ChangeOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** `brine remove NAME...`: forgets payloads, and deletes what was created for them. */
export async function remove(
  names: readonly string[],
  options: ChangeOptions & { readonly keepData?: boolean },
): Promise<ExitCode> {
  const client = await openClient(options);
  for (const name of names) {
    await client.removePayload(name, { keepData: options.keepData ?? false });
    print(options, { removed: name }, [`${name}: removed`]);
  }
  return ExitCode.done;
}

/** `brine pause NAME...`, `brine resume NAME...`. */
export async function setRunning(
  names: readonly string[],
  runs: boolean,
  options: ChangeOptions,
): Promise<ExitCode> {
  const client = await openClient(options);
  for (const name of names) {
    const payload = await (runs ? client.resumePayload(name) : client.pausePayload(name));
    print(options, payload, [progressLine(payload)]);
  }
  return ExitCode.done;
}
