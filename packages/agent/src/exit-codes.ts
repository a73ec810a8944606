/** What the command's exit code says; the same table stands in every help text and in the README. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  inputInvalid: 3,
  disk: 4,
  network: 5,
  fault: 70,
} as const;

/** One of the numbers in `ExitCode`. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The table as help texts print it. */
export const EXIT_CODES_HELP: string = `Exit codes:
  0   done, or ended by a signal after everything was put away cleanly
  1   the transfer or the verification failed
  2   the command line is wrong
  3   the input cannot be used: .torrent file, magnet link, or what to create from
  4   disk trouble: full, read-only, no permission, file missing
  5   network trouble: cannot listen, host name unknown
  70  a fault in brine itself; set BRINE_DEBUG=1 for details`;
