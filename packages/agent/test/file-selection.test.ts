import { describe, expect, test } from 'vitest';

import { selectFiles } from '../src/file-selection.ts';

const FILES = ['readme.txt', 'docs/a.pdf', 'docs/deep/b.pdf', 'maps/europe/de.map', 'maps/[x].map'];

/** The chosen files of FILES, as one character each: `x` chosen, `.` not. */
function chosen(...selectors: string[]): string {
  const files = FILES.map((path) => ({ path: path.split('/') }));
  return selectFiles(files, selectors)
    .map((priority) => (priority === 1 ? 'x' : '.'))
    .join('');
}

describe('a selection of files', () => {
  test.each([
    [['1'], 'x....'],
    [['2-3', '5'], '.xx.x'],
    [['4-99'], '...xx'],
    [['*.pdf'], '.xx..'],
    [['docs/*'], '.x...'],
    [['docs/**'], '.xx..'],
    [['**/*.map'], '...xx'],
    [['**/b.pdf'], '..x..'],
    [['maps/**/de.map'], '...x.'],
    [['?.pdf'], '.xx..'],
    [['[x].map'], '....x'],
  ])('%j chooses %s', (selectors, expected) => {
    expect(chosen(...selectors)).toBe(expected);
  });

  test.each(['0', '9', '7-8', '3-2', '*.iso', 'docs'])(
    '%s, which matches nothing, is told to the user',
    (selector) => {
      expect(() => chosen(selector)).toThrow(`--files ${selector} matches none of the 5 files.`);
    },
  );
});
