import type { PayloadDetails, PeerView, Traffic } from '@brine/control-http';

import type { Stage } from './staged-service.ts';

const NONE = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };
const NOTHING: Traffic = { site: NONE, near: NONE, wan: NONE };
const MB = 1_000_000;
const GB: number = 1_000 * MB;

/** A site in the middle of a rollout, with something of everything. */
export function busyStage(): Stage {
  return {
    payloads: [
      makePayload('cad-suite-2026.2', {
        percent: 64.21,
        bytesTotal: 12.4 * GB,
        downBytesPerSecond: 11.2 * MB,
        upBytesPerSecond: 6.4 * MB,
        etaSeconds: 396,
        traffic: {
          site: { ...NONE, downloadedBytes: 6.9 * GB, uploadedBytes: 3.1 * GB },
          near: NONE,
          wan: { ...NONE, downloadedBytes: 1.1 * GB, uploadedBytes: 0.2 * GB },
        },
        connections: PEERS,
      }),
      makePayload('maps-europe-q4', {
        percent: 100,
        bytesTotal: 38.6 * GB,
        upBytesPerSecond: 2.1 * MB,
        phase: 'seeding',
        complete: true,
      }),
      makePayload('office-fonts', { percent: 100, bytesTotal: 214 * MB, phase: 'seeding', complete: true }),
      makePayload('point-clouds-north', {
        percent: 31.9,
        bytesTotal: 96 * GB,
        phase: 'waiting',
        error: {
          code: 'disk-full',
          message: 'The disk of /srv/payloads is full: 16 MiB are wanted, 3 MiB are free.',
          wayOut: 'Free some space; the transfer goes on by itself.',
        },
      }),
      makePayload('rescue-image', {
        percent: 12.5,
        bytesTotal: 4.1 * GB,
        phase: 'checking',
        checkedPercent: 71.3,
      }),
      makePayload('training-videos', {
        percent: 48,
        bytesTotal: 21 * GB,
        phase: 'paused',
        peers: 0,
        connections: [],
      }),
      makePayload('translations', {
        percent: 0,
        bytesTotal: 0,
        phase: 'resolving',
        peers: 0,
        connections: [],
      }),
    ],
    traffic: {
      site: {
        downloadedBytes: 41.3 * GB,
        uploadedBytes: 18.2 * GB,
        downBytesPerSecond: 9.8 * MB,
        upBytesPerSecond: 8.1 * MB,
      },
      near: NONE,
      wan: {
        downloadedBytes: 6.4 * GB,
        uploadedBytes: 1.2 * GB,
        downBytesPerSecond: 1.4 * MB,
        upBytesPerSecond: 0.4 * MB,
      },
    },
    limits: {
      outside: {
        downBytesPerSecond: {
          windows: [
            {
              days: ['mon', 'tue', 'wed', 'thu', 'fri'],
              from: '08:00',
              to: '18:00',
              bytesPerSecond: 250_000,
            },
          ],
          otherwise: 2_500_000,
          timeZone: 'Europe/Berlin',
        },
        upBytesPerSecond: 625_000,
      },
    },
    site: { label: 'de/muc', members: 11, fetching: ['cad-suite-2026.2'] },
  };
}

export function emptyStage(): Stage {
  return { payloads: [], traffic: NOTHING, limits: {}, site: { label: 'de/muc', members: 0, fetching: [] } };
}

/** So many payloads, of which some are at work. */
export function crowdedStage(count: number): Stage {
  const payloads = Array.from({ length: count }, (_, at) =>
    at % 20 === 0
      ? makePayload(`package-${String(at).padStart(4, '0')}`, {
          percent: (at * 7) % 100,
          downBytesPerSecond: at * 1_000,
        })
      : makePayload(`package-${String(at).padStart(4, '0')}`, {
          percent: 100,
          phase: 'seeding',
          complete: true,
          downBytesPerSecond: 0,
        }),
  );
  return { ...busyStage(), payloads };
}

