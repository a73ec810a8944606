/**
 * Which bytes of a memory nobody will ever look at. A blank disk leaves the targets of its reads as they are and says so here; a network
 * that does not overwrite what it delivered then carries only what lies between them, the headers.
 */

/** Targets of one read in one memory: equally long, apart by equal gaps, the last one perhaps shorter. */
interface BlankRanges {
  readonly first: number;
  readonly stride: number;
  readonly length: number;
  readonly end: number;
}

const BLANK = new WeakMap<ArrayBufferLike, BlankRanges>();

/** Notes where a read would have put bytes. Targets that lie irregularly are not noted, hence carried. */
export function noteBlank(targets: readonly Uint8Array[]): void {
  const [one, two] = targets;
  if (one === undefined || one.length < WORTHWHILE) return;
  const last = targets.at(-1)!;
  const stride = two === undefined ? one.length : two.byteOffset - one.byteOffset;
  if (last.buffer !== one.buffer || last.byteOffset !== one.byteOffset + stride * (targets.length - 1))
    return;
  const end = last.byteOffset + last.length;
  BLANK.set(one.buffer, { first: one.byteOffset, stride, length: one.length, end });
}

/** As `target.set(source, at)`, without what is blank. */
export function copyWhatCounts(target: Uint8Array, at: number, source: Uint8Array): void {
  const blank = source.length < WORTHWHILE ? undefined : BLANK.get(source.buffer);
  if (blank === undefined) {
    target.set(source, at);
    return;
  }
  const from = source.byteOffset;
  const to = from + source.length;
  const shift = at - from;
  const memory = new Uint8Array(source.buffer);
  for (let position = from; position < to;) {
    const within = position - blank.first;
    const phase = within < 0 ? -1 : within % blank.stride;
    if (phase >= 0 && phase < blank.length && position < blank.end) {
      position += blank.length - phase;
      continue;
    }
    const next = within < 0 ? blank.first : position < blank.end ? position + blank.stride - phase : to;
    const until = Math.min(to, next);
    for (; position < until; position += 1) target[position + shift] = memory[position]!;
  }
}

const WORTHWHILE = 1024;
