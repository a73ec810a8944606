/*
 * Mutated input for every reader of bytes from outside: `node bench/dist/mutate.js [COUNT] [SEED] [CODEC]`.
 *
 * COUNT inputs (default 100,000), shared evenly among the codecs or all for CODEC, are made from valid ones. Each must be
 * read or refused with a `WireError`, within 100 ms and within 64 MiB of memory. The first that is not is printed with what makes it
 * again, and ends the run with status 1. The same count and seed give the same inputs.
 */
import { getHeapStatistics } from 'node:v8';

import { WireError } from '@brine/wire';

import { MUTATED_CODECS } from './mutated-codecs.ts';
import type { MutatedCodec } from './mutated-codecs.ts';
import { mutated, randomOf } from './mutation.ts';
import { short, textOf } from './table.ts';

const MS_MAX = 100;
const MEMORY_MAX = 64 * 1024 * 1024;
/** A machine that is busy with other things makes any input slow once; a slow input stays slow. */
const TRIES = 5;

interface Tally {
  accepted: number;
  refused: number;
  totalMs: number;
  slowestMs: number;
  memoryMax: number;
}

interface Reading {
  readonly accepted: boolean;
  readonly ms: number;
  readonly memory: number;
}

const [count = 100_000, seed = 1] = process.argv.slice(2, 4).map(Number);
const only = process.argv[4];
const codecs = MUTATED_CODECS.filter(({ name }) => only === undefined || name === only);
if (codecs.length === 0 || !Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
  const names = MUTATED_CODECS.map(({ name }) => name).join(', ');
  process.stderr.write(`usage: mutate.js [COUNT] [SEED] [CODEC]; codecs: ${names}\n`);
  process.exitCode = 2;
} else if (!campaign()) process.exitCode = 1;

function campaign(): boolean {
  const rows: string[][] = [];
  const each = Math.ceil(count / codecs.length);
  for (const codec of codecs) {
    const tally = run(codec, each);
    if (tally === undefined) return false;
    rows.push([
      codec.name,
      String(tally.accepted),
      String(tally.refused),
      short((1000 * tally.totalMs) / each),
      short(tally.slowestMs),
      short(tally.memoryMax / 1024 / 1024),
    ]);
  }
  const columns = ['codec', 'accepted', 'refused', 'mean µs', 'slowest ms', 'most MiB'];
  const notes = [
    `${each * codecs.length} inputs, seed ${seed}, none thrown otherwise, none too slow or too big`,
  ];
  process.stdout.write(textOf({ title: 'Mutated inputs', columns, rows, notes }));
  return true;
}

/** Undefined when an input broke the codec. */
function run(codec: MutatedCodec, inputs: number): Tally | undefined {
  const tally: Tally = { accepted: 0, refused: 0, totalMs: 0, slowestMs: 0, memoryMax: 0 };
  for (const bytes of codec.valid) readOrRefused(codec, bytes);
  for (let index = 0; index < inputs; index += 1) {
    const bytes = mutated(codec.valid, randomOf(Math.imul(seed, 0x9e3779b1) + index));
    const reading = judged(codec, bytes, index);
    if (reading === undefined) return undefined;
    if (reading.accepted) tally.accepted += 1;
    else tally.refused += 1;
    tally.totalMs += reading.ms;
    tally.slowestMs = Math.max(tally.slowestMs, reading.ms);
    tally.memoryMax = Math.max(tally.memoryMax, reading.memory);
  }
  return tally;
}

function judged(codec: MutatedCodec, bytes: Uint8Array, index: number): Reading | undefined {
  let fastest: Reading | undefined;
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const reading = measured(codec, bytes);
      if (reading.memory > MEMORY_MAX)
        return failed(codec, bytes, index, `took ${reading.memory} bytes of memory`);
      if (fastest === undefined || reading.ms < fastest.ms) fastest = reading;
      if (fastest.ms <= MS_MAX) return fastest;
    }
  } catch (error) {
    return failed(
      codec,
      bytes,
      index,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
  return failed(codec, bytes, index, `took ${fastest?.ms ?? 0} ms at best`);
}

function measured(codec: MutatedCodec, bytes: Uint8Array): Reading {
  const memoryBefore = memoryInUse();
  const startMs = performance.now();
  const accepted = readOrRefused(codec, bytes);
  const ms = performance.now() - startMs;
  return { accepted, ms, memory: Math.max(0, memoryInUse() - memoryBefore) };
}

function readOrRefused(codec: MutatedCodec, bytes: Uint8Array): boolean {
  try {
    return codec.read(bytes);
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function memoryInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

function failed(codec: MutatedCodec, bytes: Uint8Array, index: number, what: string): undefined {
  process.stderr.write(
    `${codec.name}, seed ${seed}, input ${index}: ${what}\n` +
      `again: node bench/dist/mutate.js ${index + 1} ${seed} "${codec.name}"\n` +
      `input: ${Buffer.from(bytes).toString('hex')}\n`,
  );
  return undefined;
}
