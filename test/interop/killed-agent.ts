import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { ControlClient } from '@brine/control-http/client';
import { AgentProcess, until } from '../rig/agent.ts';
import { digests, makeFile, makeFolder } from '../rig/payload.ts';
import type { Payload } from '../rig/payload.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { everything, keptOrders, NOTHING_ORDERED, randomOrder, sameOrders } from './agent-orders.ts';
import type { Chance, Orderable, Orders } from './agent-orders.ts';
import { startHandMade } from './peers/hand-made.ts';
import type { HandMade } from './peers/hand-made.ts';
import { VerifiedPieces } from './refetched.ts';

/** How long an agent lives at most after it is ready. */
export const LIFE_MS = 12_000;
/** So many of the kills come while it starts. */
const EARLY = 0.2;
const ORDERS_EACH_MS = 350;
const MIB = 1024 * 1024;
const PIECE_LENGTH = 65_536;
const SLOW = 250_000;
const FAST: number = 100 * MIB;

interface Subject extends Orderable {
  readonly payload: Payload;
  readonly pieceCount: number;
  readonly right: ReadonlyMap<string, string>;
  /** Another seeder, which is fast. */
  readonly fast: () => Promise<HandMade>;
  readonly seeder: HandMade;
  readonly verified: VerifiedPieces;
}

/** One agent's run: five payloads, seeders at its own site and at another, orders of every kind. */
export class KilledAgent implements AsyncDisposable {
  readonly #home: string;
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #subjects: readonly Subject[];
  /** What is in force for sure; or one more, which was given when the kill came. */
  #possible: readonly Orders[] = [NOTHING_ORDERED];
  readonly #story: string[] = [];
  /** Orders that were kept, and pieces that had to outlive a kill, summed over all kills. */
  #kept = 0;
  #promised = 0;

  private constructor(home: string, seed: number, stream: number, subjects: readonly Subject[]) {
    this.#home = home;
    this.#seed = seed;
    this.#chance = seeded(seed * 1_000 + stream);
    this.#subjects = subjects;
  }

  static async prepare(seed: number, stream: number): Promise<KilledAgent> {
    const home = await mkdtemp(join(tmpdir(), 'brine-kills-'));
    await mkdir(join(home, 'root'));
    await writeFile(join(home, 'root', 'mine.txt'), 'not the agent’s');
    await writeFile(
      join(home, 'sites.yaml'),
      `here: [127.${stream}.1.0/24]\nthere: [127.${stream}.2.0/24]\n`,
    );
    const seeds = join(home, 'seeds');
    const payloads = [
      await makeFile(seeds, 'one.img', 6 * MIB + 5, stream),
      await makeFile(seeds, 'two.img', 9 * MIB, stream + 10),
      await makeFile(seeds, 'three.img', 4 * MIB + 70_000, stream + 20),
      await makeFolder(seeds, 'four', 200),
      await makeFile(seeds, 'five.img', 12 * MIB + 1, stream + 30),
    ];
    const subjects: Subject[] = [];
    for (const [at, payload] of payloads.entries()) {
      const path = join(home, `${payload.name}.torrent`);
      const torrent = await makeTorrent('libtorrent', payload, path, PIECE_LENGTH, []);
      const bytes = await flat(home, payload, torrent.files);
      const ip = `127.${stream}.${at % 2 === 0 ? 1 : 2}.${at + 2}`;
      const serve = (rate: number): Promise<HandMade> =>
        startHandMade('honest', { ip, prefix: [] }, bytes, torrent, rate);
      const seeder = await serve(SLOW);
      const length = torrent.files.reduce((sum, { length }) => sum + length, 0);
      subjects.push({
        name: payload.name.replace('.', '-'),
        infohash: torrent.infoHash,
        torrent: (await readFile(path)).toString('base64'),
        peers: [seeder.address],
        payload,
        pieceCount: Math.ceil(length / PIECE_LENGTH),
        right: await digests(payload),
        fast: () => serve(FAST),
        seeder,
        verified: new VerifiedPieces(),
      });
    }
    return new KilledAgent(home, seed, stream, subjects);
  }

