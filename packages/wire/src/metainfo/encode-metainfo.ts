import { type BencodeRecord, encodeBencode } from '../bencode/encode.ts';
import { utf8Bytes } from '../text.ts';

/** What goes into a `.torrent` file. A `Metainfo` is one. */
export interface MetainfoDraft {
  /** The info dictionary, from `encodeInfo` or as a peer sent it (BEP 9); its bytes go in untouched, so the info-hash stays. */
  readonly infoBytes: Uint8Array;
  /** Tiers of tracker URLs, BEP 12. Default: none. */
  readonly trackers?: readonly (readonly string[])[];
  /** HTTP(S) seeds, BEP 19. Default: none. */
  readonly webSeeds?: readonly string[];
  readonly comment?: string;
  readonly createdBy?: string;
  /** Seconds since 1970. Default: left out, so that the same draft always gives the same file. */
  readonly creationDate?: number;
}

/** The bytes of a `.torrent` file, BEP 3, 12 and 19: deterministic, keys in order. */
export function encodeMetainfo(draft: MetainfoDraft): Uint8Array {
  const tiers = (draft.trackers ?? []).filter((tier) => tier.length > 0);
  const urls = tiers.flat();
  const before: BencodeRecord = {
    announce: urls[0],
    // A single tracker needs no list, and the oldest clients read none.
    'announce-list': urls.length > 1 ? tiers : undefined,
    comment: draft.comment,
    'created by': draft.createdBy,
    'creation date': draft.creationDate,
  };
  const webSeeds = draft.webSeeds ?? [];
  const after: BencodeRecord = { 'url-list': webSeeds.length > 0 ? webSeeds : undefined };
  // `info` stands between the two in the order of keys, verbatim: encoding it again could change a foreign dictionary.
  return joined([
    encodeBencode(before).subarray(0, -1),
    utf8Bytes('4:info'),
    draft.infoBytes,
    encodeBencode(after).subarray(1),
  ]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
