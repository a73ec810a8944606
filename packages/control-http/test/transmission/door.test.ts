import { describe, expect, test } from 'vitest';

import { Api, TOKEN } from '../support/api.ts';
import { basic, Rpc, URL } from '../support/rpc.ts';

describe('the door of the Transmission RPC', () => {
  test('is not there unless it is switched on', async () => {
    await using api = await Api.open();
    for (const authorization of [basic(TOKEN), `Bearer ${TOKEN}`]) {
      const answer = await api.call('POST', URL, { payload: {}, headers: { authorization } });
      expect(answer.statusCode).not.toBe(200);
      expect(answer.headers['x-transmission-session-id']).toBeUndefined();
    }
  });

  test('asks for a password, which is the token; any user name will do', async () => {
    await using rpc = await Rpc.open();
    for (const url of [URL, `${URL}/`]) {
      const answer = await rpc.api.call('POST', url, { payload: {}, headers: { authorization: '' } });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
      expect(answer.headers['x-transmission-session-id']).toBeUndefined();
      // Tools print it as it comes.
      expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    }
    for (const user of ['', 'transmission', 'a b'])
      expect(
        (await rpc.post({ method: 'session-stats' }, { authorization: basic(TOKEN, user) })).statusCode,
      ).toBe(200);
  });

  test.each([
    basic(`${TOKEN}x`),
    basic(TOKEN.slice(1)),
    basic(''),
    `Bearer ${TOKEN}`,
    `Basic ${Buffer.from(TOKEN).toString('base64')}`,
    'Basic !!!',
  ])('is not opened by %j', async (authorization) => {
    await using rpc = await Rpc.open();
    expect((await rpc.post({ method: 'session-stats' }, { authorization })).statusCode).toBe(401);
  });

  test('takes the password nowhere else', async () => {
    await using rpc = await Rpc.open({});
    const answer = await rpc.api.call('GET', '/v1/payloads', { headers: { authorization: basic(TOKEN) } });
    expect(answer.statusCode).toBe(401);
  });

  test('counts wrong passwords together with wrong tokens, but not those that were never sent', async () => {
    let nowMs = 0;
    await using rpc = await Rpc.open({ nowMs: () => nowMs });
    for (let call = 0; call < 30; call += 1)
      expect((await rpc.post({}, { authorization: '' })).statusCode).toBe(401);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const authorization = attempt % 2 === 0 ? basic('wrong') : 'Bearer wrong';
      const url = attempt % 2 === 0 ? URL : '/v1/payloads';
      const method = attempt % 2 === 0 ? 'POST' : 'GET';
      expect((await rpc.api.call(method, url, { headers: { authorization } })).statusCode).toBe(401);
    }
    const eleventh = await rpc.post({}, { authorization: basic('wrong') });
    expect(eleventh.statusCode).toBe(429);
    expect(eleventh.headers['retry-after']).toBe('6');
    expect((await rpc.post({ method: 'session-stats' })).statusCode).toBe(200);
    nowMs += 6_000;
    expect((await rpc.post({}, { authorization: basic('wrong') })).statusCode).toBe(401);
  });

  test('is closed to names that are not ours', async () => {
    await using rpc = await Rpc.open();
    const answer = await rpc.post({ method: 'session-stats' }, { host: 'evil.example' });
    expect(answer.statusCode).toBe(403);
  });

  test('gives the session id to those who lack it, so that no page can send what somebody else’s browser will sign', async () => {
    await using rpc = await Rpc.open();
    for (const id of ['', 'other']) {
      const answer = await rpc.post({ method: 'session-stats' }, { 'x-transmission-session-id': id });
      expect(answer.statusCode).toBe(409);
      expect(answer.headers['x-transmission-session-id']).toBe(rpc.sessionId);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    // Some clients fetch it like this.
    const headers = { authorization: basic(TOKEN) };
    expect((await rpc.api.call('GET', URL, { headers })).statusCode).toBe(409);
    const known = { ...headers, 'x-transmission-session-id': rpc.sessionId };
    const answer = await rpc.api.call('GET', URL, { headers: known });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
    await using other = await Rpc.open();
    expect(other.sessionId).not.toBe(rpc.sessionId);
    expect(rpc.sessionId.length).toBeGreaterThanOrEqual(32);
  });
});

describe('a request', () => {
  test('may come under any media type, and has its tag back', async () => {
    await using rpc = await Rpc.open();
    const payload = JSON.stringify({ method: 'session-stats', tag: 912_313 });
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const answer = await rpc.post(payload, { 'content-type': type });
      expect(answer.json()).toMatchObject({ result: 'success', tag: 912_313 });
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    }
    expect(await rpc.call('session-stats')).not.toHaveProperty('tag');
  });

  test.each([
    ['queue-move-top', 'method name not recognized'],
    ['session-close', 'method name not recognized'],
    ['toString', 'method name not recognized'],
    ['__proto__', 'method name not recognized'],
  ])('for %s is answered: %s', async (method, result) => {
    await using rpc = await Rpc.open();
    expect(await rpc.call(method, {}, 3)).toEqual({ arguments: {}, result, tag: 3 });
  });

  test.each([
    ['[]', 'the request must be a JSON object'],
    ['null', 'the request must be a JSON object'],
    ['{}', 'no method name'],
    ['{"method": 7}', 'no method name'],
    ['{"method": "session-get", "arguments": []}', '"arguments" must be an object'],
    ['{"method": "session-get", "tag": "x"}', '"tag" must be a number'],
  ])('%s is answered: %s', async (payload, result) => {
    await using rpc = await Rpc.open();
    const answer = await rpc.post(payload);
    expect(answer.json()).toMatchObject({ result });
  });

  test.each([
    ['{"method": ', 400],
    ['', 400],
    ['{"__proto__": {"x": 1}, "method": "session-get"}', 400],
    ['{"method": "session-get", "arguments": {"constructor": {"prototype": {}}}}', 400],
    [`{"method": "${'x'.repeat(17 * 1024 * 1024)}"}`, 413],
  ])('that is no JSON, or too large, is refused: %.40s', async (payload, status) => {
    await using rpc = await Rpc.open();
    const answer = await rpc.post(payload, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  test('as deep as a body can be does no harm', async () => {
    await using rpc = await Rpc.open();
    const depth = 100_000;
    const ids = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const answer = await rpc.post(
      `{"method": "torrent-get", "arguments": {"fields": ["id"], "ids": ${ids}}}`,
    );
    expect(answer.json()).toMatchObject({ result: expect.stringContaining('"ids" must be') as string });
  });

  test('that meets a fault of ours says no more than that', async () => {
    await using rpc = await Rpc.open();
    rpc.service.failure = new Error('secret');
    const answer = await rpc.post({
      method: 'session-set',
      arguments: { 'speed-limit-up': 5, 'speed-limit-up-enabled': true },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
  });
});
