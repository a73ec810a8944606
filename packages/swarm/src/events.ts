import type { PeerAddress } from '@brine/wire';

import type { TorrentPhase, Trouble } from './snapshot.ts';

/** What the engine tells, as facts: no callbacks, no live objects. `id` is the hex info-hash of the torrent. */
export interface EngineEvents {
  listening: (fact: { readonly address: PeerAddress }) => void;
  'torrent-added': (fact: { readonly id: string; readonly name: string }) => void;
  'torrent-removed': (fact: { readonly id: string }) => void;
  /** A magnet's metadata arrived and verified. */
  'metadata-received': (fact: {
    readonly id: string;
    readonly name: string;
    readonly infoBytes: Uint8Array;
  }) => void;
  'phase-changed': (fact: {
    readonly id: string;
    readonly phase: TorrentPhase;
    readonly from: TorrentPhase;
  }) => void;
  'check-progress': (fact: { readonly id: string; readonly checked: number; readonly total: number }) => void;
  'piece-verified': (fact: { readonly id: string; readonly piece: number }) => void;
  'piece-corrupt': (fact: {
    readonly id: string;
    readonly piece: number;
    readonly suspects: readonly PeerAddress[];
  }) => void;
  /** Everything wanted is verified, written and published. */
  'torrent-complete': (fact: { readonly id: string; readonly directory: string }) => void;
  'peer-connected': (fact: {
    readonly id: string;
    readonly address: PeerAddress;
    readonly outgoing: boolean;
  }) => void;
  'peer-disconnected': (fact: {
    readonly id: string;
    readonly address: PeerAddress;
    readonly reason: string;
  }) => void;
  'peer-banned': (fact: {
    readonly id: string;
    readonly address: PeerAddress;
    readonly reason: string;
  }) => void;
  'tracker-answered': (fact: { readonly id: string; readonly url: string; readonly peers: number }) => void;
  'tracker-failed': (fact: { readonly id: string; readonly url: string; readonly error: Trouble }) => void;
  /** Something failed; also in the torrent's snapshot until it is over. */
  trouble: (fact: { readonly id: string; readonly error: Trouble }) => void;
  'trouble-over': (fact: { readonly id: string }) => void;
}
