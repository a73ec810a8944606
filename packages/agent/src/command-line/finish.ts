import type { ExitCode } from '../exit-codes.ts';

/** Runs a subcommand's work and turns its result, or what it throws, into the process's exit code. */
export type Finish = (work: () => Promise<ExitCode>) => Promise<void>;
