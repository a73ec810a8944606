import { gunzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { Api } from './support/api.ts';

const NO_TOKEN = { headers: { authorization: '' } };

test('the page is at the root, needs no token, and may load nothing from elsewhere', async () => {
  await using api = await Api.open();
  const page = await api.call('GET', '/', NO_TOKEN);
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(page.headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
  expect(page.headers['cache-control']).toBe('no-cache');
  expect(page.body).not.toMatch(/https?:\/\//);
  // It tells nothing of this machine.
  expect(page.body).not.toContain(api.service.engine().host);
});

test('what it loads is there, named by its content and kept for ever', async () => {
  await using api = await Api.open();
  const page = await api.call('GET', '/', NO_TOKEN);
  const names = [...page.body.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, name]) => name!);
  expect(names.map((name) => name.slice(name.lastIndexOf('.'))).sort()).toEqual(['.css', '.js', '.svg']);
  for (const name of names) {
    const file = await api.call('GET', name, NO_TOKEN);
    expect(file.statusCode).toBe(200);
    expect(name).toMatch(/-[\w-]{8}\.\w+$/);
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(file.headers['x-content-type-options']).toBe('nosniff');
  }
  expect((await api.call('GET', '/assets/nothing.js', NO_TOKEN)).statusCode).toBe(404);
  expect((await api.call('GET', '/assets/..%2findex.html', NO_TOKEN)).statusCode).toBe(404);
});

test('it is sent packed to who can unpack it, and not at all to who has it', async () => {
  await using api = await Api.open();
  const plain = await api.call('GET', '/');
  const packed = await api.call('GET', '/', { headers: { 'accept-encoding': 'br, gzip' } });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  const again = await api.call('GET', '/', { headers: { 'if-none-match': String(plain.headers['etag']) } });
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe('');
});

test('all of it is small', async () => {
  await using api = await Api.open();
  const headers = { 'accept-encoding': 'gzip' };
  const page = await api.call('GET', '/', { headers });
  const names = [
    ...gunzipSync(page.rawPayload)
      .toString()
      .matchAll(/"\.(\/assets\/[^"]+)"/g),
  ].map(([, name]) => name!);
  const files = await Promise.all(names.map((name) => api.call('GET', name, { headers })));
  const bytes = [page, ...files].reduce((sum, { rawPayload }) => sum + rawPayload.length, 0);
  expect(bytes).toBeLessThan(60_000);
});

test('an embedder has the root to himself', async () => {
  await using api = await Api.open({ dashboard: false });
  expect((await api.call('GET', '/')).statusCode).toBe(404);
});
