/** Characters of a URL from outside. */
const URL_LENGTH_MAX = 2048;

/** True for what an engine may announce to: an `http`, `https` or `udp` URL of printable ASCII, not too long. */
export function isTrackerUrl(url: string): boolean {
  return url.length <= URL_LENGTH_MAX && TRACKER.test(url);
}

/** True for what an engine may fetch pieces from, BEP 19: an `http` or `https` URL without white space or controls, not too long. */
export function isWebSeedUrl(url: string): boolean {
  return url.length <= URL_LENGTH_MAX && WEB_SEED.test(url);
}

const TRACKER = /^(?:https?|udp):\/\/[!-~]+$/i;
const WEB_SEED = /^https?:\/\/[^\s\p{C}]+$/iu;
