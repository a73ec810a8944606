import { access, constants } from 'node:fs/promises';

import type { Logger } from 'pino';

/** Says at the start what would only show with the first order: a root that is misspelt, not mounted, or not ours to write. */
export async function lookAtRoots(
  roots: readonly string[],
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<void> {
  for (const root of roots) {
    try {
      await access(root, constants.W_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') log.info({ root }, 'a root is not there yet; it is made with the first payload');
      else log.warn({ root, code }, 'a root cannot be written by the agent’s user: payloads there will wait');
    }
  }
}
