import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { TrafficCounts } from '@brine/control-http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { REPOSITORY } from '../rig/places.ts';
import { OpenPage, openBrowser } from './browser.ts';
import type { Looks } from './browser.ts';
import { describeInBrowser } from './requirements.ts';
import { busyStage, crowdedStage, emptyStage } from './scenery.ts';
import { StagedAgent, STAGED_TOKEN } from './staged-service.ts';
import type { Stage } from './staged-service.ts';

/** A view of the page, and how to come to it. */
interface View {
  readonly name: string;
  readonly stage?: () => Stage;
  /** Behind the `#`. */
  readonly at?: string;
  /** What is seen in the window says it all: a dialog, a long list. */
  readonly isWindow?: boolean;
  /** Instead of the right one. */
  readonly token?: string;
  readonly prepare?: (opened: OpenPage, agent: StagedAgent) => Promise<void>;
}

const VIEWS: readonly View[] = [
  {
    name: 'payloads',
    prepare: async ({ page }) => page.getByRole('link', { name: 'cad-suite-2026.2' }).waitFor(),
  },
  {
    name: 'empty',
    stage: emptyStage,
    prepare: async ({ page }) => page.getByText('No payloads yet').waitFor(),
  },
  {
    name: 'crowded',
    isWindow: true,
    stage: () => crowdedStage(200),
    prepare: async ({ page }) => page.getByRole('link', { name: 'package-0100' }).waitFor(),
  },
  {
    name: 'payload',
    at: '#/payloads/cad-suite-2026.2',
    prepare: async ({ page }) => page.getByText('Own site').waitFor(),
  },
  {
    name: 'trouble',
    at: '#/payloads/point-clouds-north',
    prepare: async ({ page }) => page.getByText('Free some space').waitFor(),
  },
  {
    name: 'remove',
    isWindow: true,
    at: '#/payloads/maps-europe-q4',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Remove…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'payload-limits',
    isWindow: true,
    at: '#/payloads/maps-europe-q4',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Change the limits' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'limits',
    at: '#/limits',
    prepare: async ({ page }) => page.getByText('Own site').waitFor({ state: 'attached' }),
  },
  {
    name: 'limits-wrong',
    at: '#/limits',
    prepare: async ({ page }) => {
      await page.getByLabel('Sending, rate', { exact: true }).fill('much');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Write a number').waitFor();
    },
  },
  {
    name: 'add',
    at: '#/add',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('Choose a .torrent file, or paste').waitFor();
    },
  },
  {
    name: 'activity',
    at: '#/activity',
    prepare: async ({ page }, { service }) => {
      await page.getByText('Live').waitFor();
      service.tell({ type: 'payload-ordered', name: 'maps', infohash: 'ab'.repeat(20) });
      service.tell({ type: 'payload-complete', name: 'maps', path: '/srv/payloads/maps' });
      service.tell({ type: 'limits-changed' });
      service.tell({
        type: 'payload-trouble',
        name: 'films',
        error: { code: 'disk-full', message: 'The disk is full.', wayOut: 'Free some space.' },
      });
      await page.getByText('complete, at').waitFor();
    },
  },
  { name: 'token', token: 'wrong', prepare: async ({ page }) => page.getByText('is not the one').waitFor() },
  {
    name: 'away',
    prepare: async ({ page }, { service }) => {
      await page.getByRole('link', { name: 'cad-suite-2026.2' }).waitFor();
      service.tell({ type: 'stopping' });
      await page.getByText('What you see is as it was').waitFor();
    },
  },
];

const LOOKS: Readonly<Record<string, Looks>> = {
  light: { colorScheme: 'light', width: 1280, height: 900 },
  dark: { colorScheme: 'dark', width: 1280, height: 900 },
  narrow: { colorScheme: 'light', width: 360, height: 780 },
};

/** `docs`: draws what docs/ shows; `all`: every view, to scratch/pictures, for whoever works on them. */
const PICTURES = process.env['BRINE_PICTURES'];
const FOLDER: string = join(REPOSITORY, PICTURES === 'all' ? 'scratch/pictures' : 'docs/pictures');
const IN_DOCS: ReadonlySet<string> = new Set([
  'payloads-dark',
  'payloads-narrow',
  'payload-light',
  'limits-light',
]);

