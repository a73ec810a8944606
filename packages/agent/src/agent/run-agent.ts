import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { API_VERSION, startControlServer, transmissionRpc } from '@brine/control-http';
import type { ControlAdapter, ControlServer, LimitSettings } from '@brine/control-http';
import { whileBusy } from '@brine/piece-store/node';
import type { Engine, Rate, RateLimits } from '@brine/swarm';
import { createNodeEngine } from '@brine/swarm/node';
import type { Logger } from 'pino';

import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';
import { siteSetting } from '../site-setting.ts';
import type { StopRequest } from '../stop-request.ts';
import { listenAt } from '../transfer/listening.ts';
import { apiAddress, describeAddress } from './api-address.ts';
import { IdleWatch } from './idle-watch.ts';
import { OrderBook } from './orders/order-book.ts';
import { lookAtRoots } from './orders/root-access.ts';
import { Roots } from './orders/roots.ts';
import { PayloadAgent } from './payload-agent.ts';
import { passedSocket, tellServiceManager } from './service-manager.ts';
import type { AgentSettings } from './settings/agent-settings.ts';
import type { AgentFile } from './state/agent-file.ts';
import { InstanceLock } from './state/instance-lock.ts';
import { keepFile } from './state/keep-file.ts';
import { StateDirectory } from './state/state-directory.ts';
import { readOrMakeToken } from './state/token-file.ts';

export interface AgentRun {
  readonly settings: AgentSettings;
  readonly version: string;
  readonly log: Logger;
  readonly stop: StopRequest;
  /** Called when the API answers. */
  readonly ready: (agent: AgentFile) => void;
}

/** Runs the agent until it is asked to stop, or has been idle for long enough. Rejects with `CommandError` if it cannot start. */
export async function runAgent(run: AgentRun): Promise<void> {
  const state = new StateDirectory(run.settings.state);
  await state.make().catch((error: unknown) => {
    throw new CommandError(
      'output-unwritable',
      ExitCode.disk,
      `The state directory cannot be made: ${(error as Error).message}. Choose another with --state.`,
      { cause: error },
    );
  });
  const lock = await InstanceLock.take(state.lock);
  try {
    await runLocked(run, state);
  } finally {
    await lock.release();
  }
}

async function runLocked(run: AgentRun, state: StateDirectory): Promise<void> {
  const { settings, log, version } = run;
  const token = await readOrMakeToken(state.token);
  const book = await OrderBook.open(state.orders);
  await lookAtRoots(settings.roots, log);
  const engine = await makeEngine(settings, state);
  const agent = new PayloadAgent({
    engine,
    book,
    state,
    version,
    log,
    roots: new Roots(settings.roots),
    torrentRoots: new Roots([...settings.roots, ...(settings['torrent-roots'] ?? [])]),
    limits: configuredLimits(settings),
  });
  let server: ControlServer | undefined;
  try {
    const address = await listenAt(engine, settings.listen);
    log.info({ address, state: state.path }, 'listening for peers');
    server = await openServer(run, agent, token);
    void agent.restore();
    const file: AgentFile = {
      url: server.url,
      tokenFile: state.token,
      ...(settings['api.tls.cert'] === undefined ? {} : { certificateFile: settings['api.tls.cert'] }),
      apiVersion: API_VERSION,
      pid: process.pid,
      version,
      ...siteOf(engine),
      startedAt: new Date().toISOString(),
    };
    await keepFile(state.agentFile, `${JSON.stringify(file, null, 2)}\n`, 0o644);
    run.ready(file);
    await tell(run, 'READY=1');
    await untilDone(run, agent, server);
    await tell(run, 'STOPPING=1');
  } finally {
    // Nobody is to look for us any more; unless the next call starts us again.
    if (passedSocket() === undefined || server === undefined)
      await whileBusy(state.agentFile, () => rm(state.agentFile, { force: true }));
    await stopInTime(agent, server, engine);
    log.info('stopped');
  }
}

function siteOf(engine: Engine): Pick<AgentFile, 'site'> {
  const { siteLabel } = engine.snapshot();
  return siteLabel === undefined ? {} : { site: siteLabel };
}

