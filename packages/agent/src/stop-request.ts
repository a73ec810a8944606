import { watchForClosedOutput } from './terminal/output.ts';

/**
 * Somebody wants the command to end: SIGTERM, SIGINT (Ctrl-C), on Windows Ctrl-Break or the console is closed, or whoever read our output
 * went away.
 * The first request is for ending cleanly; a second signal ends the process at once, with the shell's 128 + number.
 */
export class StopRequest {
  readonly #listeners: (() => void)[] = [];
  #requested = false;

  constructor() {
    for (const [signal, exitCode] of SIGNALS) process.on(signal, () => this.#receive(exitCode));
    watchForClosedOutput(() => this.request());
  }

  get requested(): boolean {
    return this.#requested;
  }

  /** Calls `listener` once: when the first request comes, or at once if it came already. */
  onRequest(listener: () => void): void {
    if (this.#requested) listener();
    else this.#listeners.push(listener);
  }

  /** Asks, as a first signal does. */
  request(): void {
    if (this.#requested) return;
    this.#requested = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  #receive(exitCode: number): void {
    if (this.#requested) process.exit(exitCode);
    this.request();
  }
}

const SIGNALS: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGBREAK', 149],
  // Windows ends the process some seconds after its console was closed. Elsewhere a handler would undo what `nohup` did.
  ...(process.platform === 'win32' ? [['SIGHUP', 129] as const] : []),
];
