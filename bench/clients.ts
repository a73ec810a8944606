import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BenchPeer } from './bench-peer.ts';
import { isInstalled } from './is-installed.ts';
import { REPOSITORY } from './places.ts';

/** How one peer of a benchmark is to be started. */
export interface PeerOrder {
  readonly role: 'seed' | 'leech';
  /** Path of the .torrent file. */
  readonly torrent: string;
  /** Where the payload stands or is to go. */
  readonly directory: string;
  /** An empty directory. */
  readonly state: string;
  readonly ip: string;
  readonly port: number;
  readonly peers: readonly string[];
  /** For clients that take no peers. */
  readonly tracker: string;
}

/** A client that can take part in a pair. */
export interface BenchClient {
  readonly name: string;
  readonly needsTracker: boolean;
  /** Why it cannot run here, if it cannot. */
  missing(): string | undefined;
  command(order: PeerOrder): readonly string[];
  ready(line: string): boolean;
  complete(line: string): boolean;
}

const PYTHON = '/usr/bin/python3';
const BRINE = join(REPOSITORY, 'packages/agent/bin/brine.js');
const LIBTORRENT = join(REPOSITORY, 'test/rig/peers/libtorrent_peer.py');
/** Where `--webtorrent` installs it. */
export const WEBTORRENT: string = join(REPOSITORY, 'scratch/webtorrent');

const brine: BenchClient = {
  name: 'brine',
  needsTracker: false,
  missing: () => undefined,
  command: ({ role, torrent, directory, state, ip, port, peers }) => {
    const place = ['--path', directory, '--state', state, '--listen', `${ip}:${port}`, '--json'];
    const verb = role === 'seed' ? 'seed' : 'get';
    return [process.execPath, BRINE, verb, torrent, ...place, ...peers.flatMap((peer) => ['--peer', peer])];
  },
  ready: (line) => /"event":"(ready|listening)"/.test(line),
  complete: (line) => line.includes('"event":"complete"'),
};

/** The settings of the rig's `lt-tuned`: TCP only, unlimited slots, deep queues. */
export const libtorrent: BenchClient = {
  name: 'libtorrent',
  needsTracker: false,
  missing: () =>
    spawnSync(PYTHON, ['-c', 'import libtorrent']).status === 0 ? undefined : 'python3-libtorrent missing',
  command: ({ role, torrent, directory, ip, port, peers }) => {
    const own = `${ip}:${port}`;
    return [PYTHON, LIBTORRENT, '--tuned', role, torrent, directory, own, ...peers];
  },
  ready: (line) => line === 'ready',
  complete: (line) => line.startsWith('complete'),
};

const aria2: BenchClient = {
  name: 'aria2',
  needsTracker: true,
  missing: () => (isInstalled('aria2c') ? undefined : 'aria2 missing'),
  command: ({ role, torrent, directory, state, ip, port, tracker }) => {
    const hook = join(state, 'complete.sh');
    writeFileSync(hook, '#!/bin/sh\necho payload-complete\n', { mode: 0o755 });
    return [
      'aria2c',
      '--no-conf',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--disable-ipv6=true',
      '--seed-ratio=0.0',
      '--check-integrity=false',
      '--allow-overwrite=true',
      '--file-allocation=none',
      '--bt-max-peers=0',
      '--bt-request-peer-speed-limit=0',
      '--bt-require-crypto=false',
      '--bt-min-crypto-level=plain',
      '--summary-interval=0',
      '--console-log-level=notice',
      '--show-console-readout=false',
      `--bt-seed-unverified=${String(role === 'seed')}`,
      `--interface=${ip}`,
      `--listen-port=${port}`,
      `--bt-tracker=${tracker}`,
      `--on-bt-download-complete=${hook}`,
      `--dir=${directory}`,
      torrent,
    ];
  },
  ready: (line) => line.includes('listening on TCP port'),
  complete: (line) => line === 'payload-complete',
};

const webtorrent: BenchClient = {
  name: 'webtorrent',
  needsTracker: false,
  missing: () =>
    existsSync(join(WEBTORRENT, 'node_modules/webtorrent')) ? undefined : 'not installed (--webtorrent)',
  command: ({ role, torrent, directory, ip, port, peers }) => {
    const program = join(REPOSITORY, 'bench/peers/webtorrent-peer.mjs');
    return [process.execPath, program, WEBTORRENT, role, torrent, directory, `${ip}:${port}`, ...peers];
  },
  ready: (line) => line === 'ready',
  complete: (line) => line === 'complete',
};

/** Ours first: ratios are ours to each other's. */
export const CLIENTS: readonly BenchClient[] = [brine, libtorrent, aria2, webtorrent];

/** Starts a client as ordered. */
export function startPeer(client: BenchClient, order: PeerOrder): BenchPeer {
  return new BenchPeer(`${client.name} ${order.role} ${order.ip}`, client.command(order));
}
