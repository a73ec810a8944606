/*
 * What the torrent does when the disk does not: the world fails, so nothing is lost and nobody is asked. New requests stop, what
 * is in flight is kept in its buffers, and the same operation is tried again with growing pauses until it works.
 */
import { StoreError } from '@brine/piece-store';

import { enterPhase } from './phase.ts';
import type { TorrentState } from './torrent-state.ts';
import { hasAllWanted } from './torrent-state.ts';

const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/** The disk refused. `retry` is called later, as often as it takes. */
export function suspendForDisk(torrent: TorrentState, error: StoreError, retry: () => void): void {
  torrent.retries.push(retry);
  const trouble = { code: error.code, message: error.message };
  const known = torrent.error?.code === error.code;
  torrent.error = trouble;
  if (!known) torrent.shared.emit('trouble', { id: torrent.id, error: trouble });
  if (!error.transient) {
    enterPhase(torrent, 'failed');
    return;
  }
  enterPhase(torrent, 'waiting');
  if (torrent.retryCancel !== undefined) return;
  torrent.retryDelayMs = Math.min(RETRY_MAX_MS, Math.max(RETRY_MIN_MS, torrent.retryDelayMs * 2));
  torrent.retryCancel = torrent.shared.clock.schedule(torrent.retryDelayMs, () => {
    retryNow(torrent);
  });
}

/** Files went or changed under the store. It has dropped what they held, and writes them anew when it gets the pieces again. */
export function isLoss(error: StoreError): boolean {
  return error.code === 'file-missing' || error.code === 'file-changed';
}

/** Tries everything again that the disk refused. */
export function retryNow(torrent: TorrentState): void {
  torrent.retryCancel?.();
  torrent.retryCancel = undefined;
  for (const retry of torrent.retries.splice(0)) retry();
}

/** Something reached the disk: if nothing else is held back, the trouble is over. */
export function diskWorks(torrent: TorrentState): void {
  if (torrent.error === undefined || torrent.retries.length > 0) return;
  torrent.error = undefined;
  torrent.retryDelayMs = 0;
  torrent.shared.emit('trouble-over', { id: torrent.id });
  if (torrent.phase === 'waiting') enterPhase(torrent, 'downloading');
}

/** With the last wanted piece verified, the payload gets its final name. */
export function publishWhenComplete(torrent: TorrentState): void {
  if (!hasAllWanted(torrent) || torrent.publishing || torrent.phase === 'seeding') return;
  torrent.publishing = true;
  const { store } = torrent.content!;
  store.publish().then(
    () => {
      torrent.publishing = false;
      torrent.receive({ type: 'published' });
    },
    (error: unknown) => {
      torrent.publishing = false;
      torrent.receive({
        type: 'disk-failed',
        error: asStoreError(error),
        retry: () => {
          publishWhenComplete(torrent);
        },
      });
    },
  );
}

/** Whatever a store rejects with, as what it must be. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError('io-failed', message, { cause: error });
}