  /** Starts the agent, gives orders, kills it at a random moment, and looks at what it left. */
  async live(kill: number): Promise<void> {
    const startMs = Date.now();
    this.#story.push(`life ${kill}`);
    const agent = this.#start();
    const lifeMs = this.#chance() * LIFE_MS;
    if (this.#chance() < EARLY) await delay(lifeMs / 4);
    else await this.#giveOrders(agent, lifeMs);
    await agent.kill();
    const killedMs = Date.now();
    await this.#expectOrdersKept();
    await this.#expectWhole();
    for (const { name, verified, seeder } of this.#subjects) {
      const again = verified.askedAgain(seeder.witnessed(), startMs, killedMs);
      this.#same(again, [], name);
      verified.killed(killedMs);
      this.#promised += verified.count;
    }
  }

  /** Lets everything come, and looks whether it is right, and whether the promise was put to the test: for each kill once at least. */
  async complete(kills: number): Promise<void> {
    const startMs = Date.now();
    await using agent = this.#start();
    const client = await agent.client();
    await this.#expectTold(client);
    await client.resetLimits();
    const fast = await Promise.all(this.#subjects.map((subject) => subject.fast()));
    await client.onlyPayloads(everything(this.#subjects, fast));
    for (const [at, { name, verified, seeder, payload, right }] of this.#subjects.entries()) {
      await until(client, name, ({ complete }) => complete);
      this.#same(await digests({ ...payload, directory: this.#root }), right, payload.name);
      const witnessed = [...seeder.witnessed(), ...fast[at]!.witnessed()];
      const again = verified.askedAgain(witnessed, startMs, Date.now());
      this.#same(again, [], name);
    }
    await Promise.all(fast.map(({ program }) => program.stop()));
    this.#same(await readFile(join(this.#root, 'mine.txt'), 'utf8'), 'not the agent’s', 'mine.txt');
    assert.ok(this.#kept > kills, `only ${this.#kept} orders were kept`);
    assert.ok(this.#promised > kills, `only ${this.#promised} pieces had to outlive a kill`);
    await agent.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#subjects.map(({ seeder }) => seeder.program.stop()));
    await rm(this.#home, { recursive: true, force: true });
  }

  get #root(): string {
    return join(this.#home, 'root');
  }

  #start(): AgentProcess {
    const sites = ['--set', 'site=here', '--set', `sites=${join(this.#home, 'sites.yaml')}`];
    const extra = [...sites, '--listen', '127.0.0.1:0', '--set', 'log=warn'];
    return new AgentProcess({ state: join(this.#home, 'state'), root: this.#root, extra });
  }

  /** Gives orders for so long, and leaves the last one to be answered by whom it may concern. */
  async #giveOrders(agent: AgentProcess, lifeMs: number): Promise<void> {
    const client = await agent.client();
    await this.#expectTold(client);
    const end = delay(lifeMs, 'end' as const);
    for (;;) {
      const ordered = this.#giveOrder(client);
      if ((await Promise.race([ordered, end])) === 'end') {
        // The kill ends the call that is under way.
        ordered.catch(() => undefined);
        return;
      }
      if ((await Promise.race([delay(this.#chance() * ORDERS_EACH_MS * 2), end])) === 'end') return;
    }
  }

  async #giveOrder(client: ControlClient): Promise<void> {
    const [before = NOTHING_ORDERED] = this.#possible;
    const order = randomOrder(before, this.#subjects, this.#chance);
    for (const { name, verified } of this.#subjects) if (order.removes.includes(name)) verified.forget();
    this.#possible = [before, order.after];
    this.#story.push(order.text);
    await order.give(client);
    this.#possible = [order.after];
    this.#kept += 1;
    await this.#lookAtPieces(client, order.after);
  }

  async #lookAtPieces(client: ControlClient, { payloads }: Orders): Promise<void> {
    for (const { name, pieceCount, verified } of this.#subjects) {
      if (payloads[name] === undefined) continue;
      const { pieces } = await client.getPayload(name);
      if (pieces.map !== undefined) verified.saw(Buffer.from(pieces.map, 'base64'), pieceCount, Date.now());
    }
  }

  /** An order that was answered is on disk; one that was not is there wholly or not at all. */
  async #expectOrdersKept(): Promise<void> {
    const text = await readFile(join(this.#home, 'state', 'orders.json'), 'utf8').catch(() => undefined);
    const kept = keptOrders(text);
    const found = this.#possible.find((orders) => sameOrders(orders, kept));
    if (found === undefined) this.#same(kept, this.#possible[0], 'orders.json');
    this.#possible = [kept];
  }

  /** The agent says itself what its state directory says. */
  async #expectTold(client: ControlClient): Promise<void> {
    const [{ payloads }] = this.#possible as readonly [Orders];
    const told = await client.listPayloads();
    this.#same(
      Object.fromEntries(told.map(({ name, infohash, limits }) => [name, { infohash, limits }])),
      Object.fromEntries(
        Object.entries(payloads).map(([name, { infohash, limits }]) => [name, { infohash, limits }]),
      ),
      'the API',
    );
  }

  #same(found: unknown, right: unknown, what: string): void {
    try {
      assert.deepEqual(found, right);
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`${what}: ${message}\nBRINE_SEED=${this.#seed}: ${this.#story.slice(-40).join('; ')}`, {
        cause: error,
      });
    }
  }

  /** What stands under its final name is right, unless it was about to be removed. */
  async #expectWhole(): Promise<void> {
    const text = await readFile(join(this.#home, 'state', 'orders.json'), 'utf8').catch(
      () => '{"removals":[]}',
    );
    const { removals } = JSON.parse(text) as { readonly removals: readonly { readonly infohash: string }[] };
    for (const { payload, infohash, right } of this.#subjects) {
      if (removals.some((removal) => removal.infohash === infohash)) continue;
      if (!(await isThere(join(this.#root, payload.name)))) continue;
      this.#same(await digests({ ...payload, directory: this.#root }), right, payload.name);
    }
  }
}

/** The payload's bytes in one file, in the torrent's order, for a seeder that knows of no folders. */
async function flat(
  home: string,
  payload: Payload,
  files: readonly { readonly path: string; readonly length: number }[],
): Promise<Payload> {
  const parts = await Promise.all(
    files.map(({ path, length }) =>
      readFile(join(payload.directory, path)).catch(() => Buffer.alloc(length)),
    ),
  );
  const name = `${payload.name}.bytes`;
  await writeFile(join(home, name), Buffer.concat(parts));
  return { directory: home, name };
}

/** Numerical Recipes' generator: enough to make a run of orders repeatable. */
function seeded(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
