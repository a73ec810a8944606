import { bytesOfIp } from '@brine/wire';

import { isSiteLabel } from './site-label.ts';
import { Subnet } from './subnet.ts';

/** Label to address ranges, as an administrator writes it: `{ 'de/muc/hq': ['10.1.0.0/16'] }`. */
export type SiteRanges = Readonly<Record<string, readonly string[]>>;

/** Which site an address belongs to, as configured. The narrowest range that holds an address decides. */
export class SiteMap {
  /** Narrowest first. */
  readonly #entries: readonly { readonly label: string; readonly subnet: Subnet }[];

  /** Throws `RangeError` that names the label and the range that is wrong. */
  constructor(ranges: SiteRanges = {}) {
    const entries = Object.entries(ranges).flatMap(([label, texts]) => {
      if (!isSiteLabel(label))
        throw new RangeError(
          `"${label}" is no site label; write names separated by slashes, such as de/muc/hq`,
        );
      return texts.map((text) => ({ label, subnet: Subnet.parse(text) }));
    });
    this.#entries = entries.sort((a, b) => b.subnet.prefixLength - a.subnet.prefixLength);
  }

  /** Undefined when no range holds the address. */
  labelOf(ip: string): string | undefined {
    if (this.#entries.length === 0) return undefined;
    const bytes = bytesOfIp(ip);
    return this.#entries.find(({ subnet }) => subnet.contains(bytes))?.label;
  }
}
