// As the link has it: an error of another copy's class would not be one of its own.
import { ControlClient } from '@brine/control-http/client';
import { describe, expect, test } from 'vitest';

import { AgentLink } from '../../dashboard/link/agent-link.ts';
import { reduce } from '../../dashboard/model/reduce.ts';
import type { Fact, State } from '../../dashboard/model/state.ts';
import { INITIAL_STATE } from '../../dashboard/model/state.ts';
import type { ControlServer } from '../../src/index.ts';
import { startControlServer } from '../../src/index.ts';
import { TOKEN } from '../support/api.ts';
import { FakeService } from '../support/fake-service.ts';

/** The page without a browser: the link, the store, and a server that can go away and come back. */
class Opened implements AsyncDisposable {
  readonly service = new FakeService();
  readonly link: AgentLink;
  state: State = INITIAL_STATE;
  token: string | undefined;
  readonly facts: Fact[] = [];
  /** The waits that are under way, by their length: a test lets them pass. */
  readonly waits = new Map<number, () => void>();
  #server: ControlServer | undefined;
  #wake: () => void = () => undefined;
  #tick: () => void = () => undefined;
  #port = 0;

  constructor(token: string | undefined = TOKEN) {
    this.token = token;
    this.link = new AgentLink({
      tokens: { get: () => this.token, set: (next) => (this.token = next) },
      open: (with_) => new ControlClient({ url: `http://127.0.0.1:${this.#port}`, token: with_ }),
      dispatch: (fact) => {
        this.facts.push(fact);
        this.state = reduce(this.state, fact);
        this.#wake();
      },
      version: () => this.state.version,
      nowMs: () => 1_000 + this.facts.length,
      wait: (ms, signal) =>
        new Promise((resolve) => {
          this.waits.set(ms, resolve);
          signal.addEventListener('abort', () => resolve());
          this.#wake();
        }),
    });
  }

  async serve(): Promise<void> {
    this.#server = await startControlServer({
      service: this.service,
      token: TOKEN,
      address: { host: '127.0.0.1', port: this.#port },
      every: (ms, call) => {
        if (ms === 1_000) this.#tick = call;
        return () => undefined;
      },
    });
    this.#port = Number(new URL(this.#server.url).port);
  }

  async away(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  tick(): void {
    this.#tick();
  }

  /** Lets a wait of this length pass, as soon as there is one. */
  async pass(ms: number): Promise<void> {
    await this.until(() => this.waits.has(ms));
    const done = this.waits.get(ms)!;
    this.waits.delete(ms);
    done();
  }

  /** Resolves as soon as it is so. */
  async until(fits: (state: State) => boolean): Promise<State> {
    while (!fits(this.state)) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.link.stop();
    await this.away();
  }
}

const isLive = ({ link, payloads, limits, site }: State): boolean =>
  link.kind === 'live' && payloads !== undefined && limits !== undefined && site !== undefined;

