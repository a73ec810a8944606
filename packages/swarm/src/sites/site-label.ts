/** Longest label that is accepted, in UTF-8 bytes; it travels in a message. */
const LABEL_LENGTH_MAX = 128;

/**
 * True for a path of 1 to 8 names such as `de/muc/hq`: no empty name, no space, nothing that a terminal would obey. Labels come
 * from strangers too.
 */
export function isSiteLabel(text: string): boolean {
  if (text.length === 0 || text.length > LABEL_LENGTH_MAX) return false;
  const names = text.split('/');
  return names.length <= NAMES_MAX && names.every((name) => NAME.test(name));
}

const NAMES_MAX = 8;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/** How many leading names two labels share: 0 for strangers; the more, the nearer. */
export function commonNames(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  let common = 0;
  while (common < left.length && common < right.length && left[common] === right[common]) common += 1;
  return common;
}
