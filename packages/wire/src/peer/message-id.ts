/** Ids of the peer protocol's messages: BEP 3, BEP 5 (`dhtPort`), BEP 6 (13–17), BEP 10 (20), BEP 52 (21–23). */
export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  dhtPort: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
} as const;

/** Messages without a body. */
export type SignalId =
  | typeof MessageId.choke
  | typeof MessageId.unchoke
  | typeof MessageId.interested
  | typeof MessageId.notInterested
  | typeof MessageId.haveAll
  | typeof MessageId.haveNone;

/** Messages whose body is a piece index. */
export type PieceMessageId = typeof MessageId.have | typeof MessageId.suggest | typeof MessageId.allowedFast;

/** Messages whose body is a piece index, where the block begins in it, and the block's length. */
export type BlockMessageId = typeof MessageId.request | typeof MessageId.cancel | typeof MessageId.reject;