describe('the link to the agent', () => {
  test('reads everything when the stream begins, and then follows it', async () => {
    await using page = new Opened();
    await page.serve();
    page.service.orders.set('maps', {});
    page.link.start();
    const state = await page.until(isLive);
    expect([...state.payloads!.keys()]).toEqual(['maps']);
    page.service.orders.set('films', {});
    page.tick();
    await page.until(({ payloads, engine }) => payloads?.has('films') === true && engine !== undefined);
    await page.service.setLimits({ total: { upBytesPerSecond: 7 } });
    page.service.tell({ type: 'limits-changed' });
    await page.until(({ limits }) => limits?.total?.upBytesPerSecond === 7);
  });

  test('comes back when the agent does, and hears what it missed', async () => {
    await using page = new Opened();
    await page.serve();
    page.link.start();
    await page.until(isLive);
    await page.away();
    await page.until(({ link }) => link.kind === 'away');
    page.service.orders.set('new', {});
    await page.serve();
    // The first attempt may still meet a connection of the old server.
    const isBack = ({ payloads, link }: State): boolean =>
      link.kind === 'live' && payloads?.has('new') === true;
    for (const ms of [500, 1_000, 2_000]) {
      await page.until((state) => page.waits.has(ms) || isBack(state));
      if (!isBack(page.state)) await page.pass(ms);
    }
    await page.until(isBack);
  });

  test('waits longer after every attempt that fails, but not for ever', async () => {
    await using page = new Opened();
    await page.serve();
    await page.away();
    page.link.start();
    for (const ms of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) await page.pass(ms);
    expect(page.state.link).toMatchObject({ kind: 'away', sinceMs: expect.any(Number) as number });
  });

  test('takes a connection on which nothing is said for dead', async () => {
    await using page = new Opened();
    await page.serve();
    page.link.start();
    await page.until(isLive);
    // Something was said during the first, nothing during the second.
    await page.pass(15_000);
    await page.pass(15_000);
    await page.until(({ link }) => link.kind === 'away');
    expect(page.state.link).toMatchObject({
      kind: 'away',
      detail: 'The agent has been silent for too long.',
    });
  });

  test('is told what happened while it was away', async () => {
    await using page = new Opened();
    await page.serve();
    page.link.start();
    await page.until(isLive);
    await page.pass(15_000);
    await page.pass(15_000);
    await page.until(({ link }) => link.kind === 'away');
    page.service.tell({ type: 'payload-ordered', name: 'meanwhile', infohash: 'ab'.repeat(20) });
    await page.pass(500);
    const state = await page.until(({ link }) => link.kind === 'live');
    expect(state.happenings.map(({ name, text }) => `${name} ${text}`)).toEqual(['meanwhile ordered']);
  });

  test('asks for a token when there is none, or a wrong one, and forgets that', async () => {
    await using page = new Opened(undefined);
    page.token = undefined;
    await page.serve();
    page.link.start();
    await page.until(({ link }) => link.kind === 'token-needed');
    expect(page.state.link).toMatchObject({ why: 'missing' });
    page.link.start('wrong');
    await page.until(({ link }) => link.kind === 'token-needed' && link.why === 'wrong');
    expect(page.token).toBeUndefined();
    expect(page.link.isRunning).toBe(false);
    page.link.start(TOKEN);
    await page.until(isLive);
    expect(page.token).toBe(TOKEN);
  });
});

describe('orders', () => {
  test('are passed on, and their answers count at once', async () => {
    await using page = new Opened();
    await page.serve();
    page.link.start();
    await page.until(isLive);
    expect(await page.link.put('maps', { infohash: 'ab'.repeat(20) })).toEqual({ ok: true });
    expect(page.state.payloads?.has('maps')).toBe(true);
    await page.link.pause('maps');
    await page.link.resume('maps');
    await page.link.verify('maps');
    await page.link.setLimits({ total: { upBytesPerSecond: 7 } });
    expect(page.state.limits).toMatchObject({ source: 'order' });
    await page.link.setLimits(undefined);
    expect(await page.link.remove('maps', { keepData: true })).toEqual({ ok: true });
    expect(page.service.calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'put maps',
      'pause maps',
      'resume maps',
      'verify maps',
      'limits',
      'limits',
      'remove maps false',
    ]);
  });

  test('that are refused say why', async () => {
    await using page = new Opened();
    await page.serve();
    page.link.start();
    await page.until(isLive);
    expect(await page.link.pause('nothing')).toEqual({
      ok: false,
      detail: 'There is no payload "nothing" here.',
    });
  });
});

test('who looks at a payload closely is told of it as it changes, and that it is gone', async () => {
  await using page = new Opened();
  await page.serve();
  page.service.orders.set('maps', {});
  page.link.lookAt('maps');
  page.link.start();
  await page.until(({ closeup }) => closeup?.kind === 'here');
  page.service.orders.delete('maps');
  page.service.orders.set('other', {});
  page.tick();
  await page.until(({ closeup }) => closeup?.kind === 'gone');
});
