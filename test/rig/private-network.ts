import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PREFIX = 'brine-it';
/** Of iproute2. */
const IP = 'ip';

/** One machine of a private network: a network namespace with one address. */
export interface Host {
  /** Its IPv4 address. Not 127/8: Transmission refuses such peers. */
  readonly ip: string;
  /** Put before a command to run it on this host. It replaces itself, so the process id is the command's own. */
  readonly prefix: readonly string[];
  /** Bytes that have arrived at this host so far, headers included. */
  receivedBytes(): Promise<number>;
}

/**
 * A switch with hosts, made of network namespaces (`ip netns`, needs root). Every host has its own address, so the ways in which clients
 * choose their source address, and their rules about several peers behind one address, do not disturb. Removed by `close`, at the latest
 * when this process ends; what a killed process left is swept away by the next one.
 */
export class PrivateNetwork implements AsyncDisposable {
  readonly #name: string;
  readonly #namespaces: string[] = [];
  #hosts = 0;

  private constructor(name: string) {
    this.#name = name;
  }

  static async create(): Promise<PrivateNetwork> {
    await sweep();
    const network = new PrivateNetwork(`${PREFIX}-${process.pid}-${randomBytes(3).toString('hex')}`);
    open.add(network);
    const name = await network.#namespace('switch');
    await ip(name, [
      ['link', 'add', 'bridge', 'type', 'bridge'],
      ['link', 'set', 'bridge', 'up'],
    ]);
    return network;
  }

  /** Adds a host. */
  async host(): Promise<Host> {
    this.#hosts += 1;
    const number = this.#hosts;
    const name = await this.#namespace(`host${number}`);
    const address = `10.77.1.${number}`;
    await ip(`${this.#name}-switch`, [
      ['link', 'add', `port${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name],
      ['link', 'set', `port${number}`, 'master', 'bridge', 'up'],
    ]);
    await ip(name, [
      ['link', 'set', 'lo', 'up'],
      ['addr', 'add', `${address}/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['route', 'add', 'default', 'via', '10.77.1.254', 'dev', 'eth0', 'onlink'],
    ]);
    const prefix = [IP, 'netns', 'exec', name];
    return {
      ip: address,
      prefix,
      async receivedBytes() {
        const counter = '/sys/class/net/eth0/statistics/rx_bytes';
        const { stdout } = await run(IP, [...prefix.slice(1), 'cat', counter]);
        return Number(stdout);
      },
    };
  }

  /** Ends what still runs on the hosts and removes them. Idempotent. */
  async close(): Promise<void> {
    for (const name of this.#namespaces.splice(0)) await remove(name);
    open.delete(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** As `close`, for the end of the process. */
  closeNow(): void {
    for (const name of this.#namespaces.splice(0)) {
      const pids = spawnSync(IP, ['netns', 'pids', name], { encoding: 'utf8' }).stdout;
      for (const pid of pids.split('\n').filter(Boolean)) kill(Number(pid));
      spawnSync(IP, ['netns', 'del', name]);
    }
  }

  async #namespace(role: string): Promise<string> {
    const name = `${this.#name}-${role}`;
    await run(IP, ['netns', 'add', name]);
    this.#namespaces.push(name);
    return name;
  }
}

const open = new Set<PrivateNetwork>();
process.once('exit', () => {
  for (const network of open) network.closeNow();
});

async function ip(namespace: string, commands: readonly (readonly string[])[]): Promise<void> {
  for (const command of commands) await run(IP, ['-n', namespace, ...command]);
}

async function remove(namespace: string): Promise<void> {
  const { stdout } = await run(IP, ['netns', 'pids', namespace]);
  for (const pid of stdout.split('\n').filter(Boolean)) kill(Number(pid));
  await run(IP, ['netns', 'del', namespace]);
}

/** Removes the networks of processes that are gone. */
async function sweep(): Promise<void> {
  const { stdout } = await run(IP, ['netns', 'list']);
  for (const line of stdout.split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const owner = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await remove(name);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
