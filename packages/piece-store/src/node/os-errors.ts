import { StoreError } from '../store-error.ts';
import type { StoreErrorCode } from '../store-error.ts';
import type { PlatformFailure } from './disk-job.ts';

/** What a platform's error code means to us, and what a person can do about it. */
const MEANINGS: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  ENOSPC: ['disk-full', 'the disk is full; free some space and the transfer goes on'],
  EDQUOT: ['disk-full', 'the disk quota is used up; free some space and the transfer goes on'],
  EFBIG: ['io-failed', 'the file system cannot hold a file this large; choose another directory'],
  EACCES: ['permission-denied', 'access is not allowed; grant this user the right to read and write here'],
  EPERM: [
    'permission-denied',
    'the operation is not allowed; grant this user the right to read and write here',
  ],
  EBUSY: ['file-busy', 'another program holds the file; close it, or let a virus scanner finish'],
  ETXTBSY: ['file-busy', 'the file is being executed; stop the program'],
  ENOENT: ['file-missing', 'the file is not there any more; it will be fetched or must be put back'],
  ESTALE: ['file-changed', 'the file is not what it was; put it back, or verify the payload'],
  ENOTDIR: ['destination-exists', 'a file stands where a folder is needed; move it away'],
  EISDIR: ['destination-exists', 'a folder stands where a file is needed; move it away'],
  EEXIST: ['destination-exists', 'something else stands there; move it away'],
  ENOTEMPTY: ['destination-exists', 'something else stands there; move it away'],
  ELOOP: ['destination-exists', 'a symbolic link stands where a file is needed; move it away'],
  EMFILE: ['too-many-open-files', 'this process has too many files open; raise its limit (ulimit -n)'],
  ENFILE: ['too-many-open-files', 'the system has too many files open; raise its limit'],
  EROFS: ['read-only', 'the file system is read-only; choose another directory or remount it'],
};

/** The `StoreError` for an error of the platform; a `StoreError` passes through. */
export function storeErrorOf(error: unknown, path?: string): StoreError {
  if (error instanceof StoreError) return error;
  const failure = platformFailureOf(error);
  const place = failure.path ?? path;
  const [code, advice] = MEANINGS[failure.code ?? ''] ?? ['io-failed', 'the disk reports an error'];
  const subject = place === undefined ? '' : `${place}: `;
  return new StoreError(code, `${subject}${advice} (${failure.message})`, {
    cause: error,
    ...(place === undefined ? {} : { path: place }),
  });
}

/** What can be posted of an error. */
export function platformFailureOf(error: unknown): PlatformFailure {
  const { code, message, path } = error as Partial<PlatformFailure>;
  return { code, message: message ?? String(error), path };
}
