import { BLOCK_LENGTH } from '@brine/piece-store';
import type { PieceStore } from '@brine/piece-store';
import type { Info } from '@brine/wire';

import { PiecePicker } from '../policy/piece-picker.ts';
import { asStoreError } from './disk.ts';
import { createSiteState } from './site/site-state.ts';
import { enterPhase } from './phase.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** Opens the payload's storage; the loop hears of it. */
export function openStorage(torrent: TorrentState, info: Info): void {
  enterPhase(torrent, 'opening');
  const { shared, order } = torrent;
  torrent.openedWith = torrent.filePriorities;
  const signal = { aborted: false };
  const opening = shared.storage.open({
    id: torrent.id,
    layout: info,
    directory: torrent.directory,
    mode: order.mode ?? 'download',
    ...(torrent.filePriorities === undefined
      ? {}
      : { wantedFiles: torrent.filePriorities.map((priority) => priority > 0) }),
    signal,
    onProgress: ({ piecesChecked, piecesTotal }) => {
      torrent.receive({ type: 'check-progress', checked: piecesChecked, total: piecesTotal });
    },
  });
  const settled = opening.then(
    (store) => {
      torrent.opening = undefined;
      torrent.receive({ type: 'store-opened', store });
    },
    (error: unknown) => {
      torrent.opening = undefined;
      if (signal.aborted) return;
      torrent.receive({
        type: 'disk-failed',
        error: asStoreError(error),
        retry: () => {
          openStorage(torrent, info);
        },
      });
    },
  );
  torrent.opening = { signal, settled };
}

/** What follows from an open store: the picker knows what is there and what is wanted. */
export function makeContent(torrent: TorrentState, info: Info, store: PieceStore): TorrentContent {
  const { pieceCount, pieceLength, totalLength } = info;
  const picker = new PiecePicker({ pieceCount, random: () => torrent.shared.random.next() });
  picker.sequential = torrent.sequential;
  const content: TorrentContent = {
    info,
    geometry: { pieceCount, pieceLength, totalLength },
    blocksPerPiece: Math.ceil(pieceLength / BLOCK_LENGTH),
    store,
    picker,
    site: createSiteState(torrent, info),
  };
  for (let piece = 0; piece < pieceCount; piece += 1) if (store.has(piece)) picker.have(piece);
  applyFilePriorities(torrent, content);
  return content;
}

/** A piece matters as much as the most wanted file in it. */
export function applyFilePriorities(torrent: TorrentState, { info, picker, geometry }: TorrentContent): void {
  const priorities = torrent.filePriorities;
  if (priorities === undefined) return;
  const ofPiece = new Uint8Array(geometry.pieceCount);
  info.files.forEach((file, index) => {
    if (file.length === 0) return;
    const first = Math.floor(file.offset / geometry.pieceLength);
    const last = Math.floor((file.offset + file.length - 1) / geometry.pieceLength);
    const priority = priorities[index] ?? 1;
    for (let piece = first; piece <= last; piece += 1) ofPiece[piece] = Math.max(ofPiece[piece]!, priority);
  });
  ofPiece.forEach((priority, piece) => {
    picker.setPriority(piece, priority);
  });
}
