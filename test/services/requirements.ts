import { spawnSync } from 'node:child_process';

import { describe } from 'vitest';

/** `describe` for suites that need these programs: skipped without them, and says so; under CI=true they must be there. */
export function describeWith(programs: readonly string[], title: string, suite: () => void): void {
  const absent = programs.filter((name) => spawnSync(name, ['--version']).error !== undefined);
  const lack =
    process.platform === 'linux'
      ? absent.length === 0
        ? undefined
        : `${absent.join(', ')} not installed: run scripts/install-platforms.sh`
      : 'it needs Linux';
  if (lack !== undefined && process.env['CI'] === 'true') throw new Error(`${title} cannot run: ${lack}`);
  if (lack !== undefined) console.warn(`skipped: ${title}: ${lack}`);
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both come from the caller
  describe.skipIf(lack !== undefined)(lack === undefined ? title : `${title} (skipped: ${lack})`, suite);
}