describeInBrowser('every view', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    if (PICTURES !== undefined) await mkdir(FOLDER, { recursive: true });
  });
  afterAll(async () => browser.close());

  for (const [looks, how] of Object.entries(LOOKS))
    test.each(VIEWS)(
      `$name, ${looks}: axe finds nothing serious, the browser nothing to complain, and it fits`,
      async (view) => {
        const clock = { nowMs: 0 };
        await using agent = await StagedAgent.start((view.stage ?? busyStage)(), clock);
        playHistory(agent, clock);
        await using opened = await OpenPage.at(
          browser,
          `${agent.url}/#token=${view.token ?? STAGED_TOKEN}`,
          how,
        );
        const { page } = opened;
        if (view.at !== undefined) await page.evaluate(`location.hash = ${JSON.stringify(view.at)}`);
        await view.prepare?.(opened, agent);
        agent.tick();
        expect(await opened.findings()).toEqual([]);
        expect(opened.complaints).toEqual([]);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(width).toBeLessThanOrEqual(how.width);
        const picture = `${view.name}-${looks}`;
        if (PICTURES === 'all' || (PICTURES === 'docs' && IN_DOCS.has(picture)))
          await page.screenshot({
            path: join(FOLDER, `dashboard-${picture}.png`),
            fullPage: view.isWindow !== true,
          });
      },
    );
});

describeInBrowser('what looks at the views', () => {
  test('finds what is wrong, and hears the browser complain', async () => {
    const browser = await openBrowser();
    await using agent = await StagedAgent.start(busyStage());
    await using opened = await OpenPage.at(browser, agent.address);
    const { page } = opened;
    await page.getByRole('link', { name: 'cad-suite-2026.2' }).waitFor();
    await page.evaluate('document.querySelector("main").append(document.createElement("button"))');
    expect(await opened.findings()).toEqual([expect.stringMatching(/^button-name: /)]);
    await page.evaluate('document.querySelector("main").setAttribute("style", "color: red")');
    await expect.poll(() => opened.complaints.join()).toMatch(/Content Security Policy/);
    await browser.close();
  });
});

describeInBrowser('a thousand payloads', () => {
  test('are all in the list, and a second later only the rows are drawn anew whose payloads changed', async () => {
    const browser = await openBrowser();
    await using agent = await StagedAgent.start(crowdedStage(1_000));
    await using opened = await OpenPage.at(browser, agent.address);
    const { page } = opened;
    await page.getByRole('link', { name: 'package-0999' }).waitFor({ state: 'attached' });
    expect(await page.locator('.rows .row').count()).toBe(1_000);
    agent.tick();
    await page.evaluate(`
      globalThis.touched = new Set();
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const row = (target.nodeType === 1 ? target : target.parentElement).closest('.row');
          touched.add(row?.querySelector('a')?.textContent);
        }
      }).observe(document.querySelector('.rows'), { subtree: true, childList: true, attributes: true, characterData: true });
    `);
    for (const name of ['package-0020', 'package-0500'])
      agent.service.change(name, { percent: 77.7, downBytesPerSecond: 1 });
    agent.tick();
    await page.locator('.row', { hasText: 'package-0500' }).getByText('77.7 %').waitFor();
    expect(await page.evaluate<string[]>('[...touched].sort()')).toEqual(['package-0020', 'package-0500']);
    await page.getByRole('searchbox').fill('package-05');
    await expect.poll(() => page.locator('.rows .row').count()).toBe(100);
    await page.getByRole('button', { name: 'Complete' }).click();
    await expect.poll(() => page.locator('.rows .row').count()).toBe(95);
    await browser.close();
  });
});

/** A quarter of an hour of traffic, so that plots have something to show. It ends with the totals that are on the stage. */
function playHistory(agent: StagedAgent, clock: { nowMs: number }): void {
  const { stage } = agent.service;
  const { traffic } = stage;
  let [lan, line] = [0, 0];
  const past = Array.from({ length: 180 }, (_, at) => {
    lan += 5 * (7.2e6 + 2.6e6 * Math.cos(at / 21) + 0.9e6 * Math.sin(at / 3));
    line += 5 * (at % 90 < 60 ? 1.3e6 + 0.1e6 * Math.sin(at / 2) : 0.25e6);
    return { lan, line };
  });
  for (const { lan, line } of past.reverse()) {
    stage.traffic = { ...traffic, site: less(traffic.site, lan), wan: less(traffic.wan, line) };
    clock.nowMs += 5_000;
    agent.sample();
  }
  stage.traffic = traffic;
}

function less(counts: TrafficCounts, bytes: number): TrafficCounts {
  const { downloadedBytes, uploadedBytes } = counts;
  return {
    ...counts,
    downloadedBytes: Math.max(0, Math.round(downloadedBytes - bytes)),
    uploadedBytes: Math.max(0, Math.round(uploadedBytes - bytes * 0.4)),
  };
}
