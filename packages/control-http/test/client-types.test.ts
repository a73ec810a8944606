import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { Api } from './support/api.ts';
import { typesOf } from './support/document-types.ts';
import { documentOf, operationsOf } from './support/document.ts';
import type { Described, Document, Operation } from './support/document.ts';

/*
 * The document is written as TypeScript beside the client's own types, and the compiler says which fields are otherwise: of another type,
 * under another name, optional here and required there. Nothing is kept that could grow old.
 */

/** What calls send, made of their arguments as the client makes it. */
const BODIES: Readonly<Record<string, string>> = {
  onlyPayloads: `Flat<{ readonly payloads: Argument<'onlyPayloads', 0> } & Argument<'onlyPayloads', 1>>`,
  putPayload: `Argument<'putPayload', 1>`,
  putPayloadLimits: `Argument<'putPayloadLimits', 1>`,
  putLimits: `Argument<'putLimits', 0>`,
  addPeers: `{ readonly peers: Argument<'addPeers', 1> }`,
  acknowledgePayload: `{ readonly infohash: Argument<'acknowledgePayload', 1> }`,
};
/** What calls are answered that hand on a part of it. */
const ANSWERS: Readonly<Record<string, string>> = {
  listPayloads: `{ readonly payloads: Answer<'listPayloads'> }`,
};
/** Not the client's, or not described field by field. */
const WITHOUT_TYPES: ReadonlySet<string> = new Set([
  'getHealth',
  'getMetrics',
  'getDocument',
  'streamEvents',
]);

const CLIENT = fileURLToPath(new URL('../src/client/index.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

describe('the client’s types', () => {
  test('are those of the document, in every field that is sent or answered', async () => {
    await using api = await Api.open({ onStop: () => undefined });
    expect(await differences(await documentOf(api))).toEqual([]);
  });

  test('are told from others: a name, a word of an enumeration, an optional field', async () => {
    await using api = await Api.open();
    const otherwise = JSON.stringify(await documentOf(api))
      .replaceAll('"freeBytes"', '"bytesFree"')
      .replaceAll('"unchanged"', '"same"')
      .replaceAll('"required":["peers"]', '"required":[]');
    expect(await differences(JSON.parse(otherwise) as Document)).toEqual([
      expect.stringMatching(/^putPayload_200: .*"outcome differs"/),
      expect.stringMatching(/^putPayload_201: .*"outcome differs"/),
      expect.stringMatching(/^addPeers_body: .*"peers differs"/),
      expect.stringMatching(/^getSpace_200: .*"freeBytes differs"/),
    ]);
  });
});

/** The compiler's words about each body and answer that is otherwise, with the names of the fields. */
async function differences(document: Document): Promise<readonly string[]> {
  const lines = [
    `import type { ControlClient, Problem } from ${JSON.stringify(CLIENT)};`,
    ...AGREEMENT,
    `declare namespace Document { ${typesOf(document.components.schemas)} }`,
    comparison('problem', 'Problem', 'Document.Problem'),
    ...operationsOf(document).flatMap(comparisonsOf),
  ];
  const words = await compile(lines.join('\n'));
  return words.map((word) => {
    const [, line, message] = /^check\.mts\((\d+),\d+\): (.*)$/.exec(word) ?? [];
    const name = /^export const (\w+)/.exec(lines[Number(line) - 1] ?? '')?.[1];
    return name === undefined ? word : `${name}: ${message}`;
  });
}

function comparisonsOf({ operationId: call, requestBody, responses }: Operation): readonly string[] {
  if (WITHOUT_TYPES.has(call)) return [];
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  return [
    ...(requestBody === undefined
      ? []
      : [comparison(`${call}_body`, BODIES[call] ?? 'unknown', described(requestBody))]),
    ...good.map(([status, answer]) =>
      comparison(`${call}_${status}`, ANSWERS[call] ?? `Answer<'${call}'>`, described(answer)),
    ),
  ];
}

function comparison(name: string, clients: string, documents: string): string {
  return `export const ${name}: Agreement<${clients}, ${documents}> = true;`;
}

function described({ content }: Described): string {
  if (content === undefined) return 'void';
  return `Document.${String(content['application/json']?.schema['$ref']).replace(/^.*\//, '')}`;
}

/** Types that agree are identical, not just assignable: a field that only one side has, and that may be absent, is a difference. */
const AGREEMENT: readonly string[] = [
  'type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;',
  'type Part<A, K> = Pick<A, K & keyof A>;',
  'type Differing<A, B> = { [K in keyof A | keyof B]-?: Same<Part<A, K>, Part<B, K>> extends true ? never : K }[keyof A | keyof B];',
  'type Agreement<A, B> = Same<A, B> extends true ? true : `${Differing<A, B> & string} differs`;',
  'type Flat<A> = { [K in keyof A]: A[K] };',
  'type Answer<Call extends keyof ControlClient> = Awaited<ReturnType<ControlClient[Call]>>;',
  'type Argument<Call extends keyof ControlClient, At extends number> = Exclude<Parameters<ControlClient[Call]>[At], undefined>;',
];

/** Lines of the compiler's complaints. */
async function compile(source: string): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'brine-client-types-'));
  try {
    await writeFile(join(directory, 'check.mts'), source);
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(CONFIGURATION));
    const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
    const words = await wordsOf(process.execPath, [compiler, '--pretty', 'false'], directory);
    return words.split(/\r?\n/).filter((line) => line !== '');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a program writes, also if it fails. Rejects if it writes nothing and fails. */
function wordsOf(program: string, given: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, given, { cwd }, (error, stdout) => {
      if (error !== null && stdout === '') reject(error);
      else resolve(stdout);
    });
  });
}

/** As the client is compiled. */
const CONFIGURATION: object = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    noEmit: true,
    composite: false,
    declaration: false,
    isolatedDeclarations: false,
    rewriteRelativeImportExtensions: false,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  },
  files: ['check.mts'],
};
