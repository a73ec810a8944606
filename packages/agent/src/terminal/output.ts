/** Where a command's lines go. Results and progress belong on stdout, troubles on stderr. */
export interface Output {
  /** Writes one line to stdout. */
  line(text: string): void;
  /** Writes one line to stderr, with the command's name before it. */
  trouble(text: string): void;
}

/** The process's own stdout and stderr. */
export const processOutput: Output = {
  line: (text) => {
    process.stdout.write(`${text}\n`);
  },
  trouble: (text) => {
    process.stderr.write(`brine: ${text}\n`);
  },
};

/**
 * From now on, nobody reading our stdout (`brine info x | head -1`) is a reason to end quietly instead of dying of an unhandled
 * EPIPE; a command that has something to put away first replaces `onClosed`. A stderr that nobody reads is no reason to end.
 */
export function watchForClosedOutput(onClosed: () => void): void {
  process.stdout.removeAllListeners('error');
  process.stderr.removeAllListeners('error');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    onClosed();
  });
  process.stderr.on('error', () => undefined);
}
