import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ControlClient } from '../src/client/index.ts';
import { nodeFetch } from '../src/client/node.ts';
import type { ControlAddress, ControlServer, ControlServerOptions } from '../src/index.ts';
import { startControlServer } from '../src/index.ts';
import { TOKEN } from './support/api.ts';
import { makeCertificate } from './support/certificates.ts';
import { FakeService } from './support/fake-service.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brine-places-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

class Served implements AsyncDisposable {
  readonly server: ControlServer;

  private constructor(server: ControlServer) {
    this.server = server;
  }

  static async at(address: ControlAddress, options: Partial<ControlServerOptions> = {}): Promise<Served> {
    return new Served(
      await startControlServer({ service: new FakeService(), token: TOKEN, address, ...options }),
    );
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  client(fetch?: typeof globalThis.fetch): ControlClient {
    return new ControlClient({
      url: this.server.url,
      token: TOKEN,
      ...(fetch === undefined ? {} : { fetch }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** Everything that comes back on a connection on which something was sent, when the other end has closed it. */
function exchange(port: number, ...sent: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => sent.forEach((each) => socket.write(each)));
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

describe('over TLS', () => {
  test('who knows the authority gets in, who knows another does not', async () => {
    const [ours, theirs] = [await makeCertificate(folder, 'ours'), await makeCertificate(folder, 'theirs')];
    await using served = await Served.at({ host: '127.0.0.1', port: 0, tls: ours });
    expect(served.server.url).toMatch(/^https:/);
    const known = served.client(nodeFetch({ ca: ours.cert }));
    expect((await known.getEngine()).version).toBe('1.2.3');
    await expect(served.client(nodeFetch({ ca: theirs.cert })).getEngine()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/self-signed certificate/) as string,
    });
    // The platform's own, too, which knows no authority of ours.
    await expect(served.client().getEngine()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('the very certificate is enough, whatever names it is for; another of these names is not', async () => {
    const named = 'DNS:agent.example';
    const [ours, theirs] = [
      await makeCertificate(folder, 'one', named),
      await makeCertificate(folder, 'other', named),
    ];
    await using served = await Served.at({ host: '127.0.0.1', port: 0, tls: ours });
    expect((await served.client(nodeFetch({ certificate: ours.cert })).getEngine()).peers).toBe(4);
    for (const options of [{ certificate: theirs.cert }, { ca: ours.cert }])
      await expect(served.client(nodeFetch(options)).getEngine()).rejects.toMatchObject({
        code: 'unreachable',
      });
  });

  test('plain HTTP, noise and old versions are refused, and the next caller is served', async () => {
    const ours = await makeCertificate(folder, 'sturdy');
    await using served = await Served.at({ host: '127.0.0.1', port: 0, tls: ours });
    const plain = `GET /v1/engine HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    expect(await exchange(served.port, plain)).not.toContain('1.2.3');
    await exchange(
      served.port,
      Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7) % 256),
    );
    const old = connectTls({ port: served.port, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ca: ours.cert });
    await new Promise<void>((resolve, reject) => {
      old.once('secureConnect', () => reject(new Error('TLS 1.1 was taken')));
      old.once('error', () => resolve());
    });
    expect((await served.client(nodeFetch({ ca: ours.cert })).getEngine()).version).toBe('1.2.3');
  });

  test('events stream', async () => {
    const ours = await makeCertificate(folder, 'streams');
    await using served = await Served.at({ host: '127.0.0.1', port: 0, tls: ours });
    for await (const { event } of served.client(nodeFetch({ ca: ours.cert })).streamEvents()) {
      expect(event).toEqual({ type: 'hello' });
      break;
    }
  });
});

describe.skipIf(process.platform === 'win32')('a Unix socket', () => {
  test('is for its owner alone, needs the token, and carries calls and streams', async () => {
    const socketPath = join(folder, 'api.sock');
    await using served = await Served.at({ socketPath });
    expect(served.server.url).toBe(`unix:${socketPath}`);
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    const client = served.client(nodeFetch({ socketPath }));
    expect((await client.putPayload('maps', { infohash: 'ab'.repeat(20) })).outcome).toBe('created');
    await client.removePayload('maps');
    for await (const { event } of client.streamEvents()) {
      expect(event).toEqual({ type: 'hello' });
      break;
    }
    const stranger = new ControlClient({
      url: served.server.url,
      token: 'x'.repeat(40),
      fetch: nodeFetch({ socketPath }),
    });
    await expect(stranger.getEngine()).rejects.toMatchObject({ code: 'token-wrong' });
    expect(() => served.client()).toThrow(/needs a fetch that goes there/);
    await expect(
      new ControlClient({
        url: 'unix:/nowhere.sock',
        token: TOKEN,
        fetch: nodeFetch({ socketPath: join(folder, 'nowhere.sock') }),
      }).getEngine(),
    ).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('unix:/nowhere.sock') as string,
    });
  });

  test('of a dead process is taken over, that of a living one is not', async () => {
    const socketPath = join(folder, 'left.sock');
    await leaveSocket(socketPath);
    {
      await using served = await Served.at({ socketPath });
      const client = served.client(nodeFetch({ socketPath }));
      await client.getEngine();
      await expect(Served.at({ socketPath })).rejects.toThrow(/another process listens at/);
      await client.getEngine();
    }
    await expect(stat(socketPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('replaces nothing else', async () => {
    const path = join(folder, 'precious');
    await writeFile(path, 'mine');
    await expect(Served.at({ socketPath: path })).rejects.toThrow(/is no socket/);
    expect(await readFile(path, 'utf8')).toBe('mine');
  });
});

describe('whoever is slow or sends too much', () => {
  test('is cut off while the headers or the body are still coming, and told why', async () => {
    await using served = await Served.at({ host: '127.0.0.1', port: 0 }, { requestTimeoutMs: 100 });
    const head = `PUT /v1/limits HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    const body = `${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    for (const sent of [head, body]) {
      const answer = await exchange(served.port, sent);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('"code":"request-late"');
    }
    expect(await served.client().getLimits()).toEqual({ source: 'configuration' });
  });

  test.each([
    ['address', `GET /v1/payloads?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
    ['header', `GET /v1/payloads HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['thousand headers', `GET / HTTP/1.1\r\n${'X: yyyyyyyy\r\n'.repeat(5_000)}\r\n`],
  ])('with one long %s is told so', async (_what, sent) => {
    await using served = await Served.at({ host: '127.0.0.1', port: 0 });
    const answer = await exchange(served.port, sent);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"head-too-large"');
  });

  test.each([
    ['SQUEEZE / HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['GET / HTTP/1.1\r\nbroken\r\n\r\n', 400],
    ['\u0016\u0003\u0001\u0002\u0000', 400],
    ['GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ])('in no HTTP is told so: %j', async (sent, status) => {
    await using served = await Served.at({ host: '127.0.0.1', port: 0 });
    const answer = await exchange(served.port, sent);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('urn:brine:problem:');
  });
});

test('a log at its finest holds no token, no password, no body and no query', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const service = new FakeService();
  {
    const address = { host: '127.0.0.1', port: 0 };
    await using served = await Served.at(address, { logger, service });
    const client = served.client();
    await client.putPayload('maps', { magnet: `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=SECRET-NAME` });
    await client.getSpace('/srv/SECRET-PATH');
    service.failure = new Error('a fault');
    await expect(client.pausePayload('maps')).rejects.toMatchObject({ code: 'internal-fault' });
    const wrong = new ControlClient({ url: served.server.url, token: 'SECRET-GUESS'.repeat(4) });
    await expect(wrong.getEngine()).rejects.toMatchObject({ code: 'token-wrong' });
    const lost = await fetch(`${served.server.url}/nothing?token=${TOKEN}`);
    expect(lost.status).toBe(401);
    await exchange(served.port, `GET / HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\nbroken\r\n\r\n`);
  }
  const text = lines.join('');
  expect(text).toContain('/v1/payloads/maps');
  expect(text).toContain('a fault');
  expect(text).not.toContain(TOKEN);
  expect(text).not.toContain('SECRET');
});

/** What a process that was killed leaves: a socket at which nobody listens. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  expect(() => execFileSync(process.execPath, ['-e', script, path], { stdio: 'ignore' })).toThrow(/./);
  expect((await stat(path)).isSocket()).toBe(true);
}
