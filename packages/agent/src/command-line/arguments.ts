import { InvalidArgumentError } from 'commander';

import type { AddressArgument } from '../address-argument.ts';
import { parseAddressArgument } from '../address-argument.ts';

/** Makes a parser of ours one of commander's: its message then stands behind the name of the option and the value given. */
export function argumentParser<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}

/** Collects a repeatable option. */
export function collector<Value>(
  parse: (text: string) => Value,
): (text: string, before?: readonly Value[]) => readonly Value[] {
  const parseOne = argumentParser(parse);
  return (text, before = []) => [...before, parseOne(text)];
}

/** Collects a repeatable option whose value may also be a list with commas. */
export function collectList(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ];
}

/** The parser of `--peer` and `--listen`. */
export const addressArgument: (text: string) => AddressArgument = parseAddressArgument;

/** A tracker's or web seed's address: http, https, and for trackers udp. */
export function urlArgument(protocols: readonly string[]): (text: string) => string {
  return (text) => {
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol.slice(0, -1))) {
      throw new Error(
        `Write a full address that begins with ${protocols.map((each) => `${each}://`).join(' or ')}.`,
      );
    }
    return text;
  };
}
