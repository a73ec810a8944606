/*
 * Who sent the bad block? A failed piece only tells that somebody did. If one peer sent all of it, it is guilty. Otherwise the
 * digest of every block is kept until the piece is right: then the blocks that differ name the liars, and nobody else is harmed
 * (libtorrent calls this smart ban). Until then all who took part are on parole: they get whole pieces of their own, so that the
 * next bad one has a single author, and the piece that failed is soon tried by one alone. A good piece of one's own ends the
 * parole; so does a verdict on the failed piece, and having forgotten it: nobody is on parole without a record.
 */
import { equalBytes } from '@brine/wire';

/** A block as it came. */
export interface BlamedBlock {
  /** Address and port, or whatever names a peer for good. Two peers must not share it: one would answer for the other. */
  readonly contributor: string;
  readonly digest: Uint8Array;
}

export interface Verdict {
  /** Proven to have sent wrong data. */
  readonly guilty: readonly string[];
  /** Took part in a wrong piece; nothing is proven. */
  readonly suspects: readonly string[];
}

/** Failed attempts that are remembered, and the blocks in them; the oldest attempts go first. 16,384 blocks are about 2 MB. */
const ATTEMPTS_MAX = 64;
const BLOCKS_MAX = 16_384;

interface Attempt {
  readonly piece: number;
  readonly blocks: readonly BlamedBlock[];
  readonly contributors: ReadonlySet<string>;
}

/** Remembers failed pieces of one torrent until they can be explained. */
export class BlameLedger {
  /** The oldest first. */
  #attempts: Attempt[] = [];
  readonly #parole = new Set<string>();

  /** A piece was wrong; its blocks in order. */
  failed(piece: number, blocks: readonly BlamedBlock[]): Verdict {
    const contributors = new Set(blocks.map(({ contributor }) => contributor));
    if (contributors.size === 1) {
      for (const contributor of contributors) this.#parole.delete(contributor);
      return { guilty: [...contributors], suspects: [] };
    }
    this.#attempts.push({ piece, blocks, contributors });
    for (const contributor of contributors) this.#parole.add(contributor);
    this.#forgetOldest();
    return { guilty: [], suspects: [...contributors] };
  }

  /** The piece is right now; `digests` of its blocks, as `needsDigests` asked for. */
  verified(piece: number, digests: readonly Uint8Array[]): Verdict {
    const explained = this.#attempts.filter((attempt) => attempt.piece === piece);
    this.#attempts = this.#attempts.filter((attempt) => attempt.piece !== piece);
    const guilty = new Set<string>();
    for (const { blocks } of explained) {
      for (const [block, { contributor, digest }] of blocks.entries()) {
        const right = digests[block];
        if (right === undefined || !equalBytes(digest, right)) guilty.add(contributor);
      }
    }
    this.#release(explained);
    return { guilty: [...guilty], suspects: [] };
  }

  /** A piece of which all blocks came from one contributor was right: it may share pieces again. What is on record stays. */
  proved(contributor: string): void {
    this.#parole.delete(contributor);
  }

  /** An earlier attempt at this piece failed: its blocks' digests will tell who lied. */
  needsDigests(piece: number): boolean {
    return this.#attempts.some((attempt) => attempt.piece === piece);
  }

  /** To be given whole pieces only. */
  onParole(contributor: string): boolean {
    return this.#parole.has(contributor);
  }

  #forgetOldest(): void {
    let blockCount = this.#attempts.reduce((sum, { blocks }) => sum + blocks.length, 0);
    const forgotten: Attempt[] = [];
    // The newest stays, however long it is: its length is that of a piece, which the metainfo bounds.
    while (this.#attempts.length > 1 && (this.#attempts.length > ATTEMPTS_MAX || blockCount > BLOCKS_MAX)) {
      const oldest = this.#attempts.shift()!;
      blockCount -= oldest.blocks.length;
      forgotten.push(oldest);
    }
    this.#release(forgotten);
  }

  /** Ends the parole of those who took part in these attempts and are on no other record. */
  #release(attempts: readonly Attempt[]): void {
    for (const { contributors } of attempts) {
      for (const contributor of contributors) {
        if (!this.#attempts.some((other) => other.contributors.has(contributor)))
          this.#parole.delete(contributor);
      }
    }
  }
}
