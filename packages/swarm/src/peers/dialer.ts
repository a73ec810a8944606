import type { Clock } from '../ports/clock.ts';
import type { ConnectionOwner, PeerConnection } from './peer-connection.ts';

/** A TCP connection that is not up by then will not come, or is not worth it. */
const CONNECT_TIMEOUT_MS = 15_000;
/** A remote that does not complete its handshake keeps a slot for no good. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface DialerOptions {
  readonly clock: Clock;
  readonly connectionsMax: number;
  readonly halfOpenMax: number;
}

/** Counts every connection of the engine from its first packet to its end, and ends those that do not get anywhere. */
export class Dialer {
  readonly #options: DialerOptions;
  /** Connections without a complete handshake: what ends their patience, and whose they are. */
  readonly #pending = new Map<
    PeerConnection,
    { readonly cancel: () => void; readonly owner: ConnectionOwner | undefined }
  >();
  readonly #connections = new Set<PeerConnection>();
  /** Pending ones that we dialled: silent strangers must not keep us from dialling. */
  #dialling = 0;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Every connection, in any state. */
  get connections(): Iterable<PeerConnection> {
    return this.#connections;
  }

  /** How many may be dialled now. */
  get free(): number {
    const { connectionsMax, halfOpenMax } = this.#options;
    return Math.min(connectionsMax - this.#connections.size, halfOpenMax - this.#dialling);
  }

  /** Connections of one torrent that have not joined it yet. */
  pendingOf(owner: ConnectionOwner): number {
    let count = 0;
    for (const pending of this.#pending.values()) if (pending.owner === owner) count += 1;
    return count;
  }

  /** False when an incoming connection is one too many. */
  accepted(connection: PeerConnection): boolean {
    if (this.#connections.size >= this.#options.connectionsMax) return false;
    this.#connections.add(connection);
    this.#await(connection, undefined, HANDSHAKE_TIMEOUT_MS, 'no handshake within 10 s');
    return true;
  }

  dialled(connection: PeerConnection, owner: ConnectionOwner): void {
    this.#connections.add(connection);
    this.#await(connection, owner, CONNECT_TIMEOUT_MS, 'no connection within 15 s');
  }

  /** The stream is up; now the remote has to introduce itself. */
  established(connection: PeerConnection): void {
    const owner = this.#pending.get(connection)?.owner;
    this.joined(connection);
    this.#await(connection, owner, HANDSHAKE_TIMEOUT_MS, 'no handshake within 10 s');
  }

  /** The connection became a peer. */
  joined(connection: PeerConnection): void {
    const pending = this.#pending.get(connection);
    if (pending === undefined) return;
    pending.cancel();
    this.#pending.delete(connection);
    if (connection.outgoing) this.#dialling -= 1;
  }

  closed(connection: PeerConnection): void {
    this.joined(connection);
    this.#connections.delete(connection);
  }

  #await(
    connection: PeerConnection,
    owner: ConnectionOwner | undefined,
    timeoutMs: number,
    reason: string,
  ): void {
    const cancel = this.#options.clock.schedule(timeoutMs, () => {
      connection.close(reason);
    });
    this.#pending.set(connection, { cancel, owner });
    if (connection.outgoing) this.#dialling += 1;
  }
}
