/*
 * A TCP socket as the engine's ByteStream, with the shortest way that Node offers from the kernel to us: `onread` with a buffer
 * of our own (measured: 0.15 CPU s/GB against 0.53 with `data` events, which allocate every chunk).
 *
 * One buffer serves every socket of the process. That is sound because libuv asks for the buffer, reads and reports in one go on
 * the loop's thread (on Windows too: it posts zero-byte reads and fetches the bytes when they are there), and because the engine
 * takes from a chunk what it wants before it returns.
 */
import net from 'node:net';

import { normalizeIp } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import type { ByteStream, StreamFailure, StreamSink } from '../ports/network.ts';

/** Bytes per read: measured to be the fastest with framed data (larger ones leave the CPU's cache). */
const READ_BUFFER_LENGTH = 256 * 1024;
const readBuffer = new Uint8Array(READ_BUFFER_LENGTH);

/** What `net` does with bytes that arrive: fill our buffer, tell us. */
interface OnRead {
  readonly buffer: () => Uint8Array;
  readonly callback: (bytesRead: number) => boolean;
}

export class SocketStream implements ByteStream {
  readonly remote: PeerAddress;
  readonly #outgoing: boolean;
  #socket!: net.Socket;
  #sink: StreamSink | undefined;
  #readable = Infinity;
  #failure: StreamFailure | undefined;

  private constructor(remote: PeerAddress, outgoing: boolean) {
    this.remote = remote;
    this.#outgoing = outgoing;
  }

  static dial(to: PeerAddress): SocketStream {
    const stream = new SocketStream(to, true);
    stream.#adopt(net.connect({ host: to.ip, port: to.port, noDelay: true, onread: stream.#onRead() }));
    return stream;
  }

  /** Undefined when the peer was gone before we could look at it. `socket` must be paused. */
  static accepted(socket: net.Socket): SocketStream | undefined {
    const ip = socket.remoteAddress === undefined ? undefined : normalizeIp(socket.remoteAddress);
    if (ip === undefined || socket.remotePort === undefined) {
      socket.destroy();
      return undefined;
    }
    const stream = new SocketStream({ ip, port: socket.remotePort }, false);
    stream.#adopt(withOnRead(socket, stream.#onRead()));
    return stream;
  }

  get local(): PeerAddress | undefined {
    const { localAddress, localPort } = this.#socket;
    const ip = localAddress === undefined ? undefined : normalizeIp(localAddress);
    return ip === undefined || localPort === undefined ? undefined : { ip, port: localPort };
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  open(sink: StreamSink): void {
    this.#sink = sink;
    const socket = this.#socket;
    if (this.#outgoing) {
      socket.on('connect', () => {
        sink.connected();
      });
    }
    socket.resume();
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    // A destroyed socket answers with an error, asynchronously, as the port asks; `flushed` ignores it.
    this.#socket.write(bytes, flushed === undefined ? undefined : () => flushed());
  }

  allowReading(bytes: number): void {
    this.#readable = bytes;
    replaceReadBuffer(this.#socket, this.#nextBuffer());
    if (bytes > 0) this.#socket.resume();
    else this.#socket.pause();
  }

  close(): void {
    this.#socket.end();
    // A remote that never closes its half must not keep ours.
    this.#socket.setTimeout(CLOSE_TIMEOUT_MS, () => this.#socket.destroy());
  }

  abort(): void {
    this.#socket.destroy();
  }

  #adopt(socket: net.Socket): void {
    this.#socket = socket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = { code: error.code ?? 'UNKNOWN', message: error.message };
    });
    socket.on('end', () => {
      socket.end();
    });
    socket.on('close', () => {
      this.#sink?.closed(this.#failure);
    });
  }

  /** As much of the shared buffer as may be filled now. Every view starts at its beginning. */
  #nextBuffer(): Uint8Array {
    return this.#readable >= READ_BUFFER_LENGTH
      ? readBuffer
      : readBuffer.subarray(0, Math.max(1, this.#readable));
  }

  #onRead(): OnRead {
    return {
      buffer: () => this.#nextBuffer(),
      callback: (bytesRead) => {
        this.#readable -= bytesRead;
        this.#sink?.received(readBuffer.subarray(0, bytesRead));
        return this.#readable > 0;
      },
    };
  }
}

/** Node asks for the next buffer right after a read, so a bound that is set later would come one read late. */
function replaceReadBuffer(socket: net.Socket, buffer: Uint8Array): void {
  const handle = Reflect.get(socket, '_handle') as
    { useUserBuffer?: (buffer: Uint8Array) => void } | null | undefined;
  handle?.useUserBuffer?.(buffer);
}

const CLOSE_TIMEOUT_MS = 5_000;

/**
 * `onread` is documented for outgoing connections only, but a socket made of the accepted one's handle takes it too (measured
 * on Node 20 and 24: about 20 % of a transfer's CPU). Should a Node version hide the handle, `data` events do the same, slower.
 */
function withOnRead(socket: net.Socket, onread: OnRead): net.Socket {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (handle === null || handle === undefined) {
    socket.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length;) {
        const target = onread.buffer();
        const taken = Math.min(target.length, chunk.length - at);
        target.set(chunk.subarray(at, at + taken));
        if (!onread.callback(taken)) socket.pause();
        at += taken;
      }
    });
    socket.pause();
    return socket;
  }
  // Without `manualStart` it would read at once, before anybody listens.
  const options = { handle, onread, readable: true, writable: true, manualStart: true };
  const taken = new net.Socket(options);
  // The husk must go, or its server would wait for it when closing; without the handle nothing happens to the connection.
  Reflect.set(socket, '_handle', null);
  socket.destroy();
  taken.setNoDelay(true);
  return taken;
}
