import * as path from 'node:path';

import { safeComponent } from '@brine/wire';

/**
 * Why `text` does not say for sure which file or folder it means, as half a sentence with the way out; undefined when it does. On Windows
 * a path begins with a drive or a share (`C:maps` and `\maps` depend on where a program happens to be), is not one of the names that
 * go past the system's rules (`\\?\`, `\\.\`), and has no part that the system would take for something else: a device (`aux`), a stream (`a:b`), a
 * name without its last dots.
 */
export function whyNotFull(text: string, rules: typeof path = path): string | undefined {
  if (text.includes('\0')) return 'it holds a zero byte';
  if (rules.sep === '/') return rules.isAbsolute(text) ? undefined : 'it is not absolute: begin with /';
  if (/^[\\/]{2}[?.][\\/]/.test(text))
    return 'it goes past the rules for names: write it with its drive, as in D:\\payloads';
  if (!/^(?:[a-z]:[\\/]|[\\/]{2}[^\\/]+[\\/]+[^\\/]+)/i.test(text))
    return 'it is not absolute: write it with its drive, as in D:\\payloads';
  const { root } = rules.parse(text);
  const strange = text
    .slice(root.length)
    .split(/[\\/]+/)
    .find((part) => !['', '.', '..'].includes(part) && safeComponent(part) !== part);
  return strange === undefined ? undefined : `Windows cannot have "${strange}" as a name`;
}
