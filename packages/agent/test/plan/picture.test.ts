import { describe, expect, it } from 'vitest';

import { pictureOf } from '../../src/plan/picture.ts';
import { reportOf } from '../../src/plan/report.ts';
import { simulatedOf } from '../../src/plan/scaling.ts';
import type { SimulationOutcome } from '../../src/plan/simulation.ts';
import { fleet, site } from './fleet.ts';

function picture(siteCount: number, done: (site: number) => number, plain = false): string {
  const sites = Array.from({ length: siteCount }, (_, index) => site(`<a & "b"> ${index}`));
  const scenario = fleet({ sites });
  const outcome: SimulationOutcome = {
    seed: 1,
    sites: sites.map((_, index) => ({
      doneSeconds: [1, done(index)],
      wanInBytes: scenario.payloadBytes * 1.05,
      wanOutBytes: 0,
    })),
    originOutBytes: 1,
    busy: { origin: 0.5, sitesDown: sites.map(() => 0.9), sitesUp: sites.map(() => 0.1), lan: 0 },
    events: 1,
    tookSeconds: 1,
  };
  return pictureOf(
    reportOf(scenario, simulatedOf(scenario), {
      brine: [outcome],
      plain: plain ? [outcome] : [],
      tookSeconds: 1,
    }),
  );
}

/** Names of elements in order; throws where tags do not match or text holds what must be escaped. */
function elements(xml: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = xml.replaceAll(
    /<(?:\/([a-z]+)|([a-z]+)((?: [\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)(\/?))>/gu,
    (_, closed: string | undefined, opened: string | undefined, _attributes, alone: string) => {
      if (closed !== undefined && open.pop() !== closed) throw new Error(`</${closed}> closes nothing`);
      if (opened !== undefined) names.push(opened);
      if (opened !== undefined && alone === '') open.push(opened);
      return '';
    },
  );
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
  const stray = /[<>]|&(?!(?:amp|lt|gt|quot);)/u.exec(rest);
  if (stray !== null) throw new Error(`stray ${stray[0]} at ${stray.index}`);
  return names;
}

describe('The picture of a plan', () => {
  it.each([1, 5, 60, 300])('of %i sites is well-formed, with two bars for each site shown', (siteCount) => {
    const names = elements(picture(siteCount, (index) => 20 + index));
    const groups = names.filter((name) => name === 'g').length;
    expect(groups).toBe(Math.min(100, siteCount));
    expect(names.filter((name) => name === 'rect')).toHaveLength(1 + 2 * groups);
  });

  it('stays so when a site is never done, and in comparison', () => {
    const names = elements(picture(4, (index) => (index === 2 ? Infinity : 20), true));
    expect(names.filter((name) => name === 'rect')).toHaveLength(1 + 4 * 4);
    expect(picture(4, (index) => (index === 2 ? Infinity : 20))).toContain('never');
  });

  it('holds no number that is none', () => {
    expect(picture(3, () => Infinity, true)).not.toMatch(/NaN|="-?Infinity/u);
  });

  it('shows the fastest site first and has colours for dark pages', () => {
    const text = picture(3, (index) => 30 - index * 10);
    expect(text.indexOf(' 2: ')).toBeLessThan(text.indexOf(' 0: '));
    expect(text).toContain('prefers-color-scheme:dark');
  });
});
