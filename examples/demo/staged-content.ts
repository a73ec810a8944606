import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** What the demo distributes. */
export interface StagedContent {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies real content into `folder`: the project's own dependency tree, thousands of small files, and, if that is less than
 * `bytesMin`, the Node.js program itself, one big file. A copy, so that nothing changes under the demo; symbolic links and
 * hidden folders (caches) stay behind.
 */
export async function stageContent(
  folder: string,
  dependencies: string,
  bytesMin: number,
): Promise<StagedContent> {
  const files = await listFiles(dependencies);
  const staged = { files: 0, bytes: 0 };
  const copy = async (from: string, to: string): Promise<void> => {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    staged.files += 1;
    staged.bytes += (await stat(to)).size;
  };
  const lane = async (): Promise<void> => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      await copy(file, join(folder, 'dependencies', relative(dependencies, file)));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (staged.bytes < bytesMin) {
    await copy(process.execPath, join(folder, 'runtime', basename(process.execPath)));
  }
  return staged;
}

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) =>
        !relative(root, file)
          .split(sep)
          .some((name) => name.startsWith('.')),
    );
}

const LANES = 8;
