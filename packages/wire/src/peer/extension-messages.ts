import { readPiece } from './message-reader.ts';
import { decodeExtendedHandshake, encodeExtendedHandshake } from './extended-handshake.ts';
import type { ExtendedHandshakeFields } from './extended-handshake.ts';
import type { Geometry } from './geometry.ts';
import type { PeerEvent } from './peer-event.ts';
import { decodeMetadataMessage } from './ut-metadata.ts';
import { decodePex } from './ut-pex.ts';
import { WireError } from '../wire-error.ts';

/** The extensions that this package interprets, in the order of the ids under which it wants their messages, from 1. */
const INTERPRETED = ['ut_pex', 'ut_metadata', 'upload_only', 'lt_donthave'] as const;

type InterpretedName = (typeof INTERPRETED)[number];

/**
 * Both directions' extension ids, BEP 10. Ours are a fixed table; the remote's come from its handshakes, which may repeat and
 * are merged, with 0 switching an extension off.
 */
export class ExtensionMessages {
  readonly #further: readonly string[];
  // Neither is there on a connection that never spoke of extensions.
  #offered: ReadonlySet<string> | undefined;
  #remoteIds: Map<string, number> | undefined;

  /** `further` names the extensions whose messages are passed on uninterpreted. */
  constructor(further: readonly string[]) {
    this.#further = further;
  }

  /** The id that the remote wants for an extension; undefined when it does not (or no longer) offer it. */
  remoteId(name: string): number | undefined {
    return this.#remoteIds?.get(name);
  }

  /** The payload of our handshake; names left out of `offers` after they were offered are switched off. */
  encodeHandshake(fields: ExtendedHandshakeFields): Uint8Array {
    const names = this.#names();
    const offers = fields.offers ?? names;
    const ids = new Map<string, number>();
    for (const [index, name] of names.entries()) {
      if (offers.includes(name)) ids.set(name, index + 1);
      else if (this.#offered?.has(name) === true) ids.set(name, 0);
    }
    this.#offered = new Set(names.filter((name) => offers.includes(name)));
    return encodeExtendedHandshake(fields, ids);
  }

  /**
   * Reads an extension's message; undefined when it has no effect, above all when we did not offer the extension.
   *
   * @throws WireError `extension-malformed`, `message-malformed`
   */
  receive(id: number, payload: Uint8Array, geometry: Geometry | undefined): PeerEvent | undefined {
    if (id === 0) return this.#receiveHandshake(payload);
    const name = INTERPRETED[id - 1] ?? this.#further[id - 1 - INTERPRETED.length];
    if (name === undefined || this.#offered?.has(name) !== true) return undefined;
    return isInterpreted(name)
      ? readInterpreted(name, payload, geometry)
      : { type: 'extension', name, payload };
  }

  #receiveHandshake(payload: Uint8Array): PeerEvent {
    const handshake = decodeExtendedHandshake(payload);
    this.#remoteIds ??= new Map<string, number>();
    for (const name of this.#names()) {
      const id = handshake.messages.get(name);
      if (id === 0) this.#remoteIds.delete(name);
      else if (id !== undefined) this.#remoteIds.set(name, id);
    }
    return { type: 'extended-handshake', handshake };
  }

  #names(): readonly string[] {
    return [...INTERPRETED, ...this.#further];
  }
}

function isInterpreted(name: string): name is InterpretedName {
  return (INTERPRETED as readonly string[]).includes(name);
}

// oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive, the compiler checks it
function readInterpreted(
  name: InterpretedName,
  payload: Uint8Array,
  geometry: Geometry | undefined,
): PeerEvent | undefined {
  switch (name) {
    case 'ut_metadata':
      return decodeMetadataMessage(payload);
    case 'ut_pex':
      return decodePex(payload);
    case 'upload_only':
      expectLength(name, payload, 1);
      return { type: 'upload-only', uploadOnly: payload[0] !== 0 };
    case 'lt_donthave':
      expectLength(name, payload, 4);
      return { type: 'dont-have', piece: readPiece(payload, 0, geometry) };
  }
}

function expectLength(name: InterpretedName, payload: Uint8Array, length: number): void {
  if (payload.length !== length)
    throw new WireError(
      'extension-malformed',
      `${name} with ${payload.length} bytes of payload instead of ${length}`,
    );
}
