import { describe, expect, test } from 'vitest';

import { ServiceError } from '../src/index.ts';
import type { ProblemCode } from '../src/index.ts';
import { PROBLEMS } from '../src/problem.ts';
import { Api } from './support/api.ts';
import { makeDetails, makeStatus } from './support/fake-service.ts';

const ORDER = { infohash: 'cd'.repeat(20), path: '/srv/payloads', peers: ['192.0.2.1:6881'] };

describe('payloads', () => {
  test('an order is answered with its status, 201 when it is new, 200 when it is known', async () => {
    await using api = await Api.open();
    const first = await api.call('PUT', '/v1/payloads/maps', { payload: ORDER });
    expect(first.statusCode).toBe(201);
    expect(first.json()).toEqual({ outcome: 'created', changes: [], payload: makeStatus('maps', ORDER) });
    const second = await api.call('PUT', '/v1/payloads/maps', { payload: ORDER });
    expect(second.statusCode).toBe(200);
    expect(second.json()).toMatchObject({ outcome: 'unchanged' });
    const other = await api.call('PUT', '/v1/payloads/maps', { payload: { ...ORDER, path: '/srv/other' } });
    expect(other.json()).toMatchObject({ outcome: 'changed', changes: ['path'] });
  });

  test('a dry run only says what an order would lead to', async () => {
    await using api = await Api.open();
    const answer = await api.call('PUT', '/v1/payloads/maps?dry-run=true', { payload: ORDER });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ outcome: 'created' });
    expect(api.service.orders.size).toBe(0);
    await api.call('PUT', '/v1/limits?dry-run=true', { payload: {} });
    expect(api.service.calls).toEqual(['put maps (dry run)', 'limits (dry run)']);
    const unclear = await api.call('PUT', '/v1/payloads/maps?dry-run=yes', { payload: ORDER });
    expect(unclear.statusCode).toBe(400);
  });

  test('peers are told, and completion is acknowledged', async () => {
    await using api = await Api.open();
    api.service.orders.set('maps', ORDER);
    const peers = { peers: ['192.0.2.7:6881', '[2001:db8::7]:6881'] };
    const told = await api.call('POST', '/v1/payloads/maps/peers', { payload: peers });
    expect(told.json()).toEqual(makeStatus('maps', ORDER));
    const infohash = 'CD'.repeat(20);
    await api.call('PUT', '/v1/payloads/maps/acknowledgement', { payload: { infohash } });
    const taken = await api.call('DELETE', '/v1/payloads/maps/acknowledgement');
    expect(taken.json()).toEqual(makeStatus('maps', ORDER));
    expect(api.service.calls).toEqual([
      'peers maps 192.0.2.7:6881 [2001:db8::7]:6881',
      `acknowledge maps ${infohash.toLowerCase()}`,
      'unacknowledge maps',
    ]);
    for (const [path, payload] of [
      ['peers', { peers: [] }],
      ['peers', {}],
    ] as const) {
      const refused = await api.call('POST', `/v1/payloads/maps/${path}`, { payload });
      expect(refused.statusCode).toBe(400);
    }
    const vague = await api.call('PUT', '/v1/payloads/maps/acknowledgement', { payload: {} });
    expect(vague.statusCode).toBe(400);
  });

  test('a list and a single one tell every field', async () => {
    await using api = await Api.open();
    api.service.orders.set('maps', ORDER);
    const all = await api.call('GET', '/v1/payloads');
    expect(all.json()).toEqual({ payloads: [makeStatus('maps', ORDER)] });
    const one = await api.call('GET', '/v1/payloads/maps');
    expect(one.json()).toEqual(makeDetails(makeStatus('maps', ORDER)));
  });

  test('"only these" says what went', async () => {
    await using api = await Api.open();
    api.service.orders.set('maps', ORDER);
    api.service.orders.set('films', ORDER);
    const answer = await api.call('PUT', '/v1/payloads', {
      payload: { payloads: [{ name: 'maps', ...ORDER }] },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ payloads: [makeStatus('maps', ORDER)], removed: ['films'] });
  });

  test('"only these" with nothing is refused unless it is meant', async () => {
    await using api = await Api.open();
    api.service.orders.set('maps', ORDER);
    const refused = await api.call('PUT', '/v1/payloads', { payload: { payloads: [] } });
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ code: 'only-empty', pointer: '/payloads' });
    expect([...api.service.orders.keys()]).toEqual(['maps']);
    const meant = await api.call('PUT', '/v1/payloads', { payload: { payloads: [], allowEmpty: true } });
    expect(meant.json()).toEqual({ payloads: [], removed: ['maps'] });
  });

  test.each([
    ['nothing at all', {}],
    ['no list', { payload: {} }],
    ['null for a list', { payload: { payloads: null } }],
    ['a broken body', { payload: '{"payloads": [', headers: { 'content-type': 'application/json' } }],
    ['an order without content', { payload: { payloads: [{ name: 'maps' }] } }],
    ['a word that is not known', { payload: { payloads: [], allowempty: true } }],
  ])('"only these" with %s removes nothing', async (_what, request) => {
    await using api = await Api.open();
    api.service.orders.set('maps', ORDER);
    const answer = await api.call('PUT', '/v1/payloads', request);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'request-invalid', status: 400 });
    expect(api.service.calls).toEqual([]);
  });

  test('a name that is listed twice is refused', async () => {
    await using api = await Api.open();
    const twice = [
      { name: 'maps', ...ORDER },
      { name: 'maps', ...ORDER },
    ];
    const answer = await api.call('PUT', '/v1/payloads', { payload: { payloads: twice } });
    expect(answer.json()).toMatchObject({ code: 'order-conflicts', pointer: '/payloads/1' });
  });

  test('delete removes with data unless told to keep it', async () => {
    await using api = await Api.open();
    for (const name of ['maps', 'films', 'songs']) api.service.orders.set(name, ORDER);
    expect((await api.call('DELETE', '/v1/payloads/maps')).statusCode).toBe(204);
    await api.call('DELETE', '/v1/payloads/films?data=keep');
    await api.call('DELETE', '/v1/payloads/songs?data=delete');
    expect((await api.call('DELETE', '/v1/payloads/songs?data=perhaps')).statusCode).toBe(400);
    expect(api.service.calls).toEqual(['remove maps true', 'remove films false', 'remove songs true']);
  });

  test.each([
    ['pause', 200],
    ['resume', 200],
    ['verify', 202],
  ])('%s answers with the status', async (verb, statusCode) => {
    await using api = await Api.open();
    api.service.orders.set('maps', ORDER);
    const answer = await api.call('POST', `/v1/payloads/maps/${verb}`);
    expect(answer.statusCode).toBe(statusCode);
    expect(answer.json()).toEqual(makeStatus('maps', ORDER));
    expect(api.service.calls).toEqual([`${verb} maps`]);
  });

  test.each([
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['POST', '/verify'],
  ])('%s of one that is not there%s is 404', async (method, rest) => {
    await using api = await Api.open();
    const answer = await api.call(method, `/v1/payloads/nothing${rest}`);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code: 'payload-unknown', status: 404 });
  });
});

