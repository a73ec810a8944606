import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { Host } from './private-network.ts';
import { Program } from './program.ts';

const run = promisify(execFile);
const PORT = 6969;

/** Opentracker on a host, HTTP and UDP. */
export class Tracker {
  readonly httpUrl: string;
  readonly udpUrl: string;
  readonly #host: Host;
  readonly #program: Program;

  private constructor(host: Host, program: Program) {
    this.#host = host;
    this.#program = program;
    this.httpUrl = trackerUrls(host).http;
    this.udpUrl = trackerUrls(host).udp;
  }

  /** Starts it for the given info-hashes (hex) only: Debian's build insists on a whitelist. `directory` is an empty one for its files. */
  static async start(host: Host, infoHashes: readonly string[], directory: string): Promise<Tracker> {
    await chmod(directory, 0o755); // it gives up root after chroot
    await writeFile(
      join(directory, 'whitelist'),
      infoHashes.map((hash) => `${hash.toUpperCase()}\n`).join(''),
    );
    const options = ['-i', host.ip, '-p', String(PORT), '-P', String(PORT), '-d', directory];
    const command = ['opentracker', ...options, '-u', 'nobody', '-w', 'whitelist'];
    const tracker = new Tracker(host, new Program('opentracker', host, command));
    await tracker.#until(infoHashes[0] ?? '', () => true);
    return tracker;
  }

  /** Resolves when at least `count` peers have announced themselves complete. */
  async seeders(infoHash: string, count = 1): Promise<void> {
    await this.#until(infoHash, (answer) => Number(/8:completei(\d+)e/.exec(answer)?.[1] ?? 0) >= count);
  }

  /** Resolves when at least `count` peers, complete or not, have announced themselves. */
  async peers(infoHash: string, count = 1): Promise<void> {
    await this.#until(infoHash, (answer) => {
      const complete = Number(/8:completei(\d+)e/.exec(answer)?.[1] ?? 0);
      return complete + Number(/10:incompletei(\d+)e/.exec(answer)?.[1] ?? 0) >= count;
    });
  }

  async #until(infoHash: string, wanted: (answer: string) => boolean): Promise<void> {
    const deadline = Date.now() + 40_000;
    let answer = '';
    while (Date.now() < deadline) {
      answer = await this.#scrape(infoHash);
      if (answer !== '' && wanted(answer)) return;
      await delay(100);
    }
    throw new Error(`the tracker never said what was waited for: ${answer}\n${this.#program.tail()}`);
  }

  /** The answer to a scrape, empty while it does not listen. By bash, which is there and starts quickly. */
  async #scrape(infoHash: string): Promise<string> {
    const escaped = infoHash.replaceAll(/../g, (byte) => `%${byte}`);
    const request = `GET /scrape?info_hash=${escaped} HTTP/1.0\\r\\n\\r\\n`.replaceAll('%', '%%');
    const script = `exec 3<>/dev/tcp/${this.#host.ip}/${PORT} && printf '${request}' >&3 && cat <&3`;
    const [file, ...args] = [...this.#host.prefix, 'bash', '-c', script];
    const answer = await run(file ?? '', args, { timeout: 3000 }).catch(() => ({ stdout: '' }));
    return answer.stdout;
  }
}

/** Where a tracker on `host` will be, known before it starts. */
export function trackerUrls(host: Host): { readonly http: string; readonly udp: string } {
  return { http: `http://${host.ip}:${PORT}/announce`, udp: `udp://${host.ip}:${PORT}/announce` };
}
