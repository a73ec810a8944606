import { createHash } from 'node:crypto';
import { type BencodeInput, encodeBencode } from '../src/bencode/encode.ts';
import { parseMetainfo } from '../src/metainfo/parse-metainfo.ts';
import type { Metainfo } from '../src/metainfo/metainfo.ts';
import { WireError } from '../src/wire-error.ts';

/** Fields of a dictionary; undefined leaves one out. */
export type Fields = Record<string, BencodeInput | undefined>;

/** An info dictionary of one file of 40 bytes in pieces of 16, changed by `fields`. */
export function singleInfo(fields: Fields = {}): Fields {
  return { length: 40, name: 'file.bin', 'piece length': 16, pieces: new Uint8Array(60).fill(7), ...fields };
}

/** An info dictionary of a folder with these entries; `pieces` fits their lengths. */
export function folderInfo(files: readonly Fields[], fields: Fields = {}): Fields {
  const total = files.reduce((sum, { length }) => sum + (typeof length === 'number' ? length : 0), 0);
  const pieces = new Uint8Array(20 * Math.min(1000, Math.max(0, Math.ceil(total / 16))));
  return { files, name: 'folder', 'piece length': 16, pieces, ...fields };
}

/** A folder whose files have these paths and one byte each. */
export function folderOf(...paths: readonly (readonly string[])[]): Fields {
  return folderInfo(paths.map((path) => ({ length: 1, path })));
}

/** Parses a torrent of this info dictionary and these other fields. */
export function parsed(info: BencodeInput, fields: Fields = {}): Metainfo {
  return parseMetainfo(encodeBencode({ info, ...fields }), { sha1 });
}

/** Paths of the parsed files, joined. */
export function pathsOf(info: BencodeInput): string[] {
  return parsed(info).info.files.map((file) => file.path.join('/'));
}

/** Code and message of the error that `run` throws, or `no error`. Anything but a `WireError` goes on. */
export function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

export function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}
