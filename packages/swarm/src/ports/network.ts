import type { PeerAddress } from '@brine/wire';

/** Why a stream ended that was not closed by us; `code` is the platform's where there is one (`ECONNREFUSED`). */
export interface StreamFailure {
  readonly code: string;
  readonly message: string;
}

/** What a stream tells its owner. Never called before `open`, never again after `closed`, and never from inside a call of the owner's. */
export interface StreamSink {
  /** An outgoing connection is established (accepted ones are from the start; for them this is not called). */
  connected(): void;
  /** Bytes arrived. The view is the network's own memory: it is overwritten after the call returns. */
  received(bytes: Uint8Array): void;
  /** The stream is gone; `failure` is absent when either side closed it in order. */
  closed(failure?: StreamFailure): void;
}

/** A TCP connection, or one of the simulator. */
export interface ByteStream {
  readonly remote: PeerAddress;
  /** Ours; absent until connected. */
  readonly local: PeerAddress | undefined;
  /** Bytes written that the platform has not taken yet. */
  readonly unsentBytes: number;
  /** Starts the flow of events; called once. */
  open(sink: StreamSink): void;
  /** `bytes` stay untouched until `flushed` is called, which happens exactly once, also when the stream closes before or is gone already. */
  write(bytes: Uint8Array, flushed?: () => void): void;
  /** Reads at most this many bytes from now on, then stops until told again. Infinity, the initial state, means no bound. */
  allowReading(bytes: number): void;
  /** Sends what is queued, then closes. `sink.closed` follows. */
  close(): void;
  /** Closes at once and drops what is queued. `sink.closed` follows. */
  abort(): void;
}

/** A listening socket. */
export interface Listener {
  readonly address: PeerAddress;
  close(): Promise<void>;
}

/** TCP, or the simulator's. */
export interface Network {
  /** Port 0 picks a free one. Rejects with the platform's error when the address cannot be had. */
  listen(at: PeerAddress, accept: (stream: ByteStream) => void): Promise<Listener>;
  /** Never throws; failure is reported through the sink. */
  connect(to: PeerAddress): ByteStream;
}
