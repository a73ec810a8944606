/** The names of a torrent's swarms: SHA-1 of the info dictionary's bytes (v1, 20 bytes), SHA-256 of them (v2, 32 bytes). */
export interface InfoHashes {
  readonly v1?: Uint8Array;
  readonly v2?: Uint8Array;
}

/** One file of a payload, in the order of the piece space. */
export interface FileEntry {
  /** Safe on every platform: validated components below the payload's root, never empty, never `..`. For a single-file torrent: `[name]`. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  /** Where the file starts in the payload, bytes. */
  readonly offset: number;
  /** BEP 47 `p`: filler between files, never written to disk, reads as zeros. */
  readonly padding: boolean;
  /** BEP 47 `x`. */
  readonly executable: boolean;
  /** BEP 47 `h`. */
  readonly hidden: boolean;
  /** BEP 47 `l`: the link's target, as components below the payload's root. */
  readonly symlink?: readonly string[];
}

/** A validated v1 info dictionary. v2 fields (BEP 52) will stand beside, not instead of, these. */
export interface Info {
  /** Name of the file, or of the folder; safe as one path component. */
  readonly name: string;
  /** True when the payload is a folder (`files` in the dictionary), also if it holds a single file. */
  readonly folder: boolean;
  /** Bytes per piece; the last piece may be shorter. */
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly totalLength: number;
  /** Concatenated SHA-1 digests, 20 bytes a piece. */
  readonly pieceHashes: Uint8Array;
  readonly files: readonly FileEntry[];
  /** BEP 27: peers come from trackers (and an administrator) only. */
  readonly private: boolean;
}

/** A parsed `.torrent` file. */
export interface Metainfo {
  readonly infoHashes: InfoHashes;
  readonly info: Info;
  /** The exact bytes of the info dictionary as they stood in the source; what BEP 9 serves. */
  readonly infoBytes: Uint8Array;
  /** Tiers of tracker URLs, BEP 12; the single `announce` is a tier of its own when no list is given. */
  readonly trackers: readonly (readonly string[])[];
  /** HTTP(S) seeds, BEP 19 `url-list`. */
  readonly webSeeds: readonly string[];
  readonly comment?: string;
  readonly createdBy?: string;
  /** Seconds since 1970. */
  readonly creationDate?: number;
}
