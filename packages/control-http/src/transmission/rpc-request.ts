/** A call as Transmission's clients make it. */
export interface RpcRequest {
  readonly method: string;
  readonly arguments: RpcArguments;
  /** Sent back as it came. */
  readonly tag?: number;
}

/** A call cannot be carried out; its message becomes the answer's `result`. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
}

/** Reads what was sent. Throws `RpcError`. */
export function readRequest(body: unknown): RpcRequest {
  if (!isRecord(body)) throw new RpcError('the request must be a JSON object');
  const { method, arguments: given = {}, tag } = body;
  if (typeof method !== 'string') throw new RpcError('no method name');
  if (!isRecord(given)) throw new RpcError('"arguments" must be an object');
  if (tag !== undefined && typeof tag !== 'number') throw new RpcError('"tag" must be a number');
  return { method, arguments: new RpcArguments(given), ...(tag === undefined ? {} : { tag }) };
}

/** Arguments of a call; every method throws `RpcError` for a value that is not what it says. */
export class RpcArguments {
  readonly #given: Readonly<Record<string, unknown>>;

  constructor(given: Readonly<Record<string, unknown>>) {
    this.#given = given;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#given);
  }

  /** As it was sent; undefined if it was not. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#given, key) ? this.#given[key] : undefined;
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'string') return value;
    throw new RpcError(`"${key}" must be a string`);
  }

  /** Some clients write 0 and 1. */
  flag(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw new RpcError(`"${key}" must be true or false`);
  }

  /** A whole number that is not negative. */
  count(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new RpcError(`"${key}" must be a whole number, 0 or more`);
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.length <= LIST_MAX && value.every((each) => typeof each === 'string'))
      return value;
    throw new RpcError(`"${key}" must be a list of at most ${LIST_MAX} strings`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LIST_MAX = 1_000;
