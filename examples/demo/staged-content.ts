import { constants } from 'node:fs';
import { copyFile, mkdir, opendir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What the demo distributes. */
export interface StagedContent {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies real content into `folder`: the project's own dependency tree, thousands of small files, and, if that is less than
 * `bytesMin`, the Node.js program itself, one big file. A copy, so that nothing changes under the demo and no symbolic link or
 * cache comes along.
 */
export async function stageContent(
  folder: string,
  dependencies: string,
  bytesMin: number,
): Promise<StagedContent> {
  const staged = { files: 0, bytes: 0 };
  const add = async (from: string, to: string): Promise<void> => {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    staged.files += 1;
    staged.bytes += (await stat(to)).size;
  };
  const copyFolder = async (from: string, to: string): Promise<void> => {
    await mkdir(to, { recursive: true });
    for await (const entry of await opendir(from)) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) await copyFolder(join(from, entry.name), join(to, entry.name));
      else if (entry.isFile()) await add(join(from, entry.name), join(to, entry.name));
    }
  };
  await copyFolder(dependencies, join(folder, 'dependencies'));
  if (staged.bytes < bytesMin) {
    await mkdir(join(folder, 'runtime'));
    await add(process.execPath, join(folder, 'runtime', basename(process.execPath)));
  }
  return staged;
}