describe('what an order must be', () => {
  test.each([
    ['without content', { path: '/srv' }, /exactly one of infohash/],
    ['with two contents', { ...ORDER, magnet: 'magnet:?xt=x' }, /exactly one of infohash/],
    ['with an unknown word', { ...ORDER, pathh: '/srv' }, /there is no "pathh"/],
    ['with a bad hash', { infohash: 'xyz' }, /infohash: must match pattern/],
    ['with a bad mode', { ...ORDER, mode: 'upload' }, /mode: must be one of download, adopt, seed/],
    ['with a number as text', { ...ORDER, limits: { downBytesPerSecond: true } }, /limits/],
    ['with a negative rate', { ...ORDER, limits: { downBytesPerSecond: -5 } }, /limits/],
    ['that is a list', [], /^body: /],
  ])('one %s is told so', async (_what, payload, message) => {
    await using api = await Api.open();
    const answer = await api.call('PUT', '/v1/payloads/maps', { payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ detail: string }>().detail).toMatch(message);
    expect(api.service.calls).toEqual([]);
  });

  test.each(['.hidden', '..', 'a b', 'a%2fb', 'x'.repeat(101), 'ä', '%00', 'a:b'])(
    'the name %j is refused',
    async (name) => {
      await using api = await Api.open();
      const answer = await api.call('PUT', `/v1/payloads/${encodeURI(name)}`, { payload: ORDER });
      expect([400, 404, 414]).toContain(answer.statusCode);
      expect(api.service.calls).toEqual([]);
    },
  );

  test.each([
    ['at the top', `"__proto__": {"x": 1}`],
    ['further down', `"limits": {"__proto__": {"x": 1}}`],
    ['by way of the constructor', `"constructor": {"prototype": {"x": 1}}`],
    ['by way of the constructor, further down', `"limits": {"constructor": {"prototype": {"x": 1}}}`],
    ['in other letters', String.raw`"\u005f_proto__": {"x": 1}`],
  ])('a key that would reach the prototype, %s, is refused', async (_where, field) => {
    await using api = await Api.open();
    const answer = await api.call('PUT', '/v1/payloads/maps', {
      payload: `{"infohash": "${'cd'.repeat(20)}", ${field}}`,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'request-invalid' });
    expect({}).not.toHaveProperty('x');
    expect(api.service.calls).toEqual([]);
  });

  // A million deep, within the cap of the body: whoever descends by recursion runs out of stack.
  test.each([
    ['lists', '['.repeat(1_000_000), ']'.repeat(1_000_000)],
    ['objects', '{"a":'.repeat(1_000_000), `1${'}'.repeat(1_000_000)}`],
    ['objects, with a forbidden key', '{"a":'.repeat(1_000_000), `{"__proto__":1}${'}'.repeat(1_000_000)}`],
    ['lists that nobody closes', '['.repeat(1_000_000), ''],
  ])('%s a million deep are refused', async (_what, open, close) => {
    await using api = await Api.open();
    const answer = await api.call('PUT', '/v1/payloads/maps', {
      payload: `{"infohash": "${'cd'.repeat(20)}", "limits": ${open}${close}}`,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'request-invalid' });
    expect(answer.body.length).toBeLessThan(1_000);
    expect(api.service.calls).toEqual([]);
  });
});

