import { createHash } from 'node:crypto';

import type { Metainfo } from '@brine/wire';
import { parseMetainfo } from '@brine/wire';

import { invalidTorrentFile } from './torrent-input.ts';

/** Parses a `.torrent` file's bytes; `file` names it in the message. Throws `CommandError` `input-invalid`. */
export function parseTorrentFile(file: string, bytes: Uint8Array): Metainfo {
  try {
    return parseMetainfo(bytes, { sha1 });
  } catch (error) {
    throw invalidTorrentFile(file, error);
  }
}

/** SHA-1 as `@brine/wire` wants it. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}
