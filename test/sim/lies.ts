import { asciiBytes, bencode } from './bencode-text.ts';
import { uint32 } from './raw-peer.ts';
import type { PeerScript, RawConnection } from './raw-peer.ts';

/** A way to break, bend or abuse the peer protocol. */
export interface Lie {
  readonly name: string;
  /** True when it must cost the connection at once; the others are merely useless or slow. */
  readonly fatal: boolean;
  readonly script: PeerScript;
}

/** After a proper handshake, this. */
function afterHandshake(tell: (connection: RawConnection) => void): PeerScript {
  return {
    started: (connection) => {
      connection.machine.handshake();
      connection.flush();
    },
    heard: (connection, event) => {
      if (event.type === 'handshake') tell(connection);
    },
  };
}

function repeat(connection: RawConnection, everyMs: number, tell: () => void): void {
  connection.later(everyMs, () => {
    tell();
    repeat(connection, everyMs, tell);
  });
}

const EXTENDED = 20;

/** Every lie that a swarm has to live with. */
export const LIES: readonly Lie[] = [
  {
    name: 'garbage instead of a handshake',
    fatal: true,
    script: { started: (connection) => connection.raw(connection.random.bytes(200)) },
  },
  {
    name: 'a handshake for another torrent',
    fatal: true,
    script: {
      started: (connection) => {
        connection.raw([
          19,
          ...asciiBytes('BitTorrent protocol'),
          ...new Uint8Array(8),
          ...connection.random.bytes(40),
        ]);
      },
    },
  },
  {
    name: 'a handshake one byte at a time',
    fatal: false,
    script: {
      started: (connection) => {
        const handshake = [
          19,
          ...asciiBytes('BitTorrent protocol'),
          ...new Uint8Array(8),
          ...connection.payload.infoHash,
        ];
        for (const [index, byte] of handshake.entries()) {
          connection.later(index * 2000, () => connection.raw([byte]));
        }
      },
    },
  },
  { name: 'silence', fatal: false, script: {} },
  {
    name: 'a bitfield that is too long',
    fatal: true,
    script: afterHandshake((connection) => connection.message(5, new Uint8Array(4000).fill(0xff))),
  },
  {
    name: 'a bitfield with spare bits',
    fatal: true,
    script: afterHandshake((connection) => {
      connection.message(5, new Uint8Array(Math.ceil(connection.payload.pieceCount / 8)).fill(0xff));
    }),
  },
  {
    name: 'bitfields without end',
    fatal: true,
    script: afterHandshake((connection) => {
      const bits = new Uint8Array(Math.ceil(connection.payload.pieceCount / 8));
      for (let count = 0; count < 20; count += 1) connection.message(5, bits);
    }),
  },
  {
    name: 'pieces that do not exist',
    fatal: true,
    script: afterHandshake((connection) => connection.message(4, uint32(0x7fffffff))),
  },
  {
    name: 'a message of four gigabytes',
    fatal: true,
    script: afterHandshake((connection) => connection.raw([0xff, 0xff, 0xff, 0xff, 7])),
  },
  {
    name: 'messages of the wrong length',
    fatal: true,
    script: afterHandshake((connection) => connection.message(4, [1, 2, 3])),
  },
  {
    name: 'random bytes as messages',
    fatal: false,
    script: afterHandshake((connection) => {
      repeat(connection, 200, () =>
        connection.message(connection.random.integer(0, 256), connection.random.bytes(40)),
      );
    }),
  },
  {
    name: 'a garbage extended handshake',
    fatal: false,
    script: afterHandshake((connection) => connection.message(EXTENDED, [0], connection.random.bytes(500))),
  },
  {
    name: 'a bencode bomb',
    fatal: false,
    script: afterHandshake((connection) =>
      connection.message(EXTENDED, [0], asciiBytes('d1:ml'.padEnd(50_000, 'l'))),
    ),
  },
  {
    name: 'a thousand extensions and absurd numbers',
    fatal: false,
    script: afterHandshake((connection) => {
      const names = Array.from({ length: 1000 }, (_, index): [string, number] => [`x${index}`, index]);
      const handshake = {
        m: { ...Object.fromEntries(names), ut_metadata: 3, ut_pex: 1 },
        metadata_size: 0x7fffffff,
        p: 99999,
        reqq: 1e9,
        v: 'v'.repeat(10_000),
      };
      connection.message(EXTENDED, [0], bencode(handshake));
    }),
  },
  {
    name: 'bogus metadata',
    fatal: false,
    script: {
      ...afterHandshake((connection) => {
        const size = connection.payload.infoBytes.length;
        connection.message(EXTENDED, [0], bencode({ m: { ut_metadata: 3 }, metadata_size: size }));
      }),
      heard: (connection, event) => {
        const size = connection.payload.infoBytes.length;
        if (event.type === 'handshake') {
          connection.message(EXTENDED, [0], bencode({ m: { ut_metadata: 3 }, metadata_size: size }));
        }
        // Whatever id the engine gave the extension: all plausible ones.
        if (event.type === 'metadata-request') {
          const head = bencode({ msg_type: 1, piece: event.piece, total_size: size });
          for (const id of [1, 2, 3, 4])
            connection.message(EXTENDED, [id], head, connection.random.bytes(size));
        }
      },
    },
  },
  {
    name: 'metadata that nobody asked for',
    fatal: false,
    script: afterHandshake((connection) => {
      const head = bencode({ msg_type: 1, piece: 7, total_size: 0x7fffffff });
      repeat(connection, 100, () => connection.message(EXTENDED, [2], head, new Uint8Array(16_384)));
    }),
  },
  {
    name: 'peer exchange full of lies',
    fatal: false,
    script: afterHandshake((connection) => {
      repeat(connection, 500, () => {
        const added = connection.random.bytes(6 * 500);
        for (const id of [1, 2, 3]) {
          connection.message(EXTENDED, [
            id,
            ...bencode({ added, 'added.f': new Uint8Array(500), dropped: added }),
          ]);
        }
      });
    }),
  },
  {
    name: 'a flood of requests',
    fatal: false,
    script: afterHandshake((connection) => {
      connection.machine.interested();
      connection.flush();
      repeat(connection, 100, () => {
        for (let count = 0; count < 500; count += 1)
          connection.machine.request(count % connection.payload.pieceCount, 0, 16_384);
        connection.flush();
      });
      connection.stream.allowReading(0);
    }),
  },
  {
    name: 'requests outside the piece',
    fatal: false,
    script: afterHandshake((connection) => {
      connection.machine.interested();
      connection.flush();
      repeat(connection, 50, () => {
        connection.message(6, [...uint32(0), ...uint32(0x7ffffff0), ...uint32(16_384)]);
      });
    }),
  },
  {
    name: 'blocks that nobody asked for',
    fatal: false,
    script: afterHandshake((connection) => {
      connection.machine.haveAll();
      connection.machine.unchoke();
      connection.flush();
      repeat(connection, 200, () => {
        const piece = connection.random.integer(0, connection.payload.pieceCount - 1);
        connection.block(piece, 0, connection.random.bytes(16_384));
      });
    }),
  },
  {
    name: 'a block outside its piece',
    fatal: true,
    script: afterHandshake((connection) => {
      connection.block(0, connection.payload.pieceLength, new Uint8Array(16_384));
    }),
  },
  {
    name: 'a block that never ends',
    fatal: false,
    script: {
      ...afterHandshake((connection) => {
        connection.machine.haveAll();
        connection.machine.unchoke();
        connection.flush();
      }),
      heard: (connection, event) => {
        if (event.type === 'handshake') {
          connection.machine.haveAll();
          connection.machine.unchoke();
        }
        if (event.type === 'request') {
          connection.raw([
            ...uint32(event.length + 9),
            7,
            ...uint32(event.piece),
            ...uint32(event.begin),
            1,
            2,
            3,
          ]);
        }
      },
    },
  },
  {
    name: 'choking and unchoking without end',
    fatal: false,
    script: afterHandshake((connection) => {
      connection.machine.haveAll();
      connection.flush();
      repeat(connection, 20, () => {
        connection.machine.unchoke();
        connection.machine.choke();
        connection.flush();
      });
    }),
  },
  {
    name: 'keep-alives and nothing else',
    fatal: false,
    script: afterHandshake((connection) => {
      repeat(connection, 100, () => connection.raw(new Uint8Array(400)));
    }),
  },
  {
    name: 'rejections of everything',
    fatal: false,
    script: {
      ...afterHandshake(() => undefined),
      heard: (connection, event) => {
        if (event.type === 'handshake') {
          connection.machine.haveAll();
          connection.machine.unchoke();
        }
        if (event.type === 'request') connection.machine.reject(event.piece, event.begin, event.length);
      },
    },
  },
];
