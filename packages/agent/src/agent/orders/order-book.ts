import { readFile } from 'node:fs/promises';

import type { LimitSettings } from '@brine/control-http';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import { keepFile } from '../state/keep-file.ts';
import type { PayloadRecord, Removal } from './payload-record.ts';
import type { Records } from './plan-orders.ts';

/** Everything that was ordered and is not undone. */
export interface BookContent {
  readonly payloads: Records;
  readonly removals: readonly Removal[];
  /** Undefined: as configured. */
  readonly limits: LimitSettings | undefined;
}

/**
 * All orders in one file that is replaced as a whole, so that an order for many payloads is kept entirely or not at all. At a thousand
 * payloads it has about half a megabyte.
 */
export class OrderBook {
  readonly #file: string;
  #content: BookContent;
  /** By info-hash; made when first asked for. */
  #names: ReadonlyMap<string, string> | undefined;

  private constructor(file: string, content: BookContent) {
    this.#file = file;
    this.#content = content;
  }

  /** Rejects with `CommandError` `state-damaged` rather than forget what it cannot read. */
  static async open(file: string): Promise<OrderBook> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return new OrderBook(file, text === undefined ? EMPTY : parse(file, text));
  }

  get content(): BookContent {
    return this.#content;
  }

  /** What the payload with this info-hash is called; undefined if none has it. */
  nameOf(infohash: string): string | undefined {
    this.#names ??= new Map(
      [...this.#content.payloads.values()].map(({ infohash, name }) => [infohash, name]),
    );
    return this.#names.get(infohash);
  }

  /** Resolves when it is on disk; what cannot be kept is not in force. Not to be called again before it has settled. */
  async keep(change: Partial<BookContent>): Promise<void> {
    const content = { ...this.#content, ...change };
    const { payloads, removals, limits } = content;
    await keepFile(
      this.#file,
      JSON.stringify({ format: FORMAT, payloads: [...payloads.values()], removals, limits }),
    );
    this.#content = content;
    this.#names = undefined;
  }
}

function parse(file: string, text: string): BookContent {
  try {
    const { format, payloads, removals, limits } = JSON.parse(text) as Written;
    if (format !== FORMAT) throw new Error(`its format is ${format}, not ${FORMAT}`);
    return { payloads: new Map(payloads.map((record) => [record.name, record])), removals, limits };
  } catch (error) {
    throw new CommandError(
      'state-damaged',
      ExitCode.disk,
      `The orders in ${file} cannot be read: ${(error as Error).message}. Restore the file from a backup; or move it away, then nothing is ordered, and what is on disk stays.`,
      { cause: error },
    );
  }
}

interface Written {
  readonly format: number;
  readonly payloads: readonly PayloadRecord[];
  readonly removals: readonly Removal[];
  readonly limits: LimitSettings | undefined;
}

const FORMAT = 1;
const EMPTY: BookContent = { payloads: new Map(), removals: [], limits: undefined };
