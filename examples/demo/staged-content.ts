import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** What the demo distributes. */
export interface StagedContent {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies real content into `folder`: the project's own dependency tree, thousands of small files and some big ones, in the order of
 * their names until `bytesMax` are together. A copy, so that nothing changes under the demo; symbolic links and hidden folders
 * (caches) stay behind.
 */
export async function stageContent(
  folder: string,
  dependencies: string,
  bytesMax: number,
): Promise<StagedContent> {
  const staged = { files: 0, bytes: 0 };
  for (const file of await listFiles(dependencies)) {
    const { size } = await stat(file);
    if (staged.bytes + size > bytesMax) continue;
    const to = join(folder, relative(dependencies, file));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(file, to, constants.COPYFILE_FICLONE);
    staged.files += 1;
    staged.bytes += size;
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
    )
    .sort();
}
