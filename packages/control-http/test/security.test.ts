import { afterAll, describe, expect, test } from 'vitest';

import { Api, TOKEN } from './support/api.ts';

const CALLS = [
  ['GET', '/v1/payloads'],
  ['PUT', '/v1/payloads'],
  ['GET', '/v1/payloads/maps'],
  ['PUT', '/v1/payloads/maps'],
  ['DELETE', '/v1/payloads/maps'],
  ['POST', '/v1/payloads/maps/pause'],
  ['POST', '/v1/payloads/maps/resume'],
  ['POST', '/v1/payloads/maps/verify'],
  ['POST', '/v1/payloads/maps/announce'],
  ['PUT', '/v1/payloads/maps/limits'],
  ['POST', '/v1/payloads/maps/peers'],
  ['PUT', '/v1/payloads/maps/acknowledgement'],
  ['DELETE', '/v1/payloads/maps/acknowledgement'],
  ['GET', '/v1/limits'],
  ['PUT', '/v1/limits'],
  ['DELETE', '/v1/limits'],
  ['GET', '/v1/engine'],
  ['GET', '/v1/site'],
  ['GET', '/v1/rates'],
  ['GET', '/v1/space'],
  ['GET', '/v1/events'],
  ['GET', '/v1/openapi.json'],
  ['GET', '/metrics'],
  ['GET', '/nothing'],
  ['HEAD', '/v1/payloads'],
  ['OPTIONS', '/v1/payloads'],
] as const;

describe('the token', () => {
  test('is needed for every call', async () => {
    let nowMs = 0;
    await using api = await Api.open({ nowMs: () => (nowMs += 60_000) });
    for (const [method, url] of CALLS) {
      const answer = await api.call(method, url, { headers: { authorization: '' } });
      expect({ method, url, status: answer.statusCode }).toEqual({ method, url, status: 401 });
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect(api.service.calls).toEqual([]);
  });

  test('is on every route of the document', async () => {
    await using api = await Api.open();
    const { paths } = (await api.call('GET', '/v1/openapi.json')).json<{ paths: Record<string, object> }>();
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('{name}', 'maps')}`),
    );
    const tested = new Set(CALLS.map(([method, url]) => `${method} ${url}`));
    expect(told.filter((call) => !tested.has(call))).toEqual(['GET /healthz']);
  });

  test.each([`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, `Bearer`, TOKEN])(
    'is not %j',
    async (authorization) => {
      await using api = await Api.open();
      const answer = await api.call('GET', '/v1/payloads', { headers: { authorization } });
      expect(answer.statusCode).toBe(401);
    },
  );

  test('wrong ones become too many, but never keep the right one out', async () => {
    let nowMs = 0;
    await using api = await Api.open({ nowMs: () => nowMs });
    const wrong = { headers: { authorization: 'Bearer wrong' } };
    for (let attempt = 0; attempt < 10; attempt += 1)
      expect((await api.call('GET', '/v1/payloads', wrong)).json()).toMatchObject({ code: 'token-wrong' });
    const eleventh = await api.call('GET', '/v1/payloads', wrong);
    expect(eleventh.statusCode).toBe(429);
    expect(eleventh.headers['retry-after']).toBe('6');
    expect((await api.call('GET', '/v1/payloads')).statusCode).toBe(200);
    const elsewhere = await api.call('GET', '/v1/payloads', { ...wrong, remoteAddress: '192.0.2.9' });
    expect(elsewhere.statusCode).toBe(401);
    nowMs += 6_000;
    expect((await api.call('GET', '/v1/payloads', wrong)).statusCode).toBe(401);
    expect((await api.call('GET', '/v1/payloads', wrong)).statusCode).toBe(429);
  });

  test('must not be short', async () => {
    await expect(Api.open({ token: 'short' })).rejects.toThrow(/at least 32/);
  });

  test('is not needed for health and for the page, which tell nothing', async () => {
    await using api = await Api.open();
    const none = { headers: { authorization: '' } };
    expect((await api.call('GET', '/healthz', none)).json()).toEqual({ status: 'ok' });
    expect((await api.call('GET', '/docs', none)).statusCode).toBe(200);
  });
});

describe('the host', () => {
  const opened = Api.open({ hosts: ['agent.example'] });
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  test.each(['127.0.0.1:7420', 'localhost', 'LocalHost:80', '[::1]:7420', '192.0.2.1', 'agent.example:7420'])(
    'may be %s',
    async (host) => {
      const api = await opened;
      expect((await api.call('GET', '/v1/payloads', { headers: { host } })).statusCode).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '[localhost]',
    'a@127.0.0.1',
  ])('must not be %j, not even for health', async (host) => {
    const api = await opened;
    for (const url of ['/v1/payloads', '/healthz', '/docs', '/nothing']) {
      const answer = await api.call('GET', url, { headers: { host } });
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'host-refused' });
    }
  });
});

test('other origins are not let in', async () => {
  await using api = await Api.open();
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
  for (const method of ['GET', 'OPTIONS'] as const) {
    const answer = await api.call(method, '/v1/payloads', { headers });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});
