import type { PeerAddress } from '../address.ts';
import { WireError } from '../wire-error.ts';
import { readUint32, writeUint32 } from '../big-endian.ts';
import { equalBytes } from '../equal-bytes.ts';
import type { ExtendedHandshakeFields } from './extended-handshake.ts';
import { ExtensionMessages } from './extension-messages.ts';
import type { Geometry } from './geometry.ts';
import {
  HANDSHAKE_LENGTH,
  NO_FEATURES,
  checkProtocol,
  commonFeatures,
  decodeHandshake,
  encodeHandshake,
} from './handshake.ts';
import { MessageId } from './message-id.ts';
import { holdsViews, isKnown, neededBytes, readBlockHeader, readMessage } from './message-reader.ts';
import type { BlockHeader, ReadingRules } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import type { HandshakeFeatures, PeerEvent, PexPeer } from './peer-event.ts';
import { Residue } from './residue.ts';
import { encodeMetadataDataHead, encodeMetadataReject, encodeMetadataRequest } from './ut-metadata.ts';
import { encodePex } from './ut-pex.ts';

export interface PeerProtocolOptions {
  /** True when we dialled. */
  readonly initiator: boolean;
  /** Ours, 20 bytes. */
  readonly peerId: Uint8Array;
  /** The torrent's name, 20 bytes. An initiator must have it; an acceptor learns it from the remote and is bound later. */
  readonly infoHash?: Uint8Array;
  /** Absent while the metadata is unknown (magnet). */
  readonly geometry?: Geometry;
  /** Names of further BEP 10 extensions whose messages are wanted as `extension` events. Default: none. */
  readonly extensions?: readonly string[];
  /** Whether to announce a DHT node (BEP 5). Default: false, because private torrents must not. */
  readonly dht?: boolean;
}

/** Where the machine stands in the remote's byte stream. */
type State =
  | { readonly name: 'handshake' }
  /** The remote has named its torrent; what follows is kept until `bind`. */
  | { readonly name: 'unbound' }
  /** At the start of a message, or within one whose beginning lies in the residue. */
  | { readonly name: 'messages' }
  | { readonly name: 'block'; readonly header: BlockHeader; readonly offset: number }
  /** Within a message that nobody reads. */
  | { readonly name: 'skip'; readonly left: number }
  | { readonly name: 'closed' };

const EMPTY = new Uint8Array(0);
const KEEP_ALIVE = new Uint8Array(4);
/** A remote that has not seen our handshake yet has at most its bitfield and an extended handshake to say. */
const PENDING_MAX = 256 * 1024;

/**
 * One connection of the peer protocol (BEP 3, 6, 9, 10, 11, 21, 54), without I/O: bytes in, events out; commands in, bytes out.
 *
 * `receive` parses in place. The payload of a block is never copied or kept: it is passed on in fragments, as the chunks
 * bring it. Any other message that a chunk border cuts is gathered in one small buffer. Every announced length is checked
 * before anything is gathered for it, so memory per connection is bounded by the largest legal message.
 */
export class PeerProtocol {
  readonly #options: PeerProtocolOptions;
  readonly #outbox = new MessageWriter();
  readonly #extensions: ExtensionMessages;
  readonly #residue = new Residue();
  #state: State = { name: 'handshake' };
  #infoHash: Uint8Array | undefined;
  #rules: ReadingRules;
  #pending: Uint8Array = EMPTY;

  constructor(options: PeerProtocolOptions) {
    this.#options = options;
    this.#infoHash = options.infoHash;
    this.#rules = { features: NO_FEATURES, geometry: options.geometry };
    this.#extensions = new ExtensionMessages(options.extensions ?? []);
  }

  /** What both sides support; nothing before the remote's handshake. */
  get features(): HandshakeFeatures {
    return this.#rules.features;
  }

  /**
   * Reads what the remote sent. Never throws for the remote's bytes: a breach is the last event, `violation`, and everything
   * after it is ignored. Views in events are valid until the next call and as long as the caller leaves `chunk` alone.
   */
  receive(chunk: Uint8Array): readonly PeerEvent[] {
    const events: PeerEvent[] = [];
    try {
      if (this.#pending.length > 0 && this.#state.name !== 'unbound') {
        const pending = this.#pending;
        this.#pending = EMPTY;
        this.#read(pending, events);
      }
      this.#read(chunk, events);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#close();
      events.push({ type: 'violation', error });
    }
    return events;
  }

