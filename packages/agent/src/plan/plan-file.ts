import { isPieceLength } from '@brine/piece-store';
import { parse, YAMLParseError } from 'yaml';

import { parseDuration } from '../units/duration.ts';
import { parseRate } from '../units/rate.ts';
import { parseRateOrSchedule } from '../units/schedule.ts';
import { parseSize } from '../units/size.ts';
import { PlanValue } from './file-reader.ts';
import { parseChurn, parseInstant } from './notation.ts';
import { DEFAULTS, HOSTS_MAX, pieceLengthFor, SEEDS_MAX, SITES_MAX } from './scenario.ts';
import type { Budget, PlanChurn, PlanOrigin, PlanSite, Scenario } from './scenario.ts';

/**
 * Reads a plan file, YAML 1.2 as docs/plan.md describes it. `seeds` from the command line come before the file's. Throws `CommandError`
 * that names file and key, what is wrong and what belongs there.
 */
export function parsePlanFile(file: string, text: string, seeds?: readonly number[]): Scenario {
  const top = new PlanValue(file, '', readYaml(file, text));
  const all = top.fields(
    'payload',
    'origin',
    'defaults',
    'sites',
    'start-spread',
    'start-at',
    'churn',
    'seeds',
  );
  const payload = all.payload.fields('size', 'piece-size');
  const payloadBytes = payload.size.parsed(parseSize);
  if (payloadBytes <= 0) throw payload.size.wrong('an empty payload needs no plan');
  const spread = all['start-spread'];
  const startAt = all['start-at'];
  const scenario: Scenario = {
    payloadBytes,
    pieceLength: readPieceLength(payload['piece-size'], payloadBytes),
    origin: readOrigin(all.origin),
    sites: readSites(all.sites, readSite(all.defaults, BUILT_IN)),
    startSpreadMs: spread.isMissing ? 0 : spread.parsed(parseDuration),
    churn: all.churn.isMissing ? undefined : readChurn(all.churn),
    startEpochMs: startAt.isMissing ? DEFAULTS.startEpochMs : startAt.parsed(parseInstant),
    seeds: seeds ?? seedsUpTo(all.seeds.isMissing ? DEFAULTS.seeds : all.seeds.count(SEEDS_MAX)),
  };
  const hosts = scenario.sites.reduce((sum, site) => sum + site.hosts, 0);
  if (hosts > HOSTS_MAX)
    throw all.sites.wrong(`${hosts} machines are more than the ${HOSTS_MAX} that can be planned for`);
  return scenario;
}

interface SiteDefaults extends Omit<PlanSite, 'name'> {
  readonly count: number;
}

const BUILT_IN: SiteDefaults = {
  count: 1,
  hosts: DEFAULTS.hosts,
  downBytesPerSecond: DEFAULTS.linkBytesPerSecond,
  upBytesPerSecond: DEFAULTS.linkBytesPerSecond,
  lanBytesPerSecond: DEFAULTS.lanBytesPerSecond,
  latencyMs: DEFAULTS.latencyMs,
  budget: undefined,
  startMs: 0,
};

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new PlanValue(file, '', undefined).wrong(`this is no YAML: ${error.message.trim()}`, error);
  }
}

function readPieceLength(value: PlanValue, payloadBytes: number): number {
  if (value.isMissing) return pieceLengthFor(payloadBytes);
  const length = value.parsed(parseSize);
  if (isPieceLength(length)) return length;
  throw value.wrong('a power of two from 16KiB to 16MiB belongs here');
}

function readOrigin(value: PlanValue): PlanOrigin {
  if (value.isMissing)
    return { upBytesPerSecond: DEFAULTS.originBytesPerSecond, latencyMs: DEFAULTS.originLatencyMs };
  if (!value.isMapping) return { upBytesPerSecond: rate(value), latencyMs: DEFAULTS.originLatencyMs };
  const { up, latency } = value.fields('up', 'latency');
  return {
    upBytesPerSecond: up.isMissing ? DEFAULTS.originBytesPerSecond : rate(up),
    latencyMs: latency.isMissing ? DEFAULTS.originLatencyMs : latency.parsed(parseDuration),
  };
}

