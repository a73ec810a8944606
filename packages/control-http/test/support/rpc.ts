import type { LightMyRequestResponse } from 'fastify';

import { transmissionRpc } from '../../src/index.ts';
import type { ControlOptions } from '../../src/index.ts';
import { Api, TOKEN } from './api.ts';
import type { FakeService } from './fake-service.ts';

export interface Answer {
  readonly result: string;
  readonly tag?: number;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** The Transmission RPC over a fake service, and a client that knows the session's id. */
export class Rpc implements AsyncDisposable {
  readonly api: Api;
  readonly sessionId: string;
  /** What the adapter takes for the time, milliseconds since 1970. */
  readonly clock: { nowMs: number };

  private constructor(api: Api, sessionId: string, clock: { nowMs: number }) {
    this.api = api;
    this.sessionId = sessionId;
    this.clock = clock;
  }

  /** `options`: within the whole API. */
  static async open(options?: Partial<ControlOptions>): Promise<Rpc> {
    const clock = { nowMs: 1_800_000_000_000 };
    const facts = { stateDirectory: '/state', peersMax: 500, peersPerPayloadMax: 200, pex: true, lsd: false };
    const adapter = transmissionRpc({ ...facts, nowMs: () => clock.nowMs });
    const api = await (options === undefined
      ? Api.openAdapter(adapter)
      : Api.open({ ...options, adapters: [adapter] }));
    const first = await api.call('POST', URL, { payload: {}, headers: { authorization: basic(TOKEN) } });
    return new Rpc(api, String(first.headers['x-transmission-session-id']), clock);
  }

  get service(): FakeService {
    return this.api.service;
  }

  post(
    payload: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LightMyRequestResponse> {
    const own = { authorization: basic(TOKEN), 'x-transmission-session-id': this.sessionId };
    return this.api.call('POST', URL, { payload, headers: { ...own, ...headers } });
  }

  async call(method: string, args?: object, tag?: number): Promise<Answer> {
    const answer = await this.post({ method, arguments: args, tag });
    if (answer.statusCode !== 200) throw new Error(`${method} is answered ${answer.statusCode}`);
    return answer.json<Answer>();
  }

  /** What comes back of a call that succeeds. */
  async done(method: string, args?: object): Promise<Answer['arguments']> {
    const answer = await this.call(method, args);
    if (answer.result !== 'success') throw new Error(`${method} fails: ${answer.result}`);
    return answer.arguments;
  }

  async torrents(fields: readonly string[], ids?: unknown): Promise<readonly unknown[]> {
    return (await this.done('torrent-get', { fields, ids }))['torrents'] as readonly unknown[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }
}

/** An `Authorization` header. */
export function basic(password: string, user = 'any'): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export const URL = '/transmission/rpc';
