import { CommandError } from './command-error.ts';
import { ExitCode } from './exit-codes.ts';

/** A file of a payload as a selection sees it. */
export interface SelectableFile {
  readonly path: readonly string[];
}

/**
 * Priorities for `AddTorrent.filePriorities`: 1 for files that a selector names, 0 for all others. A selector is a number or a
 * range as `brine info` counts (`3`, `5-9`), or a glob: `*` and `?` stay within one name, `**` crosses folders; a glob without
 * a slash matches the file's name in any folder. Throws `CommandError` when a selector matches nothing.
 */
export function selectFiles(
  files: readonly SelectableFile[],
  selectors: readonly string[],
): readonly number[] {
  const priorities = files.map(() => 0);
  for (const selector of selectors) {
    const chosen = indexesOf(selector, files);
    if (chosen.length === 0) throw nothingMatches(selector, files.length);
    for (const index of chosen) priorities[index] = 1;
  }
  return priorities;
}

function indexesOf(selector: string, files: readonly SelectableFile[]): readonly number[] {
  const range = /^(\d+)(?:-(\d+))?$/.exec(selector);
  if (range === null) {
    const matches = globMatcher(selector);
    return files.flatMap(({ path }, index) => (matches(path) ? [index] : []));
  }
  const first = Number(range[1]);
  const last = Math.min(Number(range[2] ?? first), files.length);
  const indexes: number[] = [];
  for (let number = Math.max(first, 1); number <= last; number++) indexes.push(number - 1);
  return indexes;
}

function globMatcher(glob: string): (path: readonly string[]) => boolean {
  const pattern = new RegExp(
    `^${glob
      .split(/(\*\*\/?|\*|\?)/)
      .map(globPart)
      .join('')}$`,
    'u',
  );
  return glob.includes('/')
    ? (path) => pattern.test(path.join('/'))
    : (path) => pattern.test(path.at(-1) ?? '');
}

function globPart(part: string): string {
  switch (part) {
    case '**/':
      return '(?:[^/]+/)*';
    case '**':
      return '.*';
    case '*':
      return '[^/]*';
    case '?':
      return '[^/]';
    default:
      return part.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  }
}

function nothingMatches(selector: string, count: number): CommandError {
  return new CommandError(
    'selection-empty',
    ExitCode.usage,
    `--files ${selector} matches none of the ${count} files. \`brine info FILE --all\` lists them with their numbers.`,
  );
}
