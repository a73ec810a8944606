/*
 * Who sent the bad block? A failed piece only tells that somebody did. If one peer sent all of it, it is guilty. Otherwise the
 * digest of every block is kept until the piece is right: then the blocks that differ name the liars, and nobody else is harmed
 * (libtorrent calls this smart ban). Until then all who took part are on parole: they get whole pieces of their own, so that the
 * next bad one has a single author. A good piece of one's own ends the parole.
 */

/** Pieces whose failed attempts are remembered; the oldest go first. */
const FAILED_PIECES_MAX = 64;
/** Attempts remembered for one piece. */
const ATTEMPTS_MAX = 4;

/** A block as it came. */
export interface BlamedBlock {
  readonly contributor: string;
  readonly digest: Uint8Array;
}

export interface Verdict {
  /** Proven to have sent wrong data. */
  readonly guilty: readonly string[];
  /** Took part in a wrong piece; nothing is proven. */
  readonly suspects: readonly string[];
}

const NOBODY: Verdict = { guilty: [], suspects: [] };

export class BlameLedger {
  /** By piece, the oldest first. */
  readonly #failed = new Map<number, (readonly BlamedBlock[])[]>();
  readonly #parole = new Set<string>();

  /** A piece was wrong; its blocks in order. */
  failed(piece: number, blocks: readonly BlamedBlock[]): Verdict {
    const contributors = new Set(blocks.map(({ contributor }) => contributor));
    if (contributors.size === 1) {
      for (const contributor of contributors) this.#parole.delete(contributor);
      return { guilty: [...contributors], suspects: [] };
    }
    this.#remember(piece, blocks);
    for (const contributor of contributors) this.#parole.add(contributor);
    return { guilty: [], suspects: [...contributors] };
  }

  /** The piece is right now; `digests` of its blocks, as `needsDigests` asked for. */
  verified(piece: number, digests: readonly Uint8Array[]): Verdict {
    const attempts = this.#failed.get(piece);
    if (attempts === undefined) return NOBODY;
    this.#failed.delete(piece);
    const guilty = new Set<string>();
    for (const blocks of attempts) {
      blocks.forEach(({ contributor, digest }, block) => {
        if (!areEqual(digest, digests[block])) guilty.add(contributor);
      });
    }
    for (const contributor of attempts.flat().map((block) => block.contributor)) {
      if (!this.#isSuspect(contributor)) this.#parole.delete(contributor);
    }
    return { guilty: [...guilty], suspects: [] };
  }

  /** A piece of which all blocks came from one contributor was right. */
  proved(contributor: string): void {
    this.#parole.delete(contributor);
  }

  /** An earlier attempt at this piece failed: its blocks' digests will tell who lied. */
  needsDigests(piece: number): boolean {
    return this.#failed.has(piece);
  }

  onParole(contributor: string): boolean {
    return this.#parole.has(contributor);
  }

  /** The connection is gone, and its parole with it; what it sent can still prove it guilty. */
  forget(contributor: string): void {
    this.#parole.delete(contributor);
  }

  #remember(piece: number, blocks: readonly BlamedBlock[]): void {
    const attempts = this.#failed.get(piece) ?? [];
    attempts.push(blocks);
    if (attempts.length > ATTEMPTS_MAX) attempts.shift();
    this.#failed.set(piece, attempts);
    for (const oldest of this.#failed.keys()) {
      if (this.#failed.size <= FAILED_PIECES_MAX) break;
      this.#failed.delete(oldest);
    }
  }

  #isSuspect(contributor: string): boolean {
    for (const attempts of this.#failed.values()) {
      if (attempts.some((blocks) => blocks.some((block) => block.contributor === contributor))) return true;
    }
    return false;
  }
}

function areEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
