import type { PeerEvent } from '@brine/wire';

import type { PeerScript, RawConnection } from './raw-peer.ts';

/** How a scripted seed treats a request: the bytes to send, or undefined to swallow it. */
type Answer = (connection: RawConnection, request: BlockRequest) => Uint8Array | undefined;

interface BlockRequest {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** A seed in every respect but its answers. */
function scriptedSeed(answer: Answer): PeerScript {
  return {
    started: (connection) => {
      connection.machine.handshake();
      connection.flush();
    },
    heard: (connection, event) => {
      if (event.type === 'handshake') sayBitfield(connection);
      else if (event.type === 'interested') connection.machine.unchoke();
      else if (event.type === 'request') serve(connection, event, answer);
    },
  };
}

/** Serves what is right. */
export const honestSeed: PeerScript = scriptedSeed((connection, { piece, begin, length }) =>
  connection.content(piece, begin, length),
);

/** Serves blocks of which one in `every` (chosen at random) has one wrong byte. */
export function corruptSeed(every: number): PeerScript {
  return scriptedSeed((connection, { piece, begin, length }) => {
    const bytes = connection.content(piece, begin, length);
    if (connection.random.integer(0, every) === 0) bytes[connection.random.integer(0, length)]! ^= 0xff;
    return bytes;
  });
}

/** Promises everything, and after `served` blocks on a connection answers nothing any more. */
export function stallingSeed(served: number): PeerScript {
  const counts = new WeakMap<RawConnection, number>();
  return scriptedSeed((connection, { piece, begin, length }) => {
    const count = counts.get(connection) ?? 0;
    counts.set(connection, count + 1);
    return count < served ? connection.content(piece, begin, length) : undefined;
  });
}

function sayBitfield(connection: RawConnection): void {
  const { pieceCount } = connection.payload;
  const bits = new Uint8Array(Math.ceil(pieceCount / 8)).fill(0xff);
  if (pieceCount % 8 !== 0) bits[bits.length - 1] = (0xff << (8 - (pieceCount % 8))) & 0xff;
  connection.machine.bitfield(bits);
}

function serve(
  connection: RawConnection,
  request: PeerEvent & { readonly type: 'request' },
  answer: Answer,
): void {
  const bytes = answer(connection, request);
  if (bytes !== undefined) connection.block(request.piece, request.begin, bytes);
}
