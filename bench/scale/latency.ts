import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A call to be timed. */
export interface Probe {
  /** As it stands in the table. */
  readonly name: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** Milliseconds that answers took, by call. */
export type Latencies = ReadonlyMap<string, readonly number[]>;

/** Calls one after the other, on one connection, and times them from the first byte sent to the last received. */
export class LatencyProbe {
  readonly #url: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(api: { readonly url: string; readonly token: string }) {
    this.#url = api.url;
    this.#token = api.token;
  }

  /** Goes round `probes` until `until` holds. Rejects when an answer is not 2xx. */
  async run(probes: readonly Probe[], until: () => boolean | Promise<boolean>): Promise<Latencies> {
    const found = new Map<string, number[]>(probes.map(({ name }) => [name, []]));
    while (!(await until())) {
      for (const probe of probes) {
        found.get(probe.name)?.push(await this.#time(probe));
        await delay(PAUSE_MS);
      }
    }
    return found;
  }

  close(): void {
    this.#agent.destroy();
  }

  #time({ method, path, body }: Probe): Promise<number> {
    return new Promise((resolve, reject) => {
      const startedMs = performance.now();
      const headers = {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const call = request(`${this.#url}${path}`, { method, headers, agent: this.#agent }, (response) => {
        response.resume();
        response.on('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode < 300) resolve(performance.now() - startedMs);
          else reject(new Error(`${method} ${path}: ${statusCode}`));
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

/** The value below which `part` (0 to 1) of the values lie. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** So that the calls are a small part of the load. */
const PAUSE_MS = 5;
