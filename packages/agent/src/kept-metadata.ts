import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Magnet, Metainfo } from '@brine/wire';
import { encodeMetainfo, hexOf, parseMetainfo } from '@brine/wire';

import { sha1 } from './torrent-file.ts';

/**
 * What a magnet link led to, kept as a `.torrent` file beside the resume data: a command that is started again goes on at once,
 * also when nobody who could send the metadata is there.
 */
export class KeptMetadata {
  readonly #directory: string;
  readonly #magnet: Magnet;
  readonly #id: string;

  /** `directory`: where resume data is. */
  constructor(directory: string, magnet: Magnet) {
    this.#directory = directory;
    this.#magnet = magnet;
    this.#id = hexOf(magnet.infoHashes.v1 ?? new Uint8Array());
  }

  /** The kept file's bytes and meaning; undefined when there is none that fits. */
  async read(): Promise<{ readonly bytes: Uint8Array; readonly metainfo: Metainfo } | undefined> {
    try {
      const bytes = await readFile(this.#file);
      const metainfo = parseMetainfo(bytes, { sha1 });
      return hexOf(metainfo.infoHashes.v1 ?? new Uint8Array()) === this.#id ? { bytes, metainfo } : undefined;
    } catch {
      // Absent or damaged: peers are asked again.
      return undefined;
    }
  }

  /** Keeps what peers sent and the engine verified. Replaces the file as a whole. */
  async write(infoBytes: Uint8Array): Promise<void> {
    const { trackers, webSeeds } = this.#magnet;
    const bytes = encodeMetainfo({ infoBytes, trackers: trackers.map((url) => [url]), webSeeds });
    await mkdir(this.#directory, { recursive: true });
    await writeFile(`${this.#file}.tmp`, bytes);
    await rename(`${this.#file}.tmp`, this.#file);
  }

  get #file(): string {
    return join(this.#directory, `${this.#id}.torrent`);
  }
}
