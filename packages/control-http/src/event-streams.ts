import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';

import type { EventRing, KeptEvent } from './event-ring.ts';
import type { EngineView, PayloadService, PayloadStatus } from './payload-service.ts';
import { ServiceError } from './problem.ts';

export interface EventStreamsOptions {
  readonly service: PayloadService;
  readonly ring: EventRing;
  /** Open at once; more are refused. */
  readonly streamsMax: number;
  /** Calls again and again; returns how to stop. */
  readonly every: (ms: number, call: () => void) => () => void;
}

/** The open streams of events. What is told is written once and sent to all. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = new Set<ServerResponse>();
  readonly #unsubscribe: () => void;
  #stopTicking: (() => void) | undefined;
  #ticks = 0;
  /** As last told, by name. */
  #told = new Map<string, string>();
  #toldEngine = '';

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#unsubscribe = options.service.subscribe((event) => {
      if (event.type === 'payload-removed') this.#told.delete(event.name);
      this.#send(encode(options.ring.push(event)));
    });
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  /** Takes a connection over: first what its `Last-Event-ID` missed, then everything as it happens. Throws `too-many-streams`. */
  open(request: FastifyRequest, reply: FastifyReply): void {
    const { ring, streamsMax } = this.#options;
    if (this.#open.size >= streamsMax)
      throw new ServiceError('too-many-streams', `${streamsMax} streams are open already; close one.`);
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, { ...HEADERS });
    response.write(opening(ring, request.headers['last-event-id']));
    this.#open.add(response);
    response.on('close', () => this.#forget(response));
    if (this.#stopTicking === undefined) {
      this.#told = new Map();
      this.#stopTicking = this.#options.every(TICK_MS, () => this.#tick());
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#unsubscribe();
    for (const response of this.#open) {
      response.end();
      // The connection serves nothing else, also if its other end does not close it.
      response.socket?.destroySoon();
    }
    this.#stopTicking?.();
  }

  #tick(): void {
    this.#ticks += 1;
    const changed = this.#options.service.list().filter((status) => this.#isNews(status));
    if (changed.length > 0) this.#send(`event: progress\ndata: ${JSON.stringify({ payloads: changed })}\n\n`);
    this.#tellEngine(this.#options.service.engine());
  }

  /** Also unchanged from time to time: whoever hears nothing for longer knows that the connection is dead. */
  #tellEngine(engine: EngineView): void {
    const text = JSON.stringify({ engine });
    if (text === this.#toldEngine && this.#ticks % TICKS_OF_SILENCE_MAX !== 0) return;
    this.#toldEngine = text;
    this.#send(`event: engine\ndata: ${text}\n\n`);
  }

  #isNews(status: PayloadStatus): boolean {
    const text = JSON.stringify(status);
    if (this.#told.get(status.name) === text) return false;
    this.#told.set(status.name, text);
    return true;
  }

  #send(text: string): void {
    for (const response of this.#open) {
      // One that does not read is ended rather than remembered for; it comes back and is told what it missed.
      if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
      else response.write(text);
    }
  }

  #forget(response: ServerResponse): void {
    this.#open.delete(response);
    if (this.#open.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
  }
}

function opening(ring: EventRing, lastSeen: string | string[] | undefined): string {
  const begin = `retry: 1000\n\n`;
  const now = `id: ${ring.lastId}\nevent: hello\ndata: {}\n\n`;
  if (typeof lastSeen !== 'string') return begin + now;
  const replay = ring.since(lastSeen);
  if (replay.type === 'gap') return `${begin}id: ${ring.lastId}\nevent: reset\ndata: {}\n\n`;
  return begin + replay.events.map(encode).join('') + now;
}

/** JSON has no line breaks of its own, so one line of data is enough. */
function encode({ id, event }: KeptEvent): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  connection: 'close',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no',
} as const;
const TICK_MS = 1_000;
const TICKS_OF_SILENCE_MAX = 5;
const UNREAD_BYTES_MAX: number = 1024 * 1024;
