import type { FastifyInstance } from 'fastify';

/** Which methods the instance's paths know, for those who come with another one. Must be made before the routes are. */
export class KnownPaths {
  readonly #paths = new Map<string, { readonly pattern: RegExp; readonly methods: string[] }>();

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ url, method }) => {
      const known = this.#paths.get(url) ?? { pattern: patternOf(url), methods: [] };
      this.#paths.set(url, known);
      known.methods.push(...[method].flat());
    });
  }

  /** Empty if there is no such path. */
  methodsOf(path: string): readonly string[] {
    const fitting = [...this.#paths.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(fitting.flatMap(({ methods }) => methods))].sort();
  }
}

/** `/v1/payloads/:name`, `/assets/*`. */
function patternOf(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replaceAll(/\W/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
