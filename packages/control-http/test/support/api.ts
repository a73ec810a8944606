import { fastify } from 'fastify';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';

import { controlHttp } from '../../src/index.ts';
import type { ControlAdapter, ControlOptions } from '../../src/index.ts';
import { addGates } from '../../src/security/gates.ts';
import { HostGate } from '../../src/security/host-gate.ts';
import { TokenGate } from '../../src/security/token-gate.ts';
import { FakeService } from './fake-service.ts';

export const TOKEN = 'correct-horse-battery-staple-0123456789';

/** The plugin over a fake service, called without a network. */
export class Api implements AsyncDisposable {
  /** Compiling the schemas takes most of a test's time, so tests that need nothing special have one in common. */
  static #common: Promise<Api> | undefined;

  readonly service: FakeService;
  readonly fastify: FastifyInstance;

  private constructor(service: FakeService, instance: FastifyInstance) {
    this.service = service;
    this.fastify = instance;
  }

  /** With a service that knows nothing yet. */
  static async open(options?: Partial<ControlOptions>): Promise<Api> {
    if (options !== undefined) return Api.#make(options);
    Api.#common ??= Api.#make({});
    const api = await Api.#common;
    api.service.reset();
    return api;
  }

  /** One adapter alone behind the gates: made at once. */
  static async openAdapter(adapter: ControlAdapter): Promise<Api> {
    const service = new FakeService();
    const instance = fastify();
    addGates(instance, { host: new HostGate([]), token: new TokenGate(TOKEN, () => 0) });
    adapter(instance, service);
    await instance.ready();
    return new Api(service, instance);
  }

  static async #make(options: Partial<ControlOptions>): Promise<Api> {
    const service = new FakeService();
    const instance = fastify();
    await instance.register(controlHttp, { service, token: TOKEN, ...options });
    await instance.ready();
    return new Api(service, instance);
  }

  /** A call with the right token, to 127.0.0.1. */
  call(method: string, url: string, request: Partial<InjectOptions> = {}): Promise<LightMyRequestResponse> {
    return this.fastify.inject({
      method: method as 'GET',
      url,
      ...request,
      headers: { host: '127.0.0.1:7420', authorization: `Bearer ${TOKEN}`, ...request.headers },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((await Api.#common) !== this) await this.fastify.close();
  }
}
