import { lstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { SurveyResult } from './disk-job.ts';

/** Looks at each path; see `SurveyResult`. Unless `follow`, a link where a file should be is not that file. */
export function surveyFiles(paths: readonly string[], follow: boolean): SurveyResult {
  const result = new Float64Array(paths.length * 3);
  paths.forEach((path, index) => {
    const found = look(path, follow);
    const plain = found?.isFile() === true;
    result[index * 3] = plain ? found.size : found === undefined ? -1 : -2;
    result[index * 3 + 1] = found?.mtimeMs ?? 0;
    result[index * 3 + 2] = found?.blocks ?? 0;
  });
  return result;
}

/** A plain file on the way where a folder should be means that nothing is there. */
function look(path: string, follow: boolean): Stats | undefined {
  try {
    return (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
