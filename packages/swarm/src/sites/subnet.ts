import { bytesOfIp, normalizeIp } from '@brine/wire';

/**
 * A range of addresses. Compared on parsed bytes, because the runtime's own block list is not to be had below `node/`, and the
 * package `ip` decides such things wrongly.
 */
export class Subnet {
  /** Leading bits that count. */
  readonly prefixLength: number;
  readonly #bytes: Uint8Array;

  /** Throws `RangeError` for an address that is none or a prefix longer than it. An IPv4-mapped one becomes IPv4. */
  constructor(ip: string, prefixLength: number) {
    this.#bytes = bytesOfIp(ip);
    const mapped = ip.includes(':') && this.#bytes.length === 4;
    this.prefixLength = mapped ? prefixLength - 96 : prefixLength;
    const bits = this.#bytes.length * 8;
    if (!Number.isInteger(this.prefixLength) || this.prefixLength < 0 || this.prefixLength > bits)
      throw new RangeError(`a prefix of /${prefixLength} does not fit ${ip}`);
  }

  /** Reads `10.1.0.0/16`, `2001:db8::/48`, or a single address. Throws `RangeError` that names the text. */
  static parse(text: string): Subnet {
    const [ip = '', prefix, ...rest] = text.trim().split('/');
    const normal = normalizeIp(ip);
    const isPrefix = prefix === undefined || /^\d{1,3}$/.test(prefix);
    if (normal === undefined || !isPrefix || rest.length > 0)
      throw new RangeError(`"${text}" is no address range; write 10.1.0.0/16 or 2001:db8:1::/48`);
    return new Subnet(ip, prefix === undefined ? (ip.includes(':') ? 128 : 32) : Number(prefix));
  }

  /** `bytes` of an address, 4 or 16. */
  contains(bytes: Uint8Array): boolean {
    if (bytes.length !== this.#bytes.length) return false;
    const whole = this.prefixLength >> 3;
    for (let at = 0; at < whole; at += 1) if (bytes[at] !== this.#bytes[at]) return false;
    const rest = this.prefixLength & 7;
    return rest === 0 || ((bytes[whole]! ^ this.#bytes[whole]!) & (0xff << (8 - rest)) & 0xff) === 0;
  }
}
