/**
 * What is known to be right, in a form that survives a crash at any instant.
 *
 *     8 bytes   "BRINERES"
 *     4         version
 *     4         length of the JSON that follows
 *     …         JSON: identity of the layout, session, whether we published it
 *     16 × n    for each file: length on disk (-1: none) and mtime in ms (NaN: not to be compared), as doubles
 *     …         bits `synced`, bits `written`
 *     20        SHA-1 of everything before
 *
 * All numbers little-endian. A record that is not exactly this, to the last byte, is no record: everything is hashed again.
 */
import { createHash } from 'node:crypto';
import type { PayloadLayout } from '../payload-layout.ts';

const MAGIC = 'BRINERES';
const VERSION = 1;
const HEADER_LENGTH = 16;
const CHECKSUM_LENGTH = 20;

/** The content of a record. */
export interface ResumeRecord {
  /** `open`: somebody was writing when this was recorded. `clean`: everything was closed in order. */
  readonly session: 'open' | 'clean';
  /** True when what stands at the destination was put there by us. */
  readonly ours: boolean;
  /** Two numbers a file, see above. */
  readonly facts: Float64Array;
  /** Pieces whose bytes were on stable storage before this was recorded. */
  readonly synced: Uint8Array;
  /** Pieces that were verified and written, but maybe only into the operating system's cache. */
  readonly written: Uint8Array;
}

export function encodeResumeRecord(id: string, layout: PayloadLayout, record: ResumeRecord): Uint8Array {
  const { session, ours, facts, synced, written } = record;
  const json = Buffer.from(JSON.stringify({ ...identity(id, layout), session, ours }));
  const header = Buffer.alloc(HEADER_LENGTH);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(json.length, 12);
  const numbers = Buffer.alloc(facts.byteLength);
  for (let index = 0; index < facts.length; index++) numbers.writeDoubleLE(facts[index]!, index * 8);
  const body = Buffer.concat([header, json, numbers, synced, written]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Undefined when the bytes are not a whole, undamaged record of this payload. */
export function decodeResumeRecord(
  id: string,
  layout: PayloadLayout,
  bytes: Uint8Array,
): ResumeRecord | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = all.length - CHECKSUM_LENGTH;
  if (end < HEADER_LENGTH || all.toString('latin1', 0, 8) !== MAGIC || all.readUInt32LE(8) !== VERSION)
    return undefined;
  const body = all.subarray(0, end);
  if (!createHash('sha1').update(body).digest().equals(all.subarray(end))) return undefined;
  const factsStart = HEADER_LENGTH + all.readUInt32LE(12);
  const bitsLength = Math.ceil(layout.pieceCount / 8);
  const syncedStart = factsStart + layout.files.length * 16;
  if (syncedStart + 2 * bitsLength !== end) return undefined;
  const { session, ours, ...recorded } = JSON.parse(all.toString('utf8', HEADER_LENGTH, factsStart)) as Pick<
    ResumeRecord,
    'session' | 'ours'
  >;
  if (JSON.stringify(recorded) !== JSON.stringify(identity(id, layout))) return undefined;
  const facts = new Float64Array(layout.files.length * 2);
  for (let index = 0; index < facts.length; index++) facts[index] = all.readDoubleLE(factsStart + index * 8);
  return {
    session,
    ours,
    facts,
    synced: all.subarray(syncedStart, syncedStart + bitsLength),
    written: all.subarray(syncedStart + bitsLength, end),
  };
}

function identity(id: string, layout: PayloadLayout): object {
  const { name, pieceLength, totalLength } = layout;
  return { id, name, pieceLength, totalLength, files: layout.files.length };
}
