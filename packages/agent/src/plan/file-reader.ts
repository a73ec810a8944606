import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';

/** A value of a plan file together with where it stands, so that every complaint can say so. */
export class PlanValue {
  readonly #file: string;
  readonly #path: string;
  readonly value: unknown;

  constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    this.value = value;
  }

  get isMissing(): boolean {
    return this.value === undefined || this.value === null;
  }

  get isMapping(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  /** The entries of a mapping; keys that are not among `known` are mistakes. */
  fields<Key extends string>(...known: readonly Key[]): Readonly<Record<Key, PlanValue>> {
    if (!this.isMapping) throw this.wrong(`a mapping with ${known.join(', ')} belongs here`);
    const mapping = this.value as Readonly<Record<string, unknown>>;
    const stranger = Object.keys(mapping).find((key) => !known.includes(key as Key));
    if (stranger !== undefined)
      throw new PlanValue(this.#file, this.#below(stranger), undefined).wrong(
        `there is no such key; known here are ${known.join(', ')}`,
      );
    return Object.fromEntries(
      known.map((key) => [key, new PlanValue(this.#file, this.#below(key), mapping[key])]),
    ) as Record<Key, PlanValue>;
  }

  items(): readonly PlanValue[] {
    if (!Array.isArray(this.value)) throw this.wrong('a list belongs here');
    return this.value.map((item, index) => new PlanValue(this.#file, `${this.#path}[${index + 1}]`, item));
  }

  text(): string {
    if (typeof this.value === 'string') return this.value;
    if (typeof this.value === 'number') return String(this.value);
    throw this.wrong('a text belongs here; put it in quotes if YAML takes it for something else');
  }

  /** A whole number from 1 on. */
  count(most: number): number {
    const number = this.value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most)
      return number;
    throw this.wrong(`a whole number from 1 to ${most} belongs here`);
  }

  /** With one of the parsers of `units/`. */
  parsed<Value>(parse: (text: string) => Value): Value {
    const text = this.text();
    try {
      return parse(text);
    } catch (error) {
      throw this.wrong(`"${text}" cannot be read. ${(error as Error).message}`, error);
    }
  }

  wrong(why: string, cause?: unknown): CommandError {
    const where = this.#path === '' ? '' : ` ${this.#path}:`;
    const end = why.endsWith('.') ? '' : '.';
    return new CommandError('input-invalid', ExitCode.inputInvalid, `${this.#file}:${where} ${why}${end}`, {
      cause,
    });
  }

  #below(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}
