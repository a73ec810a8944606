import { describe } from 'vitest';

import { whatIsMissing } from './what-is-missing.ts';

/**
 * `describe` for suites that run real clients in network namespaces. They run when the environment variable `switchName` is 1, and unless
 * `onlyByOrder` under CI=true, and then fail when something is missing; otherwise they are skipped, and say why.
 */
export function describeOnHosts(
  switchName: string,
  title: string,
  suite: () => void,
  onlyByOrder = false,
): void {
  const skipped = whySkipped(switchName, title, onlyByOrder);
  if (skipped !== undefined) console.warn(`skipped: ${title}: ${skipped}`);
  const name = skipped === undefined ? title : `${title} (skipped: ${skipped})`;
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both come from the caller
  describe.skipIf(skipped !== undefined)(name, suite);
}

function whySkipped(switchName: string, title: string, onlyByOrder: boolean): string | undefined {
  const missing = whatIsMissing();
  const ordered = process.env[switchName] === '1' || (process.env['CI'] === 'true' && !onlyByOrder);
  if (!ordered) return missing ?? `set ${switchName}=1${onlyByOrder ? '' : ' (or CI=true)'} to run it`;
  if (missing !== undefined) throw new Error(`${title} cannot run: ${missing}`);
  return undefined;
}
