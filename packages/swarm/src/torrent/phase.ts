import type { TorrentPhase } from '../snapshot.ts';
import type { TorrentState } from './torrent-state.ts';

/** Changes the phase and tells. */
export function enterPhase(torrent: TorrentState, phase: TorrentPhase): void {
  const from = torrent.phase;
  if (from === phase) return;
  torrent.phase = phase;
  torrent.shared.emit('phase-changed', { id: torrent.id, phase, from });
}