function readSites(value: PlanValue, defaults: SiteDefaults): readonly PlanSite[] {
  const names = new Set<string>();
  const sites: PlanSite[] = [];
  for (const item of value.items()) {
    const { name } = item.fields('name', ...SITE_KEYS);
    const { count, ...site } = readSite(item, defaults);
    const label = name.isMissing ? `site-${sites.length + 1}` : name.text();
    if (!LABEL.test(label))
      throw name.wrong(
        `"${label}" is no label; write letters, digits, dots and dashes, levels apart by slashes`,
      );
    for (let number = 1; number <= count; number += 1) {
      const own = count === 1 ? label : `${label}-${number}`;
      if (names.has(own)) throw name.wrong(`two sites are called ${own}`);
      names.add(own);
      sites.push({ ...site, name: own });
    }
    if (sites.length > SITES_MAX) throw value.wrong(`at most ${SITES_MAX} sites can be planned for`);
  }
  if (sites.length === 0) throw value.wrong('a plan needs at least one site');
  return sites;
}

const SITE_KEYS = ['count', 'hosts', 'link', 'lan', 'latency', 'budget', 'start'] as const;
const LABEL = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/u;

function readSite(value: PlanValue, defaults: SiteDefaults): SiteDefaults {
  if (value.isMissing) return defaults;
  const site = value.fields('name', ...SITE_KEYS);
  const link = site.link.isMissing ? undefined : readLink(site.link);
  return {
    count: site.count.isMissing ? defaults.count : site.count.count(SITES_MAX),
    hosts: site.hosts.isMissing ? defaults.hosts : site.hosts.count(HOSTS_MAX),
    downBytesPerSecond: link?.down ?? defaults.downBytesPerSecond,
    upBytesPerSecond: link?.up ?? defaults.upBytesPerSecond,
    lanBytesPerSecond: site.lan.isMissing ? defaults.lanBytesPerSecond : rate(site.lan),
    latencyMs: site.latency.isMissing ? defaults.latencyMs : site.latency.parsed(parseDuration),
    budget: site.budget.isMissing ? defaults.budget : readBudget(site.budget),
    startMs: site.start.isMissing ? defaults.startMs : site.start.parsed(parseDuration),
  };
}

function readLink(value: PlanValue): { readonly down: number; readonly up: number } {
  if (!value.isMapping) {
    const both = rate(value);
    return { down: both, up: both };
  }
  const { down, up } = value.fields('down', 'up');
  return { down: rate(down), up: rate(up.isMissing ? down : up) };
}

function readBudget(value: PlanValue): Budget | undefined {
  const budget = value.parsed(parseRateOrSchedule);
  if (budget === 0) throw value.wrong('with nothing at all nobody is ever done; write more than 0');
  return budget;
}

function readChurn(value: PlanValue): PlanChurn {
  if (!value.isMapping) return value.parsed(parseChurn);
  const { every, for: away } = value.fields('every', 'for');
  const everyMs = every.parsed(parseDuration);
  if (everyMs === 0) throw every.wrong('machines that never stay up are never done; write more than 0');
  return { everyMs, forMs: away.parsed(parseDuration) };
}

/** A rate above zero; Infinity for `unlimited`. */
function rate(value: PlanValue): number {
  if (value.isMissing) throw value.wrong('a rate belongs here, like 10mbit, 2MB/s or unlimited');
  const bytesPerSecond = value.parsed(parseRate) ?? Infinity;
  if (bytesPerSecond > 0) return bytesPerSecond;
  throw value.wrong('with nothing at all nobody is ever done; write more than 0');
}

function seedsUpTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
