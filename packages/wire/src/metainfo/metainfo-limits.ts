import type { BencodeLimits } from '../bencode/bencode-value.ts';

/** Bytes in a piece. Real torrents end at 128 MiB; any length from 1 on is accepted, powers of two or not, as libtorrent does. */
export const PIECE_LENGTH_MAX: number = 256 * 1024 * 1024;
/** Pieces in a torrent: 64 GiB of the smallest usual pieces (16 KiB), 4 TiB of the usual 1 MiB. */
export const PIECE_COUNT_MAX: number = 4 * 1024 * 1024;
/** Entries in a file list, pad files included. */
export const FILE_COUNT_MAX = 1_000_000;

/** Enough for that many files with long paths and that many pieces; the tape of all these tokens takes 120 MB. */
export const METAINFO_LIMITS: BencodeLimits = {
  bytesMax: 256 * 1024 * 1024,
  depthMax: 100,
  tokensMax: 10_000_000,
};
