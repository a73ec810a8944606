import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ControlClient } from '../src/client/index.ts';
import type { ControlServer } from '../src/index.ts';
import { startControlServer } from '../src/index.ts';
import type { JsonSchema } from '../src/schemas/json-schema.ts';
import { TOKEN } from './support/api.ts';
import { operationsOf } from './support/document.ts';
import type { Described, Document, Operation } from './support/document.ts';
import { FakeService } from './support/fake-service.ts';

type Call = (client: ControlClient) => Promise<unknown>;

const INFOHASH = 'cd'.repeat(20);
const ORDER = { infohash: INFOHASH };

/** Every method, with all that may be given to it and with nothing that need not be. */
const CALLS: Readonly<Record<keyof ControlClient, readonly Call[]>> = {
  listPayloads: [(client) => client.listPayloads()],
  getPayload: [(client) => client.getPayload('maps')],
  putPayload: [
    (client) => client.putPayload('new', ORDER),
    (client) => client.putPayload('maps', { ...ORDER, path: '/srv', paused: true }, { dryRun: true }),
  ],
  onlyPayloads: [
    (client) => client.onlyPayloads([{ name: 'films', ...ORDER }]),
    (client) => client.onlyPayloads([], { allowEmpty: true }),
  ],
  removePayload: [
    (client) => client.removePayload('maps'),
    (client) => client.removePayload('maps', { keepData: true }),
  ],
  pausePayload: [(client) => client.pausePayload('maps')],
  resumePayload: [(client) => client.resumePayload('maps')],
  verifyPayload: [(client) => client.verifyPayload('maps')],
  announcePayload: [(client) => client.announcePayload('maps')],
  putPayloadLimits: [(client) => client.putPayloadLimits('maps', { upBytesPerSecond: 7 })],
  addPeers: [(client) => client.addPeers('maps', ['192.0.2.1:6881'])],
  acknowledgePayload: [(client) => client.acknowledgePayload('maps', INFOHASH)],
  unacknowledgePayload: [(client) => client.unacknowledgePayload('maps')],
  getLimits: [(client) => client.getLimits()],
  putLimits: [
    (client) => client.putLimits({ total: { downBytesPerSecond: 5 } }),
    (client) => client.putLimits({}, { dryRun: true }),
  ],
  resetLimits: [(client) => client.resetLimits()],
  getEngine: [(client) => client.getEngine()],
  getSite: [(client) => client.getSite()],
  getSpace: [(client) => client.getSpace(), (client) => client.getSpace('/srv/a&b')],
  getRates: [(client) => client.getRates()],
  getDocument: [(client) => client.getDocument()],
  stopService: [(client) => client.stopService()],
  streamEvents: [
    (client) => client.streamEvents().next(),
    (client) => client.streamEvents({ lastId: 'an-id' }).next(),
  ],
};

/** What a call sent and was answered. */
interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number;
  readonly mediaType: string | undefined;
  readonly answer: unknown;
}

const service = new FakeService();
const exchanges: Exchange[] = [];
let server: ControlServer;
let client: ControlClient;
let document: Document;

beforeAll(async () => {
  server = await startControlServer({
    service,
    token: TOKEN,
    address: { host: '127.0.0.1', port: 0 },
    every: () => () => undefined,
    onStop: () => undefined,
  });
  client = new ControlClient({ url: server.url, token: TOKEN, fetch: recordingFetch });
  document = (await client.getDocument()) as Document;
});
afterAll(() => server.close());

test('the client has a method for every call of the document but those of monitoring', () => {
  const ids = operationsOf(document).map(({ operationId }) => operationId);
  expect(ids.sort()).toEqual([...Object.keys(CALLS), 'getHealth', 'getMetrics'].sort());
});

test.each(Object.entries(CALLS))('%s sends and is answered what the document says', async (id, calls) => {
  const places = new Set<string>();
  for (const call of calls) {
    service.reset();
    service.orders.set('maps', ORDER);
    exchanges.length = 0;
    await call(client);
    expect(exchanges).toHaveLength(1);
    const [exchange] = exchanges as [Exchange];
    const { operation, given } = operationOf(exchange);
    expect(operation.operationId).toBe(id);
    const schemas = parametersOf(operation);
    for (const [place, value] of given) {
      places.add(place);
      expect(faultsOf(schemas.get(place), value)).toEqual([]);
    }
    expectBody(operation.requestBody ?? {}, exchange.headers['content-type'], exchange.body);
    expect(Object.keys(operation.responses)).toContain(String(exchange.status));
    expectBody(operation.responses[exchange.status]!, exchange.mediaType, exchange.answer);
  }
  // Whatever the document lets one give, the client can give.
  const operation = operationsOf(document).find(({ operationId }) => operationId === id);
  expect([...places].sort()).toEqual([...parametersOf(operation!).keys()].sort());
});

function parametersOf({ parameters = [] }: Operation): ReadonlyMap<string, JsonSchema> {
  return new Map(parameters.map((each) => [`${each.in} ${each.name}`, each.schema]));
}

function expectBody({ content = {} }: Described, mediaType: string | undefined, body: unknown): void {
  expect(Object.keys(content)).toEqual(mediaType === undefined ? [] : [mediaType]);
  expect(faultsOf(content['application/json']?.schema, body)).toEqual([]);
}

/** The operation that a request is for, and what the request gives to it, as `place name` and value. */
function operationOf({ method, url, headers }: Exchange): {
  readonly operation: Operation;
  readonly given: ReadonlyMap<string, string>;
} {
  for (const [template, operations] of Object.entries(document.paths)) {
    const inPath = valuesInPath(template, url.pathname);
    const operation = operations[method.toLowerCase()];
    if (inPath === undefined || operation === undefined) continue;
    const inQuery = [...url.searchParams].map(([name, value]) => [`query ${name}`, value] as const);
    const inHeaders = Object.entries(headers)
      .filter(([name]) => name !== 'authorization' && name !== 'content-type')
      .map(([name, value]) => [`header ${name}`, value] as const);
    return { operation, given: new Map([...inPath, ...inQuery, ...inHeaders]) };
  }
  throw new Error(`The document has no ${method} ${url.pathname}.`);
}

/** Undefined if the path is not one of the template. */
function valuesInPath(template: string, path: string): (readonly [string, string])[] | undefined {
  const [parts, values] = [template.split('/'), path.split('/')];
  if (parts.length !== values.length) return undefined;
  const found: (readonly [string, string])[] = [];
  for (const [at, part] of parts.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) found.push([`path ${name}`, decodeURIComponent(values[at]!)]);
    else if (part !== values[at]) return undefined;
  }
  return found;
}

/** Without a schema there must be no value. */
function faultsOf(schema: JsonSchema | undefined, value: unknown): readonly unknown[] {
  if (schema === undefined) return value === undefined ? [] : [value];
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  // References lead to `#/components/schemas`.
  ajv.validate({ ...schema, components: document.components }, value);
  return ajv.errors ?? [];
}

async function recordingFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(input, init);
  const mediaType = response.headers.get('content-type')?.replace(/;.*$/, '');
  exchanges.push({
    method: String(init.method),
    url: new URL(input instanceof Request ? input.url : input),
    headers: init.headers as Record<string, string>,
    body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    status: response.status,
    mediaType,
    answer: mediaType === 'application/json' ? await response.clone().json() : undefined,
  });
  return response;
}
