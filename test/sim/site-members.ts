import { SITE_EXTENSION, encodeSiteMessage } from '@brine/wire';
import type { PeerEvent, SiteMessage, SiteStatus } from '@brine/wire';

import type { PeerScript, RawConnection } from './raw-peer.ts';

const READY: SiteStatus = {
  able: true,
  fetching: true,
  hungryDown: false,
  hungryUp: false,
  downRate: 0,
  upRate: 0,
};

/** What a member of a site does once it has been introduced. */
interface MemberScript {
  readonly joined?: (connection: RawConnection) => void;
  readonly heard?: (connection: RawConnection, event: PeerEvent) => void;
  readonly status?: SiteStatus;
}

/** A peer that introduces itself as a member of the site that it is at. */
function siteMember({ joined, heard, status = READY }: MemberScript): PeerScript {
  return {
    started: (connection) => {
      connection.machine.handshake();
      connection.flush();
    },
    heard: (connection, event) => {
      // Not before the other has said that it speaks extensions: until then this goes nowhere.
      if (event.type === 'handshake') {
        connection.machine.extendedHandshake({ client: 'member', offers: [SITE_EXTENSION] });
        connection.flush();
      }
      if (event.type === 'extended-handshake') {
        say(connection, { type: 'hello', label: '', status });
        joined?.(connection);
        every(connection, 4_000, () => say(connection, { type: 'status', status }));
      }
      heard?.(connection, event);
    },
  };
}

function say(connection: RawConnection, message: SiteMessage): void {
  connection.machine.extension(SITE_EXTENSION, encodeSiteMessage(message));
  connection.flush();
}

/** As `say`, about all pieces. */
function sayOfAll(connection: RawConnection, type: 'claim' | 'hold' | 'release'): void {
  const all = Array.from({ length: connection.payload.pieceCount }, (_, piece) => piece);
  for (let at = 0; at < all.length; at += 256) say(connection, { type, pieces: all.slice(at, at + 256) });
}

function every(connection: RawConnection, ms: number, task: () => void): void {
  connection.later(ms, () => {
    task();
    every(connection, ms, task);
  });
}

/** Claims everything, brings nothing, and renews for ever. */
export const claimsEverything: PeerScript = siteMember({
  joined: (connection) => {
    sayOfAll(connection, 'claim');
    every(connection, 3_000, () => sayOfAll(connection, 'hold'));
  },
});

/** Gives back and claims anew before anybody else can: no claim of its ever gets old. */
export const claimsAnew: PeerScript = siteMember({
  joined: (connection) => {
    sayOfAll(connection, 'claim');
    every(connection, 1_000, () => {
      sayOfAll(connection, 'release');
      sayOfAll(connection, 'hold');
    });
  },
});

/** Says that it holds whatever somebody else has just claimed; gives it back at once when it is `fickle`. */
export function takesOver(fickle: boolean): PeerScript {
  return siteMember({
    heard: (connection, event) => {
      if (event.type !== 'extension') return;
      const claimed = event.payload[0] === 2 || event.payload[0] === 3;
      if (!claimed) return;
      const pieces: number[] = [];
      const view = new DataView(event.payload.buffer, event.payload.byteOffset, event.payload.length);
      for (let at = 1; at + 4 <= event.payload.length; at += 4) pieces.push(view.getUint32(at));
      // Late enough to find it being fetched.
      connection.later(150, () => {
        say(connection, { type: 'hold', pieces });
        if (fickle) say(connection, { type: 'release', pieces });
      });
    },
  });
}

/** Says that it can fetch, and does not. `downRate`: it even tells of progress. */
export function doesNothing(downRate: number): PeerScript {
  return siteMember({ status: { ...READY, downRate } });
}

/** Announces everything; then `answer` decides what comes of a request. */
export function hasEverything(
  answer: (connection: RawConnection, request: Extract<PeerEvent, { type: 'request' }>) => void,
  unchokes = true,
): PeerScript {
  return siteMember({
    joined: (connection) => {
      const { pieceCount } = connection.payload;
      // One by one and all but the last: who has everything counts as a seed, and is no fetcher.
      for (let piece = 0; piece < pieceCount - 1; piece += 1) connection.machine.have(piece);
      if (unchokes) connection.machine.unchoke();
      connection.flush();
    },
    heard: (connection, event) => {
      if (event.type === 'request') answer(connection, event);
    },
  });
}

/** Announces a piece now and then, and never sends one: always some progress to be seen. */
export const announcesProgress: PeerScript = siteMember({
  joined: (connection) => {
    connection.machine.unchoke();
    connection.flush();
    let piece = 0;
    every(connection, 3_000, () => {
      if (piece < connection.payload.pieceCount - 1) connection.machine.have(piece);
      piece += 1;
      connection.flush();
    });
  },
});

/** More messages than anybody has reason to send. */
export const floods: PeerScript = siteMember({
  joined: (connection) => {
    every(connection, 10, () => {
      for (let count = 0; count < 20; count += 1) sayOfAll(connection, count % 2 === 0 ? 'hold' : 'release');
    });
  },
});

/** Messages of the extension that mean nothing. */
export const babbles: PeerScript = siteMember({
  joined: (connection) => {
    every(connection, 100, () => {
      connection.machine.extension(SITE_EXTENSION, connection.random.bytes(connection.random.integer(0, 40)));
      connection.flush();
    });
  },
});

/** A peer id whose name comes before nearly all others when it is decided who fetches this torrent. */
export function leadingPeerId(
  random: { bytes(count: number): Uint8Array },
  infoHash: Uint8Array,
): Uint8Array {
  const salt = nameOf(infoHash);
  let best = random.bytes(20);
  for (let tries = 0; tries < 4_000; tries += 1) {
    const id = random.bytes(20);
    if (score(nameOf(id), salt) > score(nameOf(best), salt)) best = id;
  }
  return best;
}

/** As docs/claims.md defines names and scores. */
function nameOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return mix(hash);
}

function score(name: number, key: number): number {
  return mix(name ^ mix(key + 0x9e37_79b9));
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