function makePayload(name: string, part: Partial<PayloadDetails>): PayloadDetails {
  const { percent = 0, bytesTotal = 480 * MB, connections = PEERS.slice(0, 3) } = part;
  const pieceBytes = 4 * 2 ** 20;
  const count = Math.ceil(bytesTotal / pieceBytes);
  const verified = Math.floor((count * percent) / 100);
  return {
    name,
    infohash: Buffer.from(name.padEnd(20, '.').slice(0, 20)).toString('hex'),
    path: `/srv/payloads/${name}`,
    mode: 'download',
    phase: 'downloading',
    complete: false,
    percent,
    bytesDone: Math.floor((bytesTotal * percent) / 100),
    bytesTotal,
    downBytesPerSecond: 0,
    upBytesPerSecond: 0,
    traffic: NOTHING,
    peers: connections.length,
    peersSending: connections.filter(({ downBytesPerSecond }) => downBytesPerSecond > 0).length,
    peersReceiving: connections.filter(({ upBytesPerSecond }) => upBytesPerSecond > 0).length,
    limits: {},
    orderedAt: '2026-11-24T06:02:11.000Z',
    files:
      bytesTotal === 0
        ? []
        : [
            {
              path: `${name}/data.img`,
              bytes: bytesTotal - 2_200,
              bytesDone: Math.floor(((bytesTotal - 2_200) * percent) / 100),
            },
            { path: `${name}/README.txt`, bytes: 2_200, bytesDone: percent > 10 ? 2_200 : 0 },
          ],
    private: false,
    fileCount: bytesTotal === 0 ? 0 : 2,
    pieces: { count, verified, bytes: pieceBytes, ...(count === 0 ? {} : { map: mapOf(count, verified) }) },
    connections,
    trackers: [
      {
        url: 'http://tracker.example:6969/announce',
        tier: 0,
        status: 'working',
        seeders: 2,
        leechers: 37,
        nextAnnounceSeconds: 1_140,
      },
    ],
    ...part,
  };
}

/** As pieces come from a site and from the line: most from the front, some from the back, some in between. */
function mapOf(count: number, verified: number): string {
  const bits = new Uint8Array(Math.ceil(count / 8));
  const order = Array.from({ length: count }, (_, piece) => piece).sort(
    (a, b) => weight(a, count) - weight(b, count),
  );
  for (const piece of order.slice(0, verified)) bits[piece >> 3]! |= 0x80 >> (piece & 7);
  return Buffer.from(bits).toString('base64');
}

function weight(piece: number, count: number): number {
  const scatter = ((Math.imul(piece + 1, 2_654_435_761) >>> 0) / 2 ** 32) * 0.7 * count;
  return (piece % 5 === 0 ? count - piece : piece) + scatter;
}

const FLAGS = {
  outgoing: true,
  amInterested: true,
  amChoking: false,
  peerInterested: true,
  peerChoking: false,
};

function peer(address: string, part: Partial<PeerView>): PeerView {
  return {
    address,
    client: 'Brine 0.1.0',
    class: 'site',
    percent: 64,
    downBytesPerSecond: 0,
    upBytesPerSecond: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    ...FLAGS,
    ...part,
  };
}

const PEERS: readonly PeerView[] = [
  peer('10.20.4.11:6881', {
    site: 'de/muc',
    percent: 71.4,
    downBytesPerSecond: 4.1 * MB,
    upBytesPerSecond: 2.2 * MB,
    downloadedBytes: 2.6 * GB,
    uploadedBytes: 1.3 * GB,
  }),
  peer('10.20.4.12:6881', {
    site: 'de/muc',
    percent: 58.2,
    downBytesPerSecond: 3.3 * MB,
    upBytesPerSecond: 3.1 * MB,
    downloadedBytes: 2.3 * GB,
    uploadedBytes: 1.1 * GB,
  }),
  peer('10.20.4.40:6881', {
    site: 'de/muc',
    percent: 66,
    downBytesPerSecond: 2.4 * MB,
    upBytesPerSecond: 0.9 * MB,
    downloadedBytes: 2.0 * GB,
    uploadedBytes: 0.7 * GB,
  }),
  peer('10.28.1.7:6881', { site: 'de/nue', class: 'near', percent: 40.5, downloadedBytes: 0.1 * GB }),
  peer('10.1.0.5:6881', {
    site: 'hq',
    class: 'wan',
    percent: 100,
    downBytesPerSecond: 1.2 * MB,
    downloadedBytes: 0.9 * GB,
  }),
  peer('10.77.3.21:6881', {
    site: 'fr/lyo',
    class: 'wan',
    percent: 35.7,
    downBytesPerSecond: 0.2 * MB,
    upBytesPerSecond: 0.4 * MB,
    downloadedBytes: 0.1 * GB,
    uploadedBytes: 0.2 * GB,
  }),
  peer('203.0.113.9:51413', { class: 'wan', client: 'Transmission 3.00', percent: 22.1 }),
];
