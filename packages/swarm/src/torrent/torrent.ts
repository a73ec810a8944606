/*
 * The loop of one torrent. Whatever happens enters here as a fact and is one call into the file that knows the topic; state lives
 * in `TorrentState`, and this file only says who decides about what.
 */
import type { PeerEvent } from '@brine/wire';

import type { ConnectionOwner, PeerConnection } from '../peers/peer-connection.ts';
import type { Peer } from '../peers/peer.ts';
import { createTorrentState } from './create-torrent-state.ts';
import type { TorrentParts } from './create-torrent-state.ts';
import { fillConnections } from './dial.ts';
import { suspendForDisk } from './disk.ts';
import { housekeep } from './housekeeping.ts';
import { joinSwarm, leaveSwarm } from './join-swarm.ts';
import {
  end,
  onBecomeComplete,
  onCheckEnded,
  onContentLost,
  onMetadata,
  onStoreOpened,
  pause,
  selectFiles,
  start,
} from './life.ts';
import { onPeerMessage } from './on-peer-message.ts';
import { commitPiece, onPieceOutcome } from './on-piece-outcome.ts';
import type { PartialPiece } from './partial-piece.ts';
import { enterPhase } from './phase.ts';
import { scheduleRequests } from './schedule-requests.ts';
import { pingWhenQuiet } from './site/queue-probe.ts';
import type { TorrentInput } from './torrent-input.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** What happens for every piece, and changes nothing about who is connected to whom. */
const HOT: ReadonlySet<TorrentInput['type']> = new Set(['piece-outcome', 'buffer-freed']);

export class Torrent implements ConnectionOwner {
  readonly state: TorrentState;

  constructor(parts: TorrentParts) {
    this.state = createTorrentState(parts, (input) => {
      this.receive(input);
    });
  }

  /** Everything that is not a peer's message. */
  receive(input: TorrentInput): void {
    const torrent = this.state;
    switch (input.type) {
      case 'tick':
        housekeep(torrent, input.nowMs);
        break;
      case 'start':
        start(torrent);
        break;
      case 'pause':
        pause(torrent);
        break;
      case 'peers-found':
        torrent.peerList.add(input.addresses, input.source, input.teller);
        break;
      case 'metadata':
        onMetadata(torrent, input.infoBytes);
        break;
      case 'store-opened':
        for (const [connection, peerId] of onStoreOpened(torrent, input.store))
          this.accept(connection, peerId);
        break;
      case 'check-progress':
        this.#onCheckProgress(input.checked, input.total);
        break;
      case 'check-ended':
        onCheckEnded(torrent);
        break;
      case 'piece-outcome':
        this.#onPieceOutcome(input);
        break;
      case 'published':
        onBecomeComplete(torrent);
        break;
      case 'disk-failed':
        suspendForDisk(torrent, input.error, input.retry);
        break;
      case 'content-lost':
        onContentLost(torrent, input.error);
        this.#scheduleAll();
        break;
      case 'buffer-freed':
        this.#feedStarved();
        break;
      case 'files-selected':
        selectFiles(torrent, input.priorities);
        this.#scheduleAll();
        break;
      case 'site-changed':
        this.#scheduleAll();
        break;
      case 'limits-changed':
        torrent.limiters.setLimits(input.limits);
        break;
    }
    if (!HOT.has(input.type)) fillConnections(torrent, this);
  }

  /**
   * Ends the torrent's life: off the network, trackers told, and `withContent` has the last word about the storage. A check under
   * way is waited for if `needsContent`, otherwise called off.
   */
  async end(
    withContent: (content: TorrentContent) => Promise<void>,
    options: { readonly needsContent: boolean },
  ): Promise<void> {
    const torrent = this.state;
    const stopped = torrent.trackers.stop();
    end(torrent);
    if (torrent.opening !== undefined) torrent.opening.signal.aborted = !options.needsContent;
    await torrent.opening?.settled;
    if (torrent.content !== undefined) await withContent(torrent.content);
    await stopped;
  }

