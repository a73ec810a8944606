import type { Peer, PeerOrder } from '../peer.ts';
import type { FleetClient } from './fleet-client.ts';
import type { FleetHost } from './fleet.ts';

/** A leecher on a host of a fleet, through all its lives: killed, it can be started again and goes on with what it has. */
export class Member {
  readonly host: FleetHost;
  readonly client: FleetClient;
  readonly directory: string;
  /** Resolves when its payload is complete for the first time, with the milliseconds since 1970. Rejects when its program fails. */
  readonly done: Promise<number>;
  readonly #order: PeerOrder;
  readonly #timeoutMs: number;
  #peer: Peer | undefined;
  #settle: { resolve: (at: number) => void; reject: (error: unknown) => void };

  constructor(client: FleetClient, host: FleetHost, order: PeerOrder, timeoutMs: number) {
    this.client = client;
    this.host = host;
    this.directory = order.directory;
    this.#order = order;
    this.#timeoutMs = timeoutMs;
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever waits for it hears of a failure; until then it is no failure of this process.
    this.done.catch(() => undefined);
  }

  /** The process of its present life; 0 without one. */
  get pid(): number {
    return this.#peer?.program.pid ?? 0;
  }

  /** What its program printed last, for messages. */
  tail(): string {
    return this.#peer?.program.tail() ?? '';
  }

  /** Begins a life. */
  async start(): Promise<void> {
    const peer = await this.client.client.start(this.#order);
    this.#peer = peer;
    peer.complete(this.#timeoutMs).then(
      (at) => this.#settle.resolve(at),
      (error: unknown) => {
        if (this.#peer === peer) this.#settle.reject(error);
      },
    );
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    await peer?.program.kill();
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    await peer?.stop();
  }
}
