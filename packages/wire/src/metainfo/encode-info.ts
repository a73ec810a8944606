import { type BencodeRecord, encodeBencode } from '../bencode/encode.ts';
import { WireError } from '../wire-error.ts';
import type { FileEntry } from './metainfo.ts';
import { parseInfo } from './parse-info.ts';

/** A file of a torrent to be created; `FileEntry` without what follows from the rest. */
export interface FileDraft {
  /** Components below the payload's root; `[name]` for a single file. A pad file's path is made up, whatever stands here. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  /** BEP 47 `p`. Default false, as for the flags below. */
  readonly padding?: boolean;
  /** BEP 47 `x`. */
  readonly executable?: boolean;
  /** BEP 47 `h`. */
  readonly hidden?: boolean;
  /** BEP 47 `l`: the link's target below the payload's root. */
  readonly symlink?: readonly string[];
}

/** What goes into a v1 info dictionary. An `Info` is one. */
export interface InfoDraft {
  /** Name of the file or folder. */
  readonly name: string;
  /** True when the payload is a folder. */
  readonly folder: boolean;
  /** Bytes per piece. */
  readonly pieceLength: number;
  /** Concatenated SHA-1 digests, 20 bytes a piece. */
  readonly pieceHashes: Uint8Array;
  /** In the order of the piece space. */
  readonly files: readonly FileDraft[];
  /** BEP 27. Default false. */
  readonly private?: boolean;
  /** Makes the same content another torrent: some trackers ask for their name here. Default: left out. */
  readonly source?: string;
}

/**
 * The bytes of a v1 info dictionary, BEP 3 and 47: the same draft always gives the same bytes, so the same info-hash.
 * Throws `WireError` `metainfo-invalid` when `parseInfo` would refuse the result, or would have to change a name to make it safe on
 * every platform: such a payload would not arrive as it is.
 */
export function encodeInfo(draft: InfoDraft): Uint8Array {
  const infoBytes = encodeBencode({
    ...(draft.folder ? { files: draft.files.map(fileRecord) } : singleFileFields(draft)),
    name: draft.name,
    'piece length': draft.pieceLength,
    pieces: draft.pieceHashes,
    private: draft.private === true ? 1 : undefined,
    source: draft.source,
  });
  const info = parseInfo(infoBytes);
  checkName([info.name], [draft.name]);
  for (const [index, file] of info.files.entries()) checkFile(file, draft.files[index]);
  return infoBytes;
}

function singleFileFields(draft: InfoDraft): BencodeRecord {
  const [file, ...more] = draft.files;
  if (file === undefined || more.length > 0) {
    throw new RangeError(`a payload that is no folder has one file, not ${draft.files.length}`);
  }
  return { length: file.length, attr: attributes({ ...file, padding: false }) };
}

function fileRecord(file: FileDraft): BencodeRecord {
  return {
    attr: attributes(file),
    length: file.length,
    path: file.padding === true ? ['.pad', String(file.length)] : file.path,
    'symlink path': file.symlink,
  };
}

function attributes(file: FileDraft): string | undefined {
  const flags = [
    file.executable === true ? 'x' : '',
    file.hidden === true ? 'h' : '',
    file.padding === true ? 'p' : '',
    file.symlink === undefined ? '' : 'l',
  ].join('');
  return flags === '' ? undefined : flags;
}

function checkFile(parsed: FileEntry, draft: FileDraft | undefined): void {
  if (draft === undefined || parsed.padding) return;
  checkName(parsed.path, draft.path);
  if (draft.symlink !== undefined) checkName(parsed.symlink ?? [], draft.symlink);
}

function checkName(parsed: readonly string[], draft: readonly string[]): void {
  if (parsed.length === draft.length && parsed.every((part, index) => part === draft[index])) return;
  throw new WireError(
    'metainfo-invalid',
    `${JSON.stringify(draft.join('/'))} cannot have this name on every platform; ` +
      `rename it, for example to ${JSON.stringify(parsed.join('/'))}, and create the torrent again`,
  );
}
