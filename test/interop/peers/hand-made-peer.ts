import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * A seeder of one file made by hand from BEP 3 and from nothing of ours, so that it can misbehave and can be believed as a witness.
 * Run from dist as a program: hand-made-peer.js BEHAVIOUR FILE INFO_HASH PIECE_LENGTH IP:PORT BYTES_PER_SECOND. Prints JSON Lines. Port 0
 * takes any free one.
 */
export type Behaviour =
  /** Serves what is asked. */
  | 'honest'
  /** Serves blocks of the right length with one wrong byte each. */
  | 'corrupt'
  /** Promises everything, unchokes, and never answers a request. */
  | 'stalling';

/** What the program prints. `at` is in milliseconds since 1970, `connection` counts from 1. */
export type Witness =
  | { readonly event: 'ready'; readonly port: number }
  | { readonly event: 'connected' | 'closed'; readonly connection: number; readonly at: number }
  | {
      readonly event: 'requested' | 'served';
      readonly connection: number;
      readonly piece: number;
      readonly begin: number;
      readonly length: number;
      readonly at: number;
    };

interface Request {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

const HANDSHAKE = 68;
const REQUEST_BYTES_MAX = 128 * 1024;
const [behaviour = '', path = '', infoHash = '', pieceLengthText = '', listen = '', rateText = ''] =
  process.argv.slice(2);
const pieceLength = Number(pieceLengthText);
const bytesPerSecond = Number(rateText);
const file = await open(path);
const { size } = await file.stat();
let connections = 0;
/** When the line is free again, milliseconds since 1970: one line for all connections. */
let lineFreeAt = 0;

const server = createServer((socket) => serve(socket));
const [ip, port] = listen.split(':');
server.listen(Number(port), ip, () => tell({ event: 'ready', port: (server.address() as AddressInfo).port }));

function serve(socket: Socket): void {
  connections += 1;
  const connection = connections;
  const queue: Request[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let greeted = false;
  let sending = false;
  tell({ event: 'connected', connection, at: Date.now() });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    queue.length = 0;
    tell({ event: 'closed', connection, at: Date.now() });
  });
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    if (!greeted && rest.length >= HANDSHAKE) {
      greeted = true;
      rest = rest.subarray(HANDSHAKE);
      greet(socket);
    }
    if (!greeted) return;
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const length = rest.readUInt32BE(0);
      take(rest.subarray(4, 4 + length));
      rest = rest.subarray(4 + length);
    }
  });

  function take(message: Buffer): void {
    const id = message[0];
    if (id === 2) socket.write(Buffer.from([0, 0, 0, 1, 1])); // interested: unchoke
    if (id !== 6 && id !== 8) return;
    const request = {
      piece: message.readUInt32BE(1),
      begin: message.readUInt32BE(5),
      length: message.readUInt32BE(9),
    };
    if (id === 8) {
      const index = queue.findIndex((each) => each.piece === request.piece && each.begin === request.begin);
      if (index >= 0) queue.splice(index, 1);
      return;
    }
    tell({ event: 'requested', connection, ...request, at: Date.now() });
    if (behaviour === 'stalling' || request.length > REQUEST_BYTES_MAX) return;
    queue.push(request);
    if (!sending) void sendAll();
  }

  async function sendAll(): Promise<void> {
    sending = true;
    for (let request = queue.shift(); request !== undefined && !socket.destroyed; request = queue.shift()) {
      const message = Buffer.alloc(13 + request.length);
      message.writeUInt32BE(9 + request.length, 0);
      message[4] = 7;
      message.writeUInt32BE(request.piece, 5);
      message.writeUInt32BE(request.begin, 9);
      await file.read(message, 13, request.length, request.piece * pieceLength + request.begin);
      if (behaviour === 'corrupt') message[13] = (message[13] ?? 0) ^ 0xff;
      await turnOnLine(request.length);
      if (socket.destroyed) break;
      socket.write(message);
      tell({ event: 'served', connection, ...request, at: Date.now() });
    }
    sending = false;
  }
}

function greet(socket: Socket): void {
  const pieces = Math.ceil(size / pieceLength);
  const bits = Buffer.alloc(Math.ceil(pieces / 8), 0xff);
  if (pieces % 8 !== 0) bits[bits.length - 1] = (0xff << (8 - (pieces % 8))) & 0xff;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + bits.length, 0);
  head[4] = 5;
  const name = Buffer.from('\x13BitTorrent protocol', 'latin1');
  const id = Buffer.from(`-HM0001-${String(process.pid).padStart(12, '0')}`);
  socket.write(Buffer.concat([name, Buffer.alloc(8), Buffer.from(infoHash, 'hex'), id, head, bits]));
}

/** Waits until `bytes` may be sent at the rate. */
function turnOnLine(bytes: number): Promise<void> {
  const now = Date.now();
  lineFreeAt = Math.max(now, lineFreeAt) + (bytes / bytesPerSecond) * 1000;
  return new Promise((resolve) => setTimeout(resolve, lineFreeAt - now));
}

function tell(witness: Witness): void {
  process.stdout.write(`${JSON.stringify(witness)}\n`);
}
