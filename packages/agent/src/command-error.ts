import type { ExitCode } from './exit-codes.ts';

/** What the command itself can find wrong; programs read it as `code` in `--json` errors. */
export type CommandErrorCode =
  | 'argument-invalid'
  | 'input-unreadable'
  | 'input-invalid'
  | 'output-unwritable'
  | 'payload-missing'
  | 'payload-unsupported'
  | 'selection-empty'
  | 'sites-invalid'
  | 'settings-invalid'
  | 'state-damaged'
  | 'state-unprotected'
  | 'agent-running'
  | 'agent-absent'
  | 'host-unknown'
  | 'listen-failed'
  | 'transfer-failed';

/** The only error class of this package. The message says what is wrong, where, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  readonly exitCode: ExitCode;

  constructor(code: CommandErrorCode, exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = exitCode;
  }
}
