import type { CommitOutcome, PieceStore, StoreError } from '@brine/piece-store';
import type { PeerAddress } from '@brine/wire';

import type { RateLimits } from '../options.ts';
import type { PeerSource } from '../peers/peer-list.ts';
import type { PartialPiece } from './partial-piece.ts';

/** Everything that can happen to a torrent, apart from what peers say. */
export type TorrentInput =
  | { readonly type: 'tick'; readonly nowMs: number }
  | { readonly type: 'start' }
  | { readonly type: 'pause' }
  | {
      readonly type: 'peers-found';
      readonly addresses: readonly PeerAddress[];
      readonly source: PeerSource;
      /** The peer that told us, for PEX: what it says about local addresses is believed only of its own network. */
      readonly teller?: PeerAddress;
    }
  | { readonly type: 'metadata'; readonly infoBytes: Uint8Array }
  | { readonly type: 'store-opened'; readonly store: PieceStore }
  | { readonly type: 'check-progress'; readonly checked: number; readonly total: number }
  | { readonly type: 'check-ended' }
  | { readonly type: 'piece-outcome'; readonly partial: PartialPiece; readonly outcome: CommitOutcome }
  | { readonly type: 'published' }
  /** An operation on the disk failed; `retry` is what to do when it may work again. */
  | { readonly type: 'disk-failed'; readonly error: StoreError; readonly retry: () => void }
  /** The store found that verified content is gone or changed under it, and has dropped it. */
  | { readonly type: 'content-lost'; readonly error: StoreError }
  | { readonly type: 'buffer-freed' }
  | { readonly type: 'files-selected'; readonly priorities: readonly number[] }
  /** Who is at our site, or whose turn it is to fetch, may be another matter now. */
  | { readonly type: 'site-changed' }
  | { readonly type: 'limits-changed'; readonly limits: RateLimits };
