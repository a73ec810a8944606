import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync, deflateRawSync, deflateSync } from 'node:zlib';

import { afterEach, describe, expect, onTestFinished, test } from 'vitest';

import { HostPolicy } from '../../src/node/host-policy.ts';
import { NodeHttp, type NodeHttpOptions, REDIRECTS_MAX } from '../../src/node/node-http.ts';
import { type Respond, startHttpServer, type TestHttpServer } from '../support/http-server.ts';
import { testCertificate } from '../support/test-certificate.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const options = { timeoutMs: 30_000, bodyMax: 10_000 };
const servers: TestHttpServer[] = [];

async function serve(respond: Respond, host?: string): Promise<TestHttpServer> {
  const server = await startHttpServer(respond, host);
  servers.push(server);
  return server;
}

function client(more: NodeHttpOptions = {}): NodeHttp {
  return new NodeHttp({ hostPolicy: new HostPolicy({ allowLoopback: true }), ...more });
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]()));
});

function redirect(to: string): Respond {
  return (_seen, response) => response.writeHead(302, { location: to }).end();
}

describe('a request', () => {
  test('names the client, asks for encodings and closes its connection', async () => {
    const server = await serve((_seen, response) => response.end('x'));
    await client({ userAgent: 'Brine/1' }).get(`${server.origin}/`, options);
    expect(server.seen[0]?.headers).toMatchObject({
      'user-agent': 'Brine/1',
      'accept-encoding': 'gzip, deflate',
      connection: 'close',
    });
  });

  test('times out over the whole exchange, however busily the server trickles', async () => {
    const clock = new VirtualClock();
    const server = await serve((_seen, response) => {
      response.write('a');
      setImmediate(() => clock.advance(20_000));
      setImmediate(() => response.write('b'));
      setImmediate(() => clock.advance(10_000));
    });
    const asking = client({ clock }).get(`${server.origin}/`, options);
    await expect(asking).rejects.toMatchObject({ code: 'timeout' });
    expect(clock.pending).toBe(0);
  });

  test('leaves no timer behind when it succeeds', async () => {
    const clock = new VirtualClock();
    const server = await serve((_seen, response) => response.end('x'));
    await client({ clock }).get(`${server.origin}/`, options);
    expect(clock.pending).toBe(0);
  });

  test('to a port where nobody listens fails as unreachable, with the reason', async () => {
    const server = await serve(() => undefined);
    const { origin } = server;
    await server[Symbol.asyncDispose]();
    servers.splice(0);
    await expect(client().get(`${origin}/`, options)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'udp://127.0.0.1:1'])(
    'for %s is refused',
    async (url) => {
      await expect(client().get(url, options)).rejects.toMatchObject({ code: 'scheme-refused' });
    },
  );

  test('for something that is no URL is refused', async () => {
    await expect(client().get('http://', options)).rejects.toMatchObject({ code: 'url-invalid' });
  });

  test('over one family only finds no address in a host of the other', async () => {
    const server = await serve((_seen, response) => response.end('x'));
    const six = client().get(`${server.origin}/`, { ...options, family: 6 });
    await expect(six).rejects.toMatchObject({ code: 'no-address' });
    const four = await client().get(`http://localhost:${server.port}/`, { ...options, family: 4 });
    expect(four.status).toBe(200);
  });
});

describe('a body', () => {
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('encoded as %s is decoded', async (encoding, encode) => {
    const server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(encode(Buffer.from('hello')));
    });
    const { body } = await client().get(`${server.origin}/`, options);
    expect(Buffer.from(body).toString()).toBe('hello');
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('that only becomes too long by decompression (%s) is refused', async (encoding, encode) => {
    const bomb = encode(Buffer.alloc(8_000_000));
    expect(bomb.length).toBeLessThan(options.bodyMax);
    const server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
    });
    await expect(client().get(`${server.origin}/`, options)).rejects.toMatchObject({
      code: 'body-too-large',
    });
  });

  test('that never ends is refused as soon as it is too long', async () => {
    const server = await serve((_seen, response) => {
      const pour = (): void => void (response.write(Buffer.alloc(1000)) ? setImmediate(pour) : undefined);
      response.on('drain', pour);
      pour();
    });
    await expect(client().get(`${server.origin}/`, options)).rejects.toMatchObject({
      code: 'body-too-large',
    });
  });

  test.each([
    ['br', 'anything'],
    ['gzip', 'no gzip'],
  ])('encoded as %s that is %s is refused', async (encoding, body) => {
    const server = await serve((_seen, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body);
    });
    await expect(client().get(`${server.origin}/`, options)).rejects.toMatchObject({
      code: 'encoding-invalid',
    });
  });
});