  /** Acceptor, after the `handshake` event: names the torrent by 20 bytes that are kept, so a view must outlive this. `receive(new Uint8Array(0))` then yields what followed the handshake. */
  bind(torrent: { readonly infoHash: Uint8Array; readonly geometry?: Geometry }): void {
    this.#infoHash = torrent.infoHash;
    if (torrent.geometry !== undefined) this.setGeometry(torrent.geometry);
    if (this.#state.name === 'unbound') this.#state = { name: 'messages' };
  }

  /** The metadata has arrived: from here on every index is checked against it. */
  setGeometry(geometry: Geometry): void {
    this.#rules = { ...this.#rules, geometry };
  }

  /** Sends our handshake. Throws when no info-hash is known yet: an acceptor is bound first. */
  handshake(): void {
    if (this.#infoHash === undefined)
      throw new Error('a handshake needs an info-hash: bind the machine first');
    this.#outbox.raw(encodeHandshake(this.#infoHash, this.#options.peerId, this.#ownFeatures()));
  }

  keepAlive(): void {
    this.#outbox.raw(KEEP_ALIVE);
  }

  choke(): void {
    this.#outbox.signal(MessageId.choke);
  }

  unchoke(): void {
    this.#outbox.signal(MessageId.unchoke);
  }

  interested(): void {
    this.#outbox.signal(MessageId.interested);
  }

  notInterested(): void {
    this.#outbox.signal(MessageId.notInterested);
  }

  have(piece: number): void {
    this.#outbox.piece(MessageId.have, piece);
  }

  /** `bits` in BEP 3 order, ⌈pieceCount / 8⌉ bytes, spare bits zero. */
  bitfield(bits: Uint8Array): void {
    this.#outbox.bitfield(bits);
  }

  /** Only with `features.fast`, as the four below. */
  haveAll(): void {
    this.#outbox.signal(MessageId.haveAll);
  }

  haveNone(): void {
    this.#outbox.signal(MessageId.haveNone);
  }

  suggest(piece: number): void {
    this.#outbox.piece(MessageId.suggest, piece);
  }

  allowedFast(piece: number): void {
    this.#outbox.piece(MessageId.allowedFast, piece);
  }

  reject(piece: number, begin: number, length: number): void {
    this.#outbox.block(MessageId.reject, piece, begin, length);
  }

  request(piece: number, begin: number, length: number): void {
    this.#outbox.block(MessageId.request, piece, begin, length);
  }

  cancel(piece: number, begin: number, length: number): void {
    this.#outbox.block(MessageId.cancel, piece, begin, length);
  }

  /** BEP 5; only with `features.dht`. */
  dhtPort(port: number): void {
    this.#outbox.dhtPort(port);
  }

  /** Sends an extended handshake, or a further one to change what the first said. False, and nothing sent, without `features.extended`. */
  extendedHandshake(fields: ExtendedHandshakeFields): boolean {
    if (!this.features.extended) return false;
    this.#outbox.extended(0, this.#extensions.encodeHandshake(fields));
    return true;
  }

  /** This and the following return false, and send nothing, when the remote does not offer the extension. */
  metadataRequest(piece: number): boolean {
    return this.extension('ut_metadata', encodeMetadataRequest(piece));
  }

  /** `bytes` of metadata piece `piece`; `totalSize` of the whole info dictionary. */
  metadataData(piece: number, totalSize: number, bytes: Uint8Array): boolean {
    return this.#sendExtension('ut_metadata', encodeMetadataDataHead(piece, totalSize), bytes);
  }

  metadataReject(piece: number): boolean {
    return this.extension('ut_metadata', encodeMetadataReject(piece));
  }

  pex(added: readonly PexPeer[], dropped: readonly PeerAddress[]): boolean {
    return this.extension('ut_pex', encodePex(added, dropped));
  }

  uploadOnly(uploadOnly: boolean): boolean {
    return this.extension('upload_only', Uint8Array.of(uploadOnly ? 1 : 0));
  }

  dontHave(piece: number): boolean {
    const payload = new Uint8Array(4);
    writeUint32(payload, 0, piece);
    return this.extension('lt_donthave', payload);
  }

  /** Sends a message of any extension by its name. */
  extension(name: string, payload: Uint8Array): boolean {
    return this.#sendExtension(name, payload, EMPTY);
  }

  /** Everything commanded since the last take, undefined when nothing was; the caller owns the bytes. */
  takeOutput(): Uint8Array | undefined {
    return this.#outbox.take();
  }

  #sendExtension(name: string, payload: Uint8Array, rest: Uint8Array): boolean {
    const id = this.#extensions.remoteId(name);
    if (id === undefined) return false;
    this.#outbox.extended(id, payload, rest);
    return true;
  }

  #ownFeatures(): HandshakeFeatures {
    return { fast: true, extended: true, dht: this.#options.dht ?? false, v2: false };
  }

  #read(chunk: Uint8Array, events: PeerEvent[]): void {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at, events);
  }

