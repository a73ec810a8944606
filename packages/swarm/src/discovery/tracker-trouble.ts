import { TrackerFailure, WireError } from '@brine/wire';

import type { AnnounceOutcome } from './tracker-client.ts';

/**
 * What can be wrong with a tracker, as `Trouble.code`. Beside these, failures to reach it carry the code of the port:
 * `timeout`, `host-refused`, `unreachable`, `body-too-large`, …
 */
export type TrackerTroubleCode =
  | 'tracker-url-invalid'
  | 'tracker-scheme-unsupported'
  | 'tracker-no-address'
  | 'tracker-unreachable'
  | 'tracker-timeout'
  | 'tracker-busy'
  | 'tracker-cancelled'
  | 'tracker-refused'
  | 'tracker-http-status'
  | 'tracker-malformed';

/** An outcome that says what failed. */
export function failure(code: TrackerTroubleCode, message: string): AnnounceOutcome {
  return { type: 'failed', trouble: { code, message } };
}

/** The outcome over an address family that the tracker has not, or we have not. */
export function absence(code: TrackerTroubleCode, message: string): AnnounceOutcome {
  return { type: 'absent', trouble: { code, message } };
}

/** The outcome of an exchange that ended with an error, wire's or a port's. */
export function failureOf(error: unknown): AnnounceOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TrackerFailure) return refusal(message, error.retryInSeconds);
  if (error instanceof WireError) return failure('tracker-malformed', message);
  const code = codeOf(error);
  if (code === 'no-address') return absence('tracker-no-address', message);
  return { type: 'failed', trouble: { code: code ?? 'tracker-unreachable', message } };
}

function refusal(message: string, retryInSeconds: number | undefined): AnnounceOutcome {
  const trouble = { code: 'tracker-refused' satisfies TrackerTroubleCode, message };
  return {
    type: 'failed',
    trouble,
    ...(retryInSeconds !== undefined && { retryInMs: retryInSeconds * 1000 }),
  };
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
