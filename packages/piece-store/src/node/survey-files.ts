import { lstatSync } from 'node:fs';
import type { SurveyResult } from './disk-job.ts';

/** Looks at each path; see `SurveyResult`. Links are not followed: a link where a file should be is not that file. */
export function surveyFiles(paths: readonly string[]): SurveyResult {
  const result = new Float64Array(paths.length * 3);
  paths.forEach((path, index) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const plain = found?.isFile() === true;
    result[index * 3] = plain ? found.size : found === undefined ? -1 : -2;
    result[index * 3 + 1] = found?.mtimeMs ?? 0;
    result[index * 3 + 2] = found?.blocks ?? 0;
  });
  return result;
}
