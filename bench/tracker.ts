import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The smallest tracker that introduces peers to each other (BEP 3, BEP 23), for clients that cannot be told of peers. */
export class BenchTracker {
  readonly #server: Server;
  readonly #peers = new Map<string, Buffer>();
  #announced: () => void = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://tracker');
      const ip = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
      const port = Number(searchParams.get('port'));
      this.#peers.set(`${ip}:${port}`, Buffer.from([...ip.split('.').map(Number), port >> 8, port & 0xff]));
      const peers = Buffer.concat([...this.#peers.values()]);
      const head = Buffer.from(`d8:intervali1800e5:peers${peers.length}:`);
      response.end(Buffer.concat([head, peers, Buffer.from('e')]));
      this.#announced();
    });
  }

  static async start(): Promise<BenchTracker> {
    const tracker = new BenchTracker();
    await new Promise<void>((resolve) => tracker.#server.listen(0, '127.0.0.1', resolve));
    return tracker;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/announce`;
  }

  /** Resolves when `count` peers have announced themselves. */
  async peers(count: number): Promise<void> {
    while (this.#peers.size < count) await new Promise<void>((resolve) => (this.#announced = resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
