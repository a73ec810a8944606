import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Payload } from '../../rig/payload.ts';
import type { Host } from '../../rig/private-network.ts';
import { Program } from '../../rig/program.ts';
import type { TorrentFile } from '../../rig/torrent.ts';
import { jsonLine } from '../../rig/peers/brine.ts';
import type { Behaviour, Witness } from './hand-made-peer.ts';

const PROGRAM = fileURLToPath(new URL('dist/hand-made-peer.js', import.meta.url));

/** A hand-made seeder at work, and what it has seen so far. */
export interface HandMade {
  readonly ip: string;
  readonly address: string;
  readonly program: Program;
  witnessed(): readonly Witness[];
}

/** What a hand-made seeder needs to know of a payload: the file that holds its bytes, and the torrent's words about it. */
type HandMadeTorrent = Pick<TorrentFile, 'infoHash' | 'pieceLength'>;

/** Starts a hand-made seeder of a single file and waits until it listens. */
export async function startHandMade(
  behaviour: Behaviour,
  host: Pick<Host, 'ip' | 'prefix'>,
  payload: Payload,
  torrent: HandMadeTorrent,
  bytesPerSecond: number,
): Promise<HandMade> {
  const about = [join(payload.directory, payload.name), torrent.infoHash, String(torrent.pieceLength)];
  const command = [process.execPath, PROGRAM, behaviour, ...about, `${host.ip}:0`, String(bytesPerSecond)];
  const program = new Program(`${behaviour} hand-made seeder ${host.ip}`, host, command);
  const ready = await program.line((line) => jsonLine(line)?.['event'] === 'ready', 'ready');
  const address = `${host.ip}:${String(jsonLine(ready.text)?.['port'])}`;
  return {
    ip: host.ip,
    address,
    program,
    witnessed: () =>
      program.lines.flatMap(({ text }) => {
        const line = jsonLine(text);
        return line === undefined ? [] : [line as unknown as Witness];
      }),
  };
}
