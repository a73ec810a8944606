import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';
import { simulationSeconds } from '../plan/effort.ts';
import { fleetFloor } from '../plan/floor.ts';
import { pictureOf } from '../plan/picture.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { badOption, fleetFlagsIn, scenarioOfOptions, seedsOf } from '../plan/plan-options.ts';
import type { PlanOptions } from '../plan/plan-options.ts';
import { reportOf } from '../plan/report.ts';
import type { PlanReport } from '../plan/report.ts';
import { simulatedOf } from '../plan/scaling.ts';
import type { Simulated } from '../plan/scaling.ts';
import type { Scenario } from '../plan/scenario.ts';
import { simulateAll } from '../plan/simulation-threads.ts';
import type { SimulationOrder } from '../plan/simulation.ts';
import { tableOf } from '../plan/table.ts';
import { processOutput } from '../terminal/output.ts';
import { formatDuration } from '../units/duration.ts';

/** A simulation that takes longer is announced. */
const ANNOUNCED_SECONDS = 20;
/** What has not come to an end in so many times its floor never will. */
const PATIENCE = 50;

/** `brine plan [FILE]`: simulates a rollout and tells what it would be like. */
export async function plan(file: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const scenario = await scenarioOf(file, options);
  const simulated = simulatedOf(scenario);
  const floor = fleetFloor(scenario);
  if (floor.seconds === Infinity)
    throw new CommandError(
      'argument-invalid',
      ExitCode.usage,
      `${floor.site ?? 'a site'} can never be done: its budget is nothing at all times. Give its schedule a window with a rate.`,
    );
  const report = await simulateReport(scenario, simulated, floor.seconds * PATIENCE, options);
  if (options.svg !== undefined) await writePicture(options.svg, report);
  if (options.json === true) processOutput.line(JSON.stringify({ event: 'plan', ...report }));
  else for (const line of tableOf(report)) processOutput.line(line);
  return ExitCode.done;
}

async function scenarioOf(file: string | undefined, options: PlanOptions): Promise<Scenario> {
  if (file === undefined) return scenarioOfOptions(options);
  const [flag] = fleetFlagsIn(options);
  if (flag !== undefined)
    throw badOption(flag, `${file} describes the fleet already; write it there, or leave out the file`);
  return parsePlanFile(
    file,
    await readPlan(file),
    options.seeds === undefined ? undefined : seedsOf(options.seeds),
  );
}

async function simulateReport(
  scenario: Scenario,
  simulated: Simulated,
  limitSeconds: number,
  options: PlanOptions,
): Promise<PlanReport> {
  const order = (seed: number, sitesAware: boolean): SimulationOrder => ({
    scenario,
    simulated,
    seed,
    sitesAware,
    limitSeconds,
  });
  const brine = scenario.seeds.map((seed) => order(seed, true));
  const plain = options.compare === true ? scenario.seeds.map((seed) => order(seed, false)) : [];
  const orders = [...plain, ...brine];
  const threads = Math.min(options.threads ?? availableParallelism(), orders.length);
  announce(simulationSeconds(simulated, { brine: brine.length, plain: plain.length }) / threads, options);
  const startedMs = performance.now();
  const outcomes = await simulateAll(orders, threads, (fraction) => showProgress(fraction, startedMs));
  clearProgress();
  return reportOf(scenario, simulated, {
    plain: outcomes.slice(0, plain.length),
    brine: outcomes.slice(plain.length),
    tookSeconds: (performance.now() - startedMs) / 1000,
  });
}

function announce(estimatedSeconds: number, { json }: PlanOptions): void {
  const rounded = Math.ceil(estimatedSeconds);
  if (json === true) processOutput.line(JSON.stringify({ event: 'plan-started', estimatedSeconds: rounded }));
  else if (estimatedSeconds > ANNOUNCED_SECONDS)
    process.stderr.write(`Simulating; this will take about ${formatDuration(rounded)}.\n`);
}

function showProgress(fraction: number, startedMs: number): void {
  if (!process.stderr.isTTY || fraction <= 0) return;
  const leftSeconds = ((performance.now() - startedMs) / 1000 / fraction) * (1 - fraction);
  process.stderr.write(
    `\r${Math.floor(fraction * 100)} % simulated, about ${formatDuration(leftSeconds)} left \u001B[K`,
  );
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
}

async function readPlan(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(
      'input-unreadable',
      ExitCode.inputInvalid,
      `"${file}" cannot be read: ${(error as Error).message}. Name a plan in YAML, or describe the fleet with options.`,
      { cause: error },
    );
  }
}

async function writePicture(file: string, report: PlanReport): Promise<void> {
  try {
    await writeFile(file, pictureOf(report));
  } catch (error) {
    throw new CommandError(
      'output-unwritable',
      ExitCode.disk,
      `"${file}" cannot be written: ${(error as Error).message}. Name another place with --svg.`,
      { cause: error },
    );
  }
}
