/** True for the same bytes in the same number. A loop: `every` makes a closure each time, and every newcomer is compared with every peer. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
