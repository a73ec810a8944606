import { existsSync } from 'node:fs';

import { describe } from 'vitest';

/** Debian's. */
export const CHROMIUM = '/usr/bin/chromium';

/** `describe` for suites with a browser: where Chromium is installed; under CI=true its absence is a failure. */
export function describeInBrowser(title: string, suite: () => void): void {
  const missing = existsSync(CHROMIUM) ? undefined : 'chromium not installed: run scripts/install-peers.sh';
  if (missing !== undefined && process.env['CI'] === 'true')
    throw new Error(`${title} cannot run: ${missing}`);
  if (missing !== undefined) console.warn(`skipped: ${title}: ${missing}`);
  const name = missing === undefined ? title : `${title} (skipped: ${missing})`;
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both come from the caller
  describe.skipIf(missing !== undefined)(name, suite);
}
