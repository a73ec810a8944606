import { isIP } from 'node:net';

/**
 * Against DNS rebinding: a web page may point its own name at 127.0.0.1 and have a browser call us; then the browser says that name in
 * `Host`. So only names are let in that are known to be ours. An address is no name that anybody could point elsewhere.
 */
export class HostGate {
  readonly #names: ReadonlySet<string>;

  /** `names`: by which others than `localhost` and addresses call us. */
  constructor(names: readonly string[]) {
    this.#names = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  }

  allows(host: string | undefined): boolean {
    const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host ?? '');
    if (match === null) return false;
    const [, bracketed, plain = ''] = match;
    if (bracketed !== undefined) return isIP(bracketed) === 6;
    return isIP(plain) === 4 || this.#names.has(plain.toLowerCase().replace(/\.$/, ''));
  }
}