describe('a redirect', () => {
  test('is followed, also a relative one', async () => {
    const server = await serve((seen, response) =>
      seen.path === '/new' ? response.end('there') : response.writeHead(301, { location: '/new?a=1' }).end(),
    );
    const { body } = await client().get(`${server.origin}/old`, options);
    expect(Buffer.from(body).toString()).toBe('there');
    expect(server.seen.map(({ path }) => path)).toEqual(['/old', '/new']);
  });

  test('is followed only so often', async () => {
    const server = await serve(redirect('/again'));
    await expect(client().get(`${server.origin}/`, options)).rejects.toMatchObject({
      code: 'redirects-too-many',
    });
    expect(server.seen).toHaveLength(REDIRECTS_MAX + 1);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fe80::1]/',
    'http://0.0.0.0/',
    'http://[::]/',
  ])('to %s is refused', async (target) => {
    const server = await serve(redirect(target));
    await expect(client().get(`${server.origin}/`, options)).rejects.toMatchObject({ code: 'host-refused' });
  });

  test('to another scheme is refused', async () => {
    const server = await serve(redirect('file:///etc/passwd'));
    await expect(client().get(`${server.origin}/`, options)).rejects.toMatchObject({
      code: 'scheme-refused',
    });
  });

  test('from the host that an administrator named to another loopback name is refused', async () => {
    const inner = await serve((_seen, response) => response.end('secret'));
    const server = await serve(redirect(`http://localhost:${inner.port}/`));
    const strict = client({ hostPolicy: new HostPolicy() });
    const asking = strict.get(`${server.origin}/`, { ...options, trusted: true });
    await expect(asking).rejects.toMatchObject({ code: 'host-refused' });
    expect(inner.seen).toHaveLength(0);
  });
});

describe('a host', () => {
  test('on loopback is refused unless an administrator named it', async () => {
    const server = await serve((_seen, response) => response.end('x'));
    const strict = client({ hostPolicy: new HostPolicy() });
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]']) {
      const asking = strict.get(`http://${host}:${server.port}/`, options);
      await expect(asking).rejects.toMatchObject({ code: 'host-refused' });
    }
    const named = await strict.get(`${server.origin}/`, { ...options, trusted: true });
    expect(named.status).toBe(200);
  });

  test('whose name leads to a forbidden address is refused', async () => {
    const lookup = async () => [{ address: '169.254.169.254', family: 4 }];
    const asking = client({ lookup }).get('http://tracker.example/', options);
    await expect(asking).rejects.toMatchObject({ code: 'host-refused' });
  });

  test('is connected at the address that was judged: a name is looked up once, and forbidden addresses in it are left out', async () => {
    const server = await serve((_seen, response) => response.end('x'));
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return [
        { address: '169.254.169.254', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ];
    };
    const { status } = await client({ lookup }).get(`http://tracker.example:${server.port}/`, options);
    expect([status, lookups]).toEqual([200, 1]);
  });
});

describe('TLS', () => {
  async function serveTls(respond: RequestListener): Promise<string> {
    const server = createServer(testCertificate, respond);
    await new Promise<void>((listening) => {
      server.listen(0, '127.0.0.1', listening);
    });
    onTestFinished(() => void server.close());
    return `${(server.address() as AddressInfo).port}`;
  }

  const answer: RequestListener = (_request, response) => response.end('x');

  test('is verified: a certificate that nobody trusts is refused', async () => {
    const port = await serveTls(answer);
    const asking = client().get(`https://localhost:${port}/`, options);
    await expect(asking).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/self.signed/u),
    });
  });

  test('accepts the authorities of a company, for the names in their certificates only', async () => {
    const port = await serveTls(answer);
    const trusting = client({ certificateAuthorities: testCertificate.cert });
    expect((await trusting.get(`https://localhost:${port}/`, options)).status).toBe(200);
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
    const other = client({ certificateAuthorities: testCertificate.cert, lookup });
    const asking = other.get(`https://tracker.example:${port}/`, options);
    await expect(asking).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('is not given up by a redirect to http', async () => {
    const port = await serveTls((_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
    );
    const trusting = client({ certificateAuthorities: testCertificate.cert });
    await expect(trusting.get(`https://localhost:${port}/`, options)).rejects.toMatchObject({
      code: 'scheme-refused',
    });
  });
});

describe('the host policy', () => {
  test.each([
    ['10.1.2.3', true],
    ['192.168.1.1', true],
    ['172.16.0.1', true],
    ['fd00::1', true],
    ['93.184.216.34', true],
    ['2606:2800::1', true],
    ['127.0.0.1', false],
    ['127.255.0.9', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:7f00:1', false],
    ['64:ff9b::127.0.0.1', false],
    ['169.254.0.1', false],
    ['::ffff:a9fe:1', false],
    ['64:ff9b::169.254.169.254', false],
    ['fd00:ec2::254', false],
    ['fe80::1', false],
    ['febf::1', false],
    ['0.0.0.0', false],
    ['::', false],
    ['239.1.1.1', false],
    ['ff15::1', false],
    ['255.255.255.255', false],
    ['not an address', false],
    ['', false],
  ])('for strangers, %s: %s', (ip, allowed) => {
    expect(new HostPolicy().allows(ip, false)).toBe(allowed);
  });
});