  /** An incoming connection named this torrent. */
  accept(connection: PeerConnection, peerId: Uint8Array): void {
    const torrent = this.state;
    connection.handOver(this);
    if (torrent.paused || torrent.phase === 'failed') connection.close('the torrent is not running');
    else if (torrent.info !== undefined && torrent.content === undefined)
      torrent.waitingConnections.set(connection, new Uint8Array(peerId));
    else {
      const { protocol } = connection;
      protocol.bind({
        infoHash: torrent.infoHash,
        ...(torrent.content === undefined ? {} : { geometry: torrent.content.geometry }),
      });
      protocol.handshake();
      if (joinSwarm(torrent, connection, peerId) !== undefined) connection.resume();
    }
  }

  connectionOpened(connection: PeerConnection): void {
    this.state.shared.dialer.established(connection);
    connection.protocol.handshake();
  }

  peerEvent(connection: PeerConnection, event: PeerEvent): void {
    const torrent = this.state;
    const peer = torrent.peers.get(connection);
    if (peer !== undefined) {
      const whole = onPeerMessage(torrent, peer, event);
      if (whole !== undefined) this.#commit(whole);
    } else if (event.type === 'handshake') {
      joinSwarm(torrent, connection, event.peerId);
    }
  }

  turnEnded(connection: PeerConnection): void {
    const peer = this.state.peers.get(connection);
    if (peer === undefined) return;
    scheduleRequests(this.state, peer);
    if (peer.ping !== undefined) pingWhenQuiet(this.state, peer);
  }

  connectionClosed(connection: PeerConnection, reason: string): void {
    const torrent = this.state;
    const { shared } = torrent;
    const peer = torrent.peers.get(connection);
    torrent.waitingConnections.delete(connection);
    shared.dialer.closed(connection);
    const nowMs = shared.clock.nowMs();
    if (peer === undefined) {
      if (connection.outgoing) torrent.peerList.failed(connection.remote, nowMs);
      // Whom we waited for is perhaps not there: others may be called now.
      fillConnections(torrent, this);
      return;
    }
    // One that came and went for nothing is next time no more urgent than one that could not be reached.
    if (wasWorthwhile(peer, nowMs)) torrent.peerList.disconnected(peer.address, nowMs);
    else torrent.peerList.failed(peer.address, nowMs);
    leaveSwarm(torrent, peer);
    shared.emit('peer-disconnected', { id: torrent.id, address: peer.address, reason });
    this.#scheduleAll();
    fillConnections(torrent, this);
  }

  #commit(partial: PartialPiece): void {
    const torrent = this.state;
    if (torrent.content === undefined) return;
    commitPiece(torrent, torrent.content, partial, (outcome) => {
      this.receive({ type: 'piece-outcome', partial, outcome });
    });
  }

  #onPieceOutcome({ partial, outcome }: Extract<TorrentInput, { readonly type: 'piece-outcome' }>): void {
    const { content, shared } = this.state;
    if (content === undefined) return;
    onPieceOutcome(this.state, content, partial, outcome, () => {
      this.#commit(partial);
    });
    if (outcome.type !== 'failed') shared.bufferFreed();
  }

  #onCheckProgress(checked: number, total: number): void {
    const torrent = this.state;
    torrent.checkProgress = total === 0 ? 1 : checked / total;
    enterPhase(torrent, 'checking');
    torrent.shared.emit('check-progress', { id: torrent.id, checked, total });
  }

  /** A buffer came back: who has waited longest gets it. */
  #feedStarved(): void {
    const { starved } = this.state;
    const waiting = [...starved];
    starved.clear();
    for (const peer of waiting) {
      // The first one that finds none stays the first; nobody after it would find one.
      if (starved.size > 0) starved.add(peer);
      else {
        scheduleRequests(this.state, peer);
        peer.connection.flush();
      }
    }
  }

  /** Somebody may have more to do than before: requests were released, files are wanted. */
  #scheduleAll(): void {
    this.state.starved.clear();
    for (const peer of this.state.peers.values()) {
      scheduleRequests(this.state, peer);
      peer.connection.flush();
    }
  }
}

/** Something was moved, or it was at least here for a minute. */
function wasWorthwhile(peer: Peer, nowMs: number): boolean {
  return peer.downloadedBytes > 0 || peer.uploadedBytes > 0 || nowMs - peer.connection.openedMs > 60_000;
}
