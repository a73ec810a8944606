import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ControlClient } from '@brine/control-http/client';

import type { Payload } from '../rig/payload.ts';
import { makeFile } from '../rig/payload.ts';
import { BRINE, jsonLine } from '../rig/peers/brine.ts';
import type { Host } from '../rig/private-network.ts';
import { Program } from '../rig/program.ts';

const run = promisify(execFile);

/** This machine, as it is. */
const HERE: Host = { ip: '127.0.0.1', prefix: [], receivedBytes: async () => 0 };

/** A folder that is gone after the test. */
export class Room implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Room> {
    return new Room(await mkdtemp(join(tmpdir(), 'brine-browser-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A `brine seed` with a payload, and what one needs to fetch it. */
export class RealSeeder implements AsyncDisposable {
  readonly payload: Payload;
  /** Of the `.torrent` file. */
  readonly torrent: string;
  readonly infohash: string;
  /** `host:port`. */
  readonly address: string;
  readonly #program: Program;

  private constructor(
    program: Program,
    found: Pick<RealSeeder, 'payload' | 'torrent' | 'infohash' | 'address'>,
  ) {
    this.#program = program;
    this.payload = found.payload;
    this.torrent = found.torrent;
    this.infohash = found.infohash;
    this.address = found.address;
  }

  static async start(room: Room, name: string, bytes: number): Promise<RealSeeder> {
    const payload = await makeFile(join(room.directory, 'seed'), name, bytes);
    const torrent = join(room.directory, `${name}.torrent`);
    const content = join(payload.directory, name);
    const { stdout } = await run(process.execPath, [
      BRINE,
      'create',
      content,
      '-o',
      torrent,
      '--piece-size',
      '64KiB',
      '--json',
    ]);
    const { infoHash } = jsonLine(stdout.trim().split('\n').at(-1) ?? '') as { infoHash: string };
    const program = new Program(
      'seeder',
      HERE,
      brineCommand('seed', torrent, '--path', payload.directory, '--no-lsd'),
    );
    const { text } = await program.line((line) => jsonLine(line)?.['event'] === 'listening', 'listening');
    const { address } = jsonLine(text) as unknown as { address: { ip: string; port: number } };
    return new RealSeeder(program, {
      payload,
      torrent,
      infohash: infoHash,
      address: `${address.ip}:${address.port}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.kill();
  }
}

/** A `brine agent` in its own folders. */
export class RealAgent implements AsyncDisposable {
  readonly client: ControlClient;
  readonly url: string;
  readonly root: string;
  readonly #room: Room;
  readonly #program: Program;

  private constructor(room: Room, program: Program, client: ControlClient, url: string) {
    this.#room = room;
    this.#program = program;
    this.client = client;
    this.url = url;
    this.root = join(room.directory, 'root');
  }

  /** `port` of the API: 0 for any, that of an agent before it to take its place. */
  static async start(room: Room, port = 0): Promise<RealAgent> {
    const [state, root] = [join(room.directory, 'state'), join(room.directory, 'root')];
    await mkdir(root, { recursive: true });
    const program = new Program(
      'agent',
      HERE,
      brineCommand(
        'agent',
        '--state',
        state,
        '--root',
        root,
        '--api',
        `127.0.0.1:${port}`,
        '--set',
        'lsd=false',
      ),
    );
    const { text } = await program.line((line) => jsonLine(line)?.['event'] === 'ready', 'ready');
    const url = String(jsonLine(text)?.['url']);
    const token = (await readFile(join(state, 'token'), 'utf8')).trim();
    return new RealAgent(room, program, new ControlClient({ url, token }), url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** What `brine dashboard` prints. */
  async dashboardAddress(): Promise<string> {
    const { stdout } = await run(process.execPath, [
      BRINE,
      'dashboard',
      '--state',
      join(this.#room.directory, 'state'),
    ]);
    return stdout.trim();
  }

  /** SIGTERM. Resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#program.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.kill();
  }
}

function brineCommand(...args: readonly string[]): readonly string[] {
  return [process.execPath, BRINE, ...args, '--listen', '127.0.0.1:0', '--json'];
}
