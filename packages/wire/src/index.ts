export type { PeerAddress } from './address.ts';
export type { BencodeDictionary, BencodeLimits, BencodeSpan, BencodeValue } from './bencode/bencode-value.ts';
export { decodeBencode, decodeBencodePrefix, isDictionary } from './bencode/decode.ts';
export type { BencodePrefix } from './bencode/decode.ts';
export { encodeBencode } from './bencode/encode.ts';
export type { BencodeInput, BencodeRecord } from './bencode/encode.ts';
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
export { equalBytes } from './equal-bytes.ts';
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
export { PeerProtocol } from './peer/peer-protocol.ts';
export type { PeerProtocolOptions } from './peer/peer-protocol.ts';
export type { ExtendedHandshakeFields } from './peer/extended-handshake.ts';
export { allowedFastSet } from './peer/allowed-fast.ts';
export { bitfieldLength, checkBitfield, isInsidePiece, pieceSize } from './peer/geometry.ts';
export type { Geometry } from './peer/geometry.ts';
export { BLOCK_LENGTH_MAX } from './peer/message-reader.ts';
export { completeBitfieldMessage, PIECE_HEADER_LENGTH, writePieceHeader } from './peer/message-writer.ts';
export {
  CLAIMED_PIECES_MAX,
  SITE_EXTENSION,
  decodeSiteMessage,
  encodeSiteMessage,
} from './peer/site-messages.ts';
export type { SiteMessage, SiteStatus } from './peer/site-messages.ts';
export { METADATA_PIECE_LENGTH, METADATA_SIZE_MAX } from './peer/ut-metadata.ts';
export { TRACKER_PEERS_MAX, TrackerFailure } from './tracker/announce.ts';
export type { AnnounceEvent, AnnounceRequest, AnnounceResponse, ScrapeEntry } from './tracker/announce.ts';
export { announceUrl, scrapeUrl } from './tracker/http-request.ts';
export { parseAnnounceResponse, parseScrapeResponse } from './tracker/http-response.ts';
export { UdpTrackerExchange } from './tracker/udp-exchange.ts';
export type {
  UdpConnection,
  UdpTrackerEvent,
  UdpTrackerExchangeOptions,
  UdpTrackerQuestion,
} from './tracker/udp-exchange.ts';
export { UDP_SCRAPE_MAX } from './tracker/udp-packet.ts';
export {
  decodeLsdAnnounce,
  encodeLsdAnnounce,
  LSD_GROUPS,
  LSD_INFO_HASHES_MAX,
  LSD_PORT,
} from './local/lsd.ts';
export type { LsdAnnounce } from './local/lsd.ts';
export { clientName, makePeerId, PEER_ID_LENGTH } from './client-id.ts';
export { bytesOfHex, hexOf } from './hex.ts';
export { formatMagnet, parseMagnet } from './magnet.ts';
export type { FileRange, Magnet } from './magnet.ts';
export { encodeInfo } from './metainfo/encode-info.ts';
export type { FileDraft, InfoDraft } from './metainfo/encode-info.ts';
export { encodeMetainfo } from './metainfo/encode-metainfo.ts';
export type { MetainfoDraft } from './metainfo/encode-metainfo.ts';
export { PIECE_COUNT_MAX, PIECE_LENGTH_MAX } from './metainfo/metainfo-limits.ts';
export { parseInfo } from './metainfo/parse-info.ts';
export { parseMetainfo } from './metainfo/parse-metainfo.ts';
export type { ParseMetainfoOptions } from './metainfo/parse-metainfo.ts';
export { safeComponent } from './metainfo/safe-path.ts';
export { peerPriority } from './peer-priority.ts';