  /** Reads from `at` as far as one state reaches; returns where it stopped. */
  // oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive, the compiler checks it
  #step(chunk: Uint8Array, at: number, events: PeerEvent[]): number {
    const state = this.#state;
    switch (state.name) {
      case 'handshake':
        return this.#readHandshake(chunk, at, events);
      case 'unbound':
        return this.#keepPending(chunk, at);
      case 'messages':
        return this.#residue.length > 0
          ? this.#readCutMessage(chunk, at, events)
          : this.#readMessages(chunk, at, events);
      case 'block':
        return this.#readBlock(state.header, state.offset, chunk, at, events);
      case 'skip': {
        const skipped = Math.min(state.left, chunk.length - at);
        this.#state =
          skipped === state.left ? { name: 'messages' } : { name: 'skip', left: state.left - skipped };
        return at + skipped;
      }
      case 'closed':
        return chunk.length;
    }
  }

  #readHandshake(chunk: Uint8Array, start: number, events: PeerEvent[]): number {
    const at = this.#residue.gather(chunk, start, HANDSHAKE_LENGTH);
    checkProtocol(this.#residue.bytes);
    if (this.#residue.length < HANDSHAKE_LENGTH) return at;
    const { infoHash, peerId, features } = decodeHandshake(this.#residue.release());
    if (this.#infoHash !== undefined && !equalBytes(infoHash, this.#infoHash))
      throw new WireError('handshake-invalid', 'the remote answered for another torrent');
    this.#rules = { ...this.#rules, features: commonFeatures(features, this.#ownFeatures()) };
    this.#state = this.#infoHash === undefined ? { name: 'unbound' } : { name: 'messages' };
    events.push({ type: 'handshake', infoHash, peerId, features });
    return at;
  }

  #keepPending(chunk: Uint8Array, at: number): number {
    const length = this.#pending.length + chunk.length - at;
    if (length > PENDING_MAX)
      throw new WireError('message-too-long', `${length} bytes before the handshake was answered`);
    const pending = new Uint8Array(length);
    pending.set(this.#pending);
    pending.set(chunk.subarray(at), this.#pending.length);
    this.#pending = pending;
    return chunk.length;
  }

  /** The hot path: messages that lie whole in the chunk, and the heads of blocks. */
  #readMessages(chunk: Uint8Array, start: number, events: PeerEvent[]): number {
    let at = start;
    while (at < chunk.length && this.#state.name === 'messages') {
      const needed = neededBytes(chunk, at, chunk.length - at, this.#rules);
      if (at + needed > chunk.length) return this.#residue.gather(chunk, at, needed);
      this.#readMessage(chunk, at, events);
      at += needed;
    }
    return at;
  }

  /** Completes the message whose beginning lies in the residue. */
  #readCutMessage(chunk: Uint8Array, start: number, events: PeerEvent[]): number {
    let at = start;
    let gathered = this.#residue.bytes;
    let needed = neededBytes(gathered, 0, gathered.length, this.#rules);
    while (gathered.length < needed) {
      if (at === chunk.length) return at;
      at = this.#residue.gather(chunk, at, needed);
      gathered = this.#residue.bytes;
      needed = neededBytes(gathered, 0, gathered.length, this.#rules);
    }
    if (holdsViews(gathered[4] ?? 0)) this.#residue.release();
    else this.#residue.clear();
    this.#readMessage(gathered, 0, events);
    return at;
  }

  /** Reads one message of which the needed bytes lie at `at`. */
  #readMessage(bytes: Uint8Array, at: number, events: PeerEvent[]): void {
    const length = readUint32(bytes, at);
    if (length === 0) {
      events.push({ type: 'keep-alive' });
      return;
    }
    const id = bytes[at + 4]!;
    if (id === MessageId.piece) {
      this.#state = { name: 'block', header: readBlockHeader(bytes, at, this.#rules.geometry), offset: 0 };
      return;
    }
    if (!isKnown(id, this.#rules)) {
      if (length > 1) this.#state = { name: 'skip', left: length - 1 };
      return;
    }
    const event =
      id === MessageId.extended
        ? this.#extensions.receive(
            bytes[at + 5]!,
            bytes.subarray(at + 6, at + 4 + length),
            this.#rules.geometry,
          )
        : readMessage(bytes, at, this.#rules);
    if (event === undefined) return;
    events.push(event);
  }

  #readBlock(
    header: BlockHeader,
    offset: number,
    chunk: Uint8Array,
    at: number,
    events: PeerEvent[],
  ): number {
    const { piece, begin, length } = header;
    const end = Math.min(chunk.length, at + length - offset);
    const next = offset + end - at;
    const last = next === length;
    this.#state = last ? { name: 'messages' } : { name: 'block', header, offset: next };
    events.push({ type: 'block', piece, begin, length, offset, bytes: chunk.subarray(at, end), last });
    return end;
  }

  #close(): void {
    this.#state = { name: 'closed' };
    this.#residue.release();
    this.#pending = EMPTY;
  }
}
