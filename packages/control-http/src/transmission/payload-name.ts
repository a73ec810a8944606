import { NAME_PATTERN } from '../schemas/orders.ts';

/** A name for a payload that is ordered without one: after the content's own, as far as names of payloads may look like that. */
export function payloadNameOf(title: string): string {
  const name = title
    // Letters lose their accents; everything else that is no letter or digit becomes a dash.
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^A-Za-z0-9._]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, LENGTH_MAX);
  return new RegExp(NAME_PATTERN).test(name) ? name : 'payload';
}

/** Another one, because somebody has it. */
export function nextName(name: string, attempt: number): string {
  return `${name}-${attempt}`;
}

/** Names have at most a hundred characters; the rest is for a number. */
const LENGTH_MAX = 95;