test('limits are set, told and reset', async () => {
  await using api = await Api.open();
  const limits = {
    total: { downBytesPerSecond: 1_000 },
    outside: {
      upBytesPerSecond: {
        windows: [{ days: ['mon', 'sun'], from: '08:00', to: '24:00', bytesPerSecond: 0 }],
      },
    },
  };
  expect((await api.call('GET', '/v1/limits')).json()).toEqual({ source: 'configuration' });
  const set = await api.call('PUT', '/v1/limits', { payload: limits });
  expect(set.json()).toEqual({ ...limits, source: 'order' });
  expect((await api.call('DELETE', '/v1/limits')).json()).toEqual({ source: 'configuration' });
  const wrong = await api.call('PUT', '/v1/limits', { payload: { lan: {} } });
  expect(wrong.json()).toMatchObject({ code: 'request-invalid' });
});

test('engine, site and health', async () => {
  await using api = await Api.open();
  expect((await api.call('GET', '/v1/engine')).json()).toEqual(api.service.engine());
  expect((await api.call('GET', '/v1/site')).json()).toEqual(api.service.site());
  expect((await api.call('GET', '/healthz')).json()).toEqual({ status: 'ok' });
});

test('metrics are those of the service, and count the calls', async () => {
  await using api = await Api.open();
  api.service.orders.set('maps', ORDER);
  await api.call('GET', '/v1/payloads/maps');
  const answer = await api.call('GET', '/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.body).toMatch(/^brine_payloads\{phase="checking"\} 1$/m);
  expect(answer.body).toMatch(/^brine_payload_verified_bytes\{payload="maps"\} 1234$/m);
  expect(answer.body).toMatch(/^brine_received_bytes_total\{class="site"\} 7$/m);
  expect(answer.body).toMatch(/^brine_sent_bytes_total\{class="wan"\} 9$/m);
  expect(answer.body).toMatch(/^brine_http_request_seconds_count\{.*route="\/v1\/payloads\/:name".*\} 1$/m);
  const again = await api.call('GET', '/metrics');
  expect(again.body).toMatch(/^brine_received_bytes_total\{class="site"\} 7$/m);
});

describe('troubles', () => {
  test.each(Object.keys(PROBLEMS) as ProblemCode[])('%s has its status and its words', async (code) => {
    await using api = await Api.open();
    api.service.failure = new ServiceError(code, 'This is why.', { pointer: '/path' });
    const answer = await api.call('PUT', '/v1/payloads/maps', { payload: ORDER });
    const [status, title] = PROBLEMS[code];
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const type = `urn:brine:problem:${code}`;
    expect(answer.json()).toEqual({ type, title, status, code, detail: 'This is why.', pointer: '/path' });
  });

  test('a fault tells nothing of the inside', async () => {
    await using api = await Api.open();
    api.service.failure = new Error('secret');
    const answer = await api.call('PUT', '/v1/payloads/maps', { payload: ORDER });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json()).toMatchObject({ code: 'internal-fault' });
  });

  test('an unknown address', async () => {
    await using api = await Api.open();
    const answer = await api.call('GET', '/v2/payloads?x=1');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'route-unknown',
      detail: 'There is no GET /v2/payloads; see /docs.',
    });
  });

  test('another media type', async () => {
    await using api = await Api.open();
    const headers = { 'content-type': 'text/xml' };
    const answer = await api.call('PUT', '/v1/limits', { payload: '<x/>', headers });
    expect(answer.json()).toMatchObject({ code: 'media-type-wrong', status: 415 });
  });

  test('a body that is too large', async () => {
    await using api = await Api.open();
    const answer = await api.call('PUT', '/v1/limits', { payload: { x: 'x'.repeat(300_000) } });
    expect(answer.json()).toMatchObject({ code: 'body-too-large', status: 413 });
    const torrent = await api.call('PUT', '/v1/payloads/maps', {
      payload: { torrent: 'A'.repeat(17 * 2 ** 20) },
    });
    expect(torrent.json()).toMatchObject({ code: 'body-too-large' });
  });
});

describe('a call to stop', () => {
  test('is answered before the service begins to end', async () => {
    let asked = 0;
    await using api = await Api.open({ onStop: () => (asked += 1) });
    expect((await api.call('GET', '/v1/stop')).statusCode).toBe(405);
    expect(asked).toBe(0);
    expect((await api.call('POST', '/v1/stop')).statusCode).toBe(204);
    await expect.poll(() => asked).toBe(1);
  });

  test('is not there where nobody can be asked', async () => {
    await using api = await Api.open();
    expect((await api.call('POST', '/v1/stop')).json()).toMatchObject({ code: 'route-unknown' });
  });
});
