import { CommandError } from './command-error.ts';
import { ExitCode } from './exit-codes.ts';

/** An error as people and programs are told about it. */
export interface Failure {
  /** Stable, for programs. */
  readonly code: string;
  /** For people: what, where, what to do. */
  readonly message: string;
  readonly exitCode: ExitCode;
}

/**
 * Turns anything thrown into a `Failure`. The errors of the packages below are told apart by name, so that no package is
 * loaded only to report that a file is missing.
 */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error)) return { code: 'fault', message: String(error), exitCode: ExitCode.fault };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  switch (error.name) {
    case 'WireError':
      return { code: code ?? 'input-invalid', message: error.message, exitCode: ExitCode.inputInvalid };
    case 'StoreError':
      return {
        code: code ?? 'io-failed',
        message: error.message,
        exitCode: exitCodeOfTrouble(code ?? 'io-failed'),
      };
    case 'EngineError':
      return { code: code ?? 'fault', message: error.message, exitCode: exitCodeOfTrouble(code ?? '') };
    case 'ControlError':
    case 'ServiceError':
      return {
        code: code ?? 'fault',
        message: error.message,
        exitCode: code === 'unreachable' ? ExitCode.network : ExitCode.failed,
      };
    default:
      return code !== undefined && DISK_ERRNOS.has(code)
        ? { code: 'io-failed', message: error.message, exitCode: ExitCode.disk }
        : { code: 'fault', message: `internal fault: ${error.message}`, exitCode: ExitCode.fault };
  }
}

/** The exit code for a `Trouble` that the engine reported: its `code` is one of the engine's, the store's or the wire's. */
export function exitCodeOfTrouble(code: string): ExitCode {
  if (NETWORK_TROUBLES.has(code)) return ExitCode.network;
  if (DISK_TROUBLES.has(code)) return ExitCode.disk;
  if (INPUT_TROUBLES.has(code)) return ExitCode.inputInvalid;
  return USAGE_TROUBLES.has(code) ? ExitCode.usage : ExitCode.failed;
}

const NETWORK_TROUBLES: ReadonlySet<string> = new Set(['listen-failed']);
const DISK_TROUBLES: ReadonlySet<string> = new Set([
  'disk-full',
  'permission-denied',
  'file-busy',
  'file-missing',
  'file-changed',
  'destination-exists',
  'too-many-open-files',
  'read-only',
  'io-failed',
  'storage-failed',
]);
const INPUT_TROUBLES: ReadonlySet<string> = new Set([
  'torrent-invalid',
  'metainfo-invalid',
  'magnet-invalid',
]);
const USAGE_TROUBLES: ReadonlySet<string> = new Set(['option-invalid', 'selection-empty']);
const DISK_ERRNOS: ReadonlySet<string> = new Set([
  'EACCES',
  'EBUSY',
  'EDQUOT',
  'EIO',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);
