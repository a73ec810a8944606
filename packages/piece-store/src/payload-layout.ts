/** A file of a payload as the store needs it. */
export interface LayoutFile {
  /** Safe components below the payload's root; `[name]` for a single file. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  /** Where the file starts in the payload, bytes. Files are contiguous and in order. */
  readonly offset: number;
  /** Never on disk; reads as zeros (BEP 47). */
  readonly padding: boolean;
  readonly executable: boolean;
  readonly hidden: boolean;
  /** A symbolic link's target as components below the payload's root; such a file has length 0. */
  readonly symlink?: readonly string[];
}

/** What is to be stored: the pieces and how they lie in files. Structurally the info dictionary that `@brine/wire` parses. */
export interface PayloadLayout {
  /** Name of the file or folder. */
  readonly name: string;
  /** True when the payload is a folder. */
  readonly folder: boolean;
  /** Bytes; the last piece may be shorter. */
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly totalLength: number;
  /** Concatenated SHA-1 digests, 20 bytes a piece. */
  readonly pieceHashes: Uint8Array;
  readonly files: readonly LayoutFile[];
}
