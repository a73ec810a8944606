import { describe } from 'vitest';

/** A suite that needs something which not every machine has. */
export interface Needs {
  /** The environment variable that orders it by `1`. */
  readonly switchName: string;
  readonly title: string;
  /** What this machine lacks, and how to get it, as half a sentence. */
  readonly missing: string | undefined;
  /** Not under CI=true by itself. Default false. */
  readonly onlyByOrder?: boolean;
}

/** `describe` for such suites: they run when ordered, or under CI=true, and then fail when something is missing; otherwise they are skipped, and say why. */
export function describeWith(needs: Needs, suite: () => void): void {
  const { title } = needs;
  const skipped = whySkipped(needs);
  if (skipped !== undefined) console.warn(`skipped: ${title}: ${skipped}`);
  const name = skipped === undefined ? title : `${title} (skipped: ${skipped})`;
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both come from the caller
  describe.skipIf(skipped !== undefined)(name, suite);
}

function whySkipped({ switchName, title, missing, onlyByOrder = false }: Needs): string | undefined {
  const ordered = process.env[switchName] === '1' || (process.env['CI'] === 'true' && !onlyByOrder);
  if (!ordered) return missing ?? `set ${switchName}=1${onlyByOrder ? '' : ' (or CI=true)'} to run it`;
  if (missing !== undefined) throw new Error(`${title} cannot run: ${missing}`);
  return undefined;
}
