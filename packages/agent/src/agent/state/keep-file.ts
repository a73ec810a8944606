import { replaceFile, replaceFiles } from '@brine/piece-store/node';

/** `replaceFile` for what the agent remembers, which is its owner's alone unless `mode` says otherwise. */
export function keepFile(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  return replaceFile(file, content, mode);
}

/** The same for many files of one folder. */
export function keepFiles(
  folder: string,
  files: readonly (readonly [file: string, content: Uint8Array])[],
): Promise<void> {
  return replaceFiles(folder, files, 0o600);
}
