import { setTimeout as wait } from 'node:timers/promises';

import type { AddTorrent, Engine, Rate, RateLimits, TorrentSnapshot } from '@brine/swarm';
import { createNodeEngine } from '@brine/swarm/node';

import type { AddressArgument } from '../address-argument.ts';
import { resolveAddress } from '../address-argument.ts';
import { ExitCode } from '../exit-codes.ts';
import { exitCodeOfTrouble } from '../failure.ts';
import { siteSetting } from '../site-setting.ts';
import { StopRequest } from '../stop-request.ts';
import { openReporter } from '../terminal/open-reporter.ts';
import { percentOf } from '../terminal/percent.ts';
import type { Reporter } from '../terminal/report.ts';
import { listenAt } from './listening.ts';
import type { TransferOutcome } from './transfer-watch.ts';
import { TransferWatch } from './transfer-watch.ts';

/** The options that `seed` and `get` share, as the command line hands them over. */
export interface TransferOptions {
  readonly path: string;
  readonly listen?: AddressArgument;
  readonly state?: string;
  readonly peer?: readonly AddressArgument[];
  /** Bytes per second; absent means unlimited. */
  readonly down?: number;
  readonly up?: number;
  /** Bytes per second, or a schedule of them, from and to other sites. */
  readonly wanDown?: Rate;
  readonly wanUp?: Rate;
  /** For all machines of the site together, in each direction. */
  readonly wanBudget?: Rate;
  /** Give way on the line to other sites. */
  readonly background?: boolean;
  /** Never send to other sites. */
  readonly leechOnly?: boolean;
  readonly durable?: boolean;
  readonly site?: string;
  /** A file; false: no sites. */
  readonly sites?: string | boolean;
  readonly pex: boolean;
  readonly lsd: boolean;
  readonly json?: boolean;
}

/** What one transfer is to do. */
export interface TransferOrder {
  readonly torrent: Omit<AddTorrent, 'directory'>;
  /** See `WatchOptions`. */
  readonly seedForMs?: number;
  readonly completeExpected: boolean;
  readonly selectors?: readonly string[];
  readonly keepMetadata?: (infoBytes: Uint8Array) => Promise<void>;
  /** Whether the torrent itself says where peers are; a seeder has no need. */
  readonly sources?: boolean;
}

/** Runs one torrent from listening to the last flush. Resolves with the exit code; troubles before it runs reject. */
export async function runTransfer(order: TransferOrder, options: TransferOptions): Promise<ExitCode> {
  const stop = new StopRequest();
  const peers = (await Promise.all((options.peer ?? []).map(resolveAddress))).flat();
  const site = await siteSetting(options);
  const reporter = await openReporter(options);
  const engine = createNodeEngine({
    limits: limitsOf(options.down, options.up),
    classLimits: { outside: limitsOf(options.wanDown, options.wanUp) },
    background: options.background ?? false,
    sharing: options.leechOnly === true ? 'site' : 'all',
    site: site === false ? false : { ...site, budget: limitsOf(options.wanBudget, options.wanBudget) },
    pex: options.pex,
    lsd: options.lsd,
    durablePublish: options.durable ?? false,
    ...(options.state === undefined ? {} : { stateDirectory: options.state }),
  });
  try {
    const address = await listenAt(engine, options.listen);
    reporter.tell({ event: 'listening', address });
    if (order.sources === false && peers.length === 0)
      reporter.tell({ event: 'warning', ...nobody(options.lsd) });
    const id = engine.add({
      ...order.torrent,
      directory: options.path,
      peers: [...peers, ...(order.torrent.peers ?? [])],
    });
    const { siteLabel } = engine.snapshot();
    const watch = new TransferWatch({ engine, id, reporter, stop, site: siteLabel, ...order });
    const outcome = await watch.outcome();
    return tellOutcome(outcome, engine.torrent(id), reporter);
  } finally {
    await closeInTime(engine);
    reporter.close();
  }
}

function limitsOf(down: Rate | undefined, up: Rate | undefined): RateLimits {
  return {
    ...(down === undefined ? {} : { downBytesPerSecond: down }),
    ...(up === undefined ? {} : { upBytesPerSecond: up }),
  };
}

/** What is worth saying about the end, and the exit code that goes with it. */
function tellOutcome(
  outcome: TransferOutcome,
  last: TorrentSnapshot | undefined,
  reporter: Reporter,
): ExitCode {
  if (outcome.type === 'failed') {
    reporter.tell({ event: 'error', ...outcome.error });
    return exitCodeOfTrouble(outcome.error.code);
  }
  if (last !== undefined) {
    const percent = last.complete ? 100 : percentOf(last.bytesDone, last.bytesTotal);
    reporter.tell({ event: 'stopped', percent, uploadedBytes: last.uploadedBytes });
  }
  return ExitCode.done;
}

/** Ends the engine, but does not wait for a tracker or a disk that never answers: state on disk is sound at any instant. */
async function closeInTime(engine: Engine): Promise<void> {
  const closed = new AbortController();
  const patience = wait(CLOSE_TIMEOUT_MS, undefined, { signal: closed.signal }).catch(() => undefined);
  await Promise.race([engine.close(), patience]);
  closed.abort();
}

/** What to say when nobody told where peers are. */
function nobody(lsd: boolean): { readonly code: string; readonly message: string } {
  const until = lsd ? 'a peer on the local network is found or one connects here' : 'a peer connects here';
  return {
    code: 'no-sources',
    message: `The torrent names no tracker and there is no --peer: nothing comes until ${until}. Name one with --peer HOST:PORT.`,
  };
}

/** Below the five seconds after which service controls become impatient. */
const CLOSE_TIMEOUT_MS = 4000;
