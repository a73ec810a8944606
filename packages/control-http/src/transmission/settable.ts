import type { RpcArguments } from './rpc-request.ts';
import { RpcError } from './rpc-request.ts';

/**
 * Clients send settings along that they do not mean to change, so what is as it is already does no harm; what would have to change and
 * cannot is refused, rather than that somebody believes in it. Throws `RpcError`.
 */
export function refuseOthers(
  args: RpcArguments,
  values: Readonly<Record<string, unknown>>,
  settable: ReadonlySet<string>,
  why: string,
): void {
  for (const key of args.keys) {
    if (settable.has(key)) continue;
    const value = args.raw(key);
    const isSame = Object.hasOwn(values, key) && JSON.stringify(values[key]) === JSON.stringify(value);
    if (!isSame) throw new RpcError(`"${key}" cannot be set here: it ${why}`);
  }
}
