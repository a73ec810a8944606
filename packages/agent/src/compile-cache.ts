import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets Node (22.8 or newer) keep what it compiled of our files for the next start, in the user's own cache folder: what lies there
 * is run unseen, so others must not be able to write to it, as they are to the system's folder for temporary files. Does nothing where
 * there is no such folder and it cannot be made. Only files that are loaded afterwards count.
 */
export function keepCompiledCode(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
  if (enableCompileCache === undefined) return;
  const directory = madeCacheFolder();
  if (directory !== undefined) enableCompileCache(directory);
}

/**
 * Step by step, because a user whose home does not exist is to stay without; and because Node's own recursion never ends below
 * folders like /proc, where nothing can be made (seen in 24.21).
 */
function madeCacheFolder(): string | undefined {
  try {
    const folders = cacheFolderOf(process.platform, process.env, homedir());
    for (const folder of folders) makeFolder(folder);
    return folders.at(-1);
  } catch {
    return undefined; // no home, read-only, no space: it only starts a little slower
  }
}

/**
 * The folders that may have to be made, outermost first, for the platform's convention: XDG base directories, `Library/Caches`,
 * `LOCALAPPDATA`.
 */
export function cacheFolderOf(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): readonly string[] {
  const base = cacheBaseOf(platform, environment, home);
  return [base, join(base, 'brine'), join(base, 'brine', 'compiled')];
}

function cacheBaseOf(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  if (platform === 'win32') return environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  return environment['XDG_CACHE_HOME'] || join(home, '.cache');
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
