import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

import { encodeBencode } from '@brine/wire';
import type { BencodeInput } from '@brine/wire';

/** A torrent made here, independently of the code that is measured. */
export interface BenchTorrent {
  readonly bytes: Uint8Array;
  /** The same before encoding. */
  readonly content: BencodeInput;
  /** SHA-1 of the info dictionary. */
  readonly infoHash: Uint8Array;
}

/** A torrent of one file on disk, hashed on this thread. */
export async function torrentOfFile(path: string, name: string, pieceLength: number): Promise<BenchTorrent> {
  const hashes: Uint8Array[] = [];
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const piece = Buffer.alloc(pieceLength);
    for (let at = 0; at < size; at += pieceLength) {
      const { bytesRead } = await file.read(piece, 0, pieceLength, at);
      hashes.push(createHash('sha1').update(piece.subarray(0, bytesRead)).digest());
    }
    return finish({ name, length: size, 'piece length': pieceLength, pieces: Buffer.concat(hashes) });
  } finally {
    await file.close();
  }
}

/** A torrent of one file of zeros, which need not exist: every piece has the same hash. */
export function torrentOfZeros(name: string, pieceCount: number, pieceLength: number): BenchTorrent {
  const hash = createHash('sha1').update(new Uint8Array(pieceLength)).digest();
  const pieces = Buffer.concat(Array.from({ length: pieceCount }, () => hash));
  return finish({ name, length: pieceCount * pieceLength, 'piece length': pieceLength, pieces });
}

/** A torrent of many small files in nested folders, nothing of which exists. */
export function torrentOfManyFiles(fileCount: number): BenchTorrent {
  const files = Array.from({ length: fileCount }, (_, i) => ({
    length: 1000 + i,
    path: [`folder ${i % 100}`, `a file of a package ${i}.js`],
  }));
  const total = files.reduce((sum, { length }) => sum + length, 0);
  const pieceLength = 262_144;
  const pieces = Buffer.alloc(20 * Math.ceil(total / pieceLength), 7);
  return finish({ name: 'many', files, 'piece length': pieceLength, pieces });
}

function finish(info: BencodeInput): BenchTorrent {
  const content = { info };
  const infoHash = createHash('sha1').update(encodeBencode(info)).digest();
  return { bytes: encodeBencode(content), content, infoHash };
}