async function makeEngine(settings: AgentSettings, state: StateDirectory): Promise<Engine> {
  const budget = limitsOf(settings['limits.wan-budget'], settings['limits.wan-budget']);
  const site = await siteSetting(settings);
  return createNodeEngine({
    sharing: settings['leech-only'] ? 'site' : 'all',
    site: site === false ? false : { ...site, budget },
    pex: settings.pex,
    lsd: settings.lsd,
    durablePublish: settings.durable,
    connectionsMax: CONNECTIONS_MAX,
    connectionsPerTorrentMax: CONNECTIONS_PER_PAYLOAD_MAX,
    stateDirectory: state.resume,
  });
}

function configuredLimits(settings: AgentSettings): LimitSettings {
  return {
    total: limitsOf(settings['limits.down'], settings['limits.up']),
    outside: limitsOf(settings['limits.wan-down'], settings['limits.wan-up']),
  };
}

function limitsOf(down: Rate | undefined, up: Rate | undefined): RateLimits {
  return {
    ...(down === undefined ? {} : { downBytesPerSecond: down }),
    ...(up === undefined ? {} : { upBytesPerSecond: up }),
  };
}

async function openServer(
  { settings, log, stop }: AgentRun,
  service: PayloadAgent,
  token: string,
): Promise<ControlServer> {
  const address = await apiAddress(settings);
  try {
    return await startControlServer({
      service,
      token,
      address,
      logger: log,
      hosts: settings['api.hosts'],
      adapters: adaptersOf(settings),
      onStop: () => stop.request(),
    });
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const reason = isTaken ? 'another program, perhaps another agent, uses it' : (error as Error).message;
    throw new CommandError(
      'listen-failed',
      ExitCode.network,
      `The API cannot listen at ${describeAddress(address)}: ${reason}. Choose another place with --api HOST:PORT; port 0 takes any free one.`,
      { cause: error },
    );
  }
}

/** Other APIs than our own, as far as they are switched on. */
function adaptersOf(settings: AgentSettings): readonly ControlAdapter[] {
  if (!settings['api.transmission']) return [];
  const rpc = transmissionRpc({
    stateDirectory: settings.state,
    peersMax: CONNECTIONS_MAX,
    peersPerPayloadMax: CONNECTIONS_PER_PAYLOAD_MAX,
    pex: settings.pex,
    lsd: settings.lsd,
  });
  return [rpc];
}

/** That nobody could be told is no reason not to run. */
async function tell({ log }: AgentRun, state: Parameters<typeof tellServiceManager>[0]): Promise<void> {
  await tellServiceManager(state).catch((error: unknown) =>
    log.warn({ err: error, state }, 'the service manager could not be told'),
  );
}

/** Asked to stop, or idle. */
function untilDone(
  { settings, stop, log }: AgentRun,
  agent: PayloadAgent,
  server: ControlServer,
): Promise<void> {
  const idleMs = settings['exit-when-idle'];
  return new Promise((resolve) => {
    const watch = idleMs === undefined ? undefined : new IdleWatch(idleMs, performance.now());
    const timer = setInterval(() => {
      const activity = { payloads: agent.list(), engine: agent.engine(), lastCallMs: server.lastCallMs() };
      if (watch?.isIdle(performance.now(), activity) !== true) return;
      log.info('idle for long enough');
      done();
    }, LOOK_MS);
    if (watch === undefined) clearInterval(timer);
    const done = (): void => {
      clearInterval(timer);
      resolve();
    };
    stop.onRequest(done);
  });
}

/** What is on disk is sound at any instant, so nothing is waited for longer than service controls wait. */
async function stopInTime(
  agent: PayloadAgent,
  server: ControlServer | undefined,
  engine: Engine,
): Promise<void> {
  const done = new AbortController();
  const patience = wait(STOP_TIMEOUT_MS, undefined, { signal: done.signal }).catch(() => undefined);
  const stopped = agent.stop().then(() => Promise.all([server?.close(), engine.close()]));
  await Promise.race([stopped, patience]);
  done.abort();
}

/** The engine's own defaults, said here because the Transmission RPC tells them. */
const CONNECTIONS_MAX = 500;
const CONNECTIONS_PER_PAYLOAD_MAX = 200;
const LOOK_MS = 1_000;
const STOP_TIMEOUT_MS = 4_000;
