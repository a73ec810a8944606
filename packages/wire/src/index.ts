export type { PeerAddress } from './address.ts';
export {
  bytesOfIp,
  COMPACT4_LENGTH,
  COMPACT6_LENGTH,
  decodeCompact4,
  decodeCompact6,
  encodeCompact,
  ipOfBytes,
  normalizeIp,
} from './compact-address.ts';
export type { Digest } from './digest.ts';
export { WireError } from './wire-error.ts';
export type { WireErrorCode } from './wire-error.ts';
export type { FileEntry, Info, InfoHashes, Metainfo } from './metainfo/metainfo.ts';
export type {
  BlockFragment,
  ExtendedHandshake,
  HandshakeFeatures,
  PeerEvent,
  PexPeer,
} from './peer/peer-event.ts';
