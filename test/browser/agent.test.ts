import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { OpenPage, openBrowser } from './browser.ts';
import { RealAgent, RealSeeder, Room } from './real-agent.ts';
import { describeInBrowser } from './requirements.ts';

const BYTES = 6_000_000;
/** Slow enough to be watched, and to be stopped in the middle. */
const SLOW = { downBytesPerSecond: 1_200_000 };

describeInBrowser('the page of a real agent', () => {
  let browser: Browser;
  let source: Room;
  let seeder: RealSeeder;
  beforeAll(async () => {
    browser = await openBrowser();
    source = await Room.open();
    seeder = await RealSeeder.start(source, 'world.img', BYTES);
  });
  afterAll(async () => {
    await browser.close();
    await seeder[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  test('a payload that is added there is watched from nothing to complete', async () => {
    await using room = await Room.open();
    await using agent = await RealAgent.start(room);
    await agent.client.putLimits({ total: SLOW });
    await using opened = await OpenPage.at(browser, await agent.dashboardAddress());
    const { page } = opened;
    await page.getByText('No payloads yet').waitFor();
    await page.getByRole('link', { name: 'Add a payload' }).click();
    await page.getByLabel('Choose a .torrent file').setInputFiles(seeder.torrent);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('world.img');
    await page.getByLabel('Name', { exact: true }).fill('world');
    await page.getByText('Peers and trackers').click();
    await page.getByLabel('Peers to begin with').fill(seeder.address);
    await page.getByText('Do not begin yet').click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();

    await page.getByRole('heading', { name: 'world', exact: true }).waitFor();
    // Who gives it stands below its site, with what it has given.
    const giver = page.getByRole('row', { name: seeder.address }).filter({ hasText: /100 %.* MB/ });
    const watched = watchProgress(page, 'Progress of world');
    await page.getByRole('button', { name: 'Resume' }).click();
    const [seen] = await Promise.all([watched, giver.waitFor()]);
    expect(seen.at(-1)).toBe(100);
    expect(seen[0]).toBe(0);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    // In steps that somebody could see.
    expect(seen.length).toBeGreaterThan(3);
    await page.getByText('92 of 92 pieces verified').waitFor();
    expect(await page.getByRole('img', { name: '92 of 92 pieces are verified' }).count()).toBe(1);
    await page.getByText('world is complete.').waitFor();
    await page.locator('.badge', { hasText: 'Complete' }).waitFor();
    await expect.poll(() => page.title()).toMatch(/^world · 100 % · .+ · Brine$/);
    const [got, given] = await Promise.all([
      readFile(join(agent.root, 'world.img')),
      readFile(join(seeder.payload.directory, 'world.img')),
    ]);
    expect(got.equals(given)).toBe(true);

    // The totals and the plots have seen it too.
    await page.getByRole('link', { name: 'All payloads', exact: true }).click();
    await page.getByText(/^6\.\d+ MB from the LAN$/).waitFor();
    await page.locator('.row', { hasText: 'world' }).getByText('100 %').waitFor();
    expect(opened.complaints).toEqual([]);
  });

  test('pausing stops it, resuming goes on, and both outlive the page', async () => {
    await using room = await Room.open();
    await using agent = await RealAgent.start(room);
    await agent.client.putPayload('world', {
      infohash: seeder.infohash,
      peers: [seeder.address],
      limits: SLOW,
    });
    await using opened = await OpenPage.at(browser, await agent.dashboardAddress());
    const { page } = opened;
    await page
      .getByRole('progressbar', { name: 'world' })
      .and(page.locator('[aria-valuenow]:not([aria-valuenow="0"])'))
      .waitFor();
    await page.getByRole('button', { name: 'Pause world' }).click();
    await page.getByText('world is paused.').waitFor();
    await page.locator('.badge', { hasText: 'Paused' }).waitFor();
    const paused = await agent.client.getPayload('world');
    expect(paused).toMatchObject({ phase: 'paused', complete: false });
    await page.reload();
    await page.getByRole('button', { name: 'Resume world' }).click();
    await page.locator('.badge', { hasText: 'Complete' }).waitFor();
    expect((await agent.client.getPayload('world')).complete).toBe(true);
    expect(opened.complaints).toEqual([]);
  });

  test('a wrong token is said to be wrong, the right one opens, and it is in no address and in no other tab', async () => {
    await using room = await Room.open();
    await using agent = await RealAgent.start(room);
    const address = await agent.dashboardAddress();
    const token = address.slice(address.indexOf('=') + 1);
    await using opened = await OpenPage.at(browser, agent.url);
    const { page } = opened;
    await page.getByRole('heading', { name: 'This agent needs its token' }).waitFor();
    expect(await opened.findings()).toEqual([]);
    await page.getByLabel('Token').fill('not-the-token');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'is not the one in the token file' }).waitFor();
    expect(await page.getByLabel('Token').inputValue()).toBe('not-the-token');

    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(address);
    await page.getByText('No payloads yet').waitFor();
    expect(page.url()).toBe(`${agent.url}/#/`);
    await page.reload();
    await page.getByText('No payloads yet').waitFor();
    expect(asked.filter((url) => url.includes(token) && !url.includes('#'))).toEqual([]);
    expect(await page.evaluate<string>('JSON.stringify(localStorage) + document.cookie')).not.toContain(
      token,
    );

    const second = await page.context().newPage();
    await second.goto(agent.url);
    await second.getByRole('heading', { name: 'This agent needs its token' }).waitFor();
  });

  test('an agent that starts again is waited for, and everything goes on', async () => {
    await using room = await Room.open();
    let port = 0;
    {
      await using agent = await RealAgent.start(room);
      port = agent.port;
      await agent.client.putPayload('world', {
        infohash: seeder.infohash,
        peers: [seeder.address],
        limits: SLOW,
      });
      await using opened = await OpenPage.at(browser, await agent.dashboardAddress());
      const { page } = opened;
      await page.getByRole('progressbar', { name: 'world' }).waitFor();
      await agent.stop();
      await page.getByText(/^The agent (is stopping|does not answer)/).waitFor();
      await page.getByText('Away since').waitFor();
      // What was known is still shown.
      expect(await page.getByRole('link', { name: 'world', exact: true }).count()).toBe(1);
      await using again = await RealAgent.start(room, port);
      await again.client.putPayload('second', { infohash: 'cd'.repeat(20), paused: true });
      await page.getByText('Live').waitFor();
      await page.getByRole('link', { name: 'second', exact: true }).waitFor();
      await page.locator('.row', { hasText: 'world' }).getByText('100 %').waitFor();
      expect(await page.getByText('This page comes back by itself').count()).toBe(0);
      expect(opened.complaints).toEqual([]);
    }
  });

  test('limits that are edited are in force', async () => {
    await using room = await Room.open();
    await using agent = await RealAgent.start(room);
    await using opened = await OpenPage.at(browser, await agent.dashboardAddress());
    const { page } = opened;
    await page.getByRole('link', { name: 'Limits' }).click();
    const line = page.getByRole('group', { name: 'The line' });
    await line.getByRole('combobox', { name: 'Receiving', exact: true }).selectOption('By schedule');
    await line.getByLabel('Receiving, window 1, to').fill('12:30');
    await line.getByLabel('Receiving, otherwise', { exact: true }).selectOption('limited to');
    await line.getByLabel('Receiving, otherwise, rate', { exact: true }).fill('20');
    await line.getByRole('combobox', { name: 'Sending', exact: true }).selectOption('Limited to');
    await line.getByLabel('Sending, rate', { exact: true }).fill('2,5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The limits are in force.').waitFor();
    const days = ['mon', 'tue', 'wed', 'thu', 'fri'];
    expect(await agent.client.getLimits()).toEqual({
      source: 'order',
      outside: {
        downBytesPerSecond: {
          windows: [{ days, from: '08:00', to: '12:30', bytesPerSecond: 250_000 }],
          otherwise: 2_500_000,
        },
        upBytesPerSecond: 312_500,
      },
    });
    // What others change is followed, unless something is being typed.
    await agent.client.putLimits({ total: { upBytesPerSecond: 125_000 } });
    await page
      .getByRole('group', { name: 'Everything' })
      .getByLabel('Sending, rate', { exact: true })
      .waitFor();
    await page.getByRole('button', { name: 'Back to the configuration' }).click();
    await page.getByText('As the agent’s configuration has them.').waitFor();
    expect(await agent.client.getLimits()).toMatchObject({ source: 'configuration' });
    expect(opened.complaints).toEqual([]);
  });

  test('removing says what is deleted, deletes that, and keeps what is to be kept', async () => {
    await using room = await Room.open();
    await using agent = await RealAgent.start(room);
    const order = { infohash: seeder.infohash, peers: [seeder.address] };
    await agent.client.putPayload('world', order);
    await using opened = await OpenPage.at(browser, await agent.dashboardAddress());
    const { page } = opened;
    await page.locator('.badge', { hasText: 'Complete' }).waitFor();
    await page.getByRole('link', { name: 'world', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove “world”?' });

    await page.getByRole('button', { name: 'Remove…' }).click();
    expect(await dialog.textContent()).toContain(`6.00 MB in 1 file at ${join(agent.root, 'world.img')}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await readdir(agent.root)).toContain('world.img');

    await page.getByRole('button', { name: 'Remove…' }).click();
    await dialog.getByLabel('Keep the data.').check();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No payloads yet').waitFor();
    expect(await readdir(agent.root)).toContain('world.img');

    await agent.client.putPayload('world', { ...order, mode: 'adopt' });
    await page.locator('.badge', { hasText: 'Complete' }).waitFor();
    await page.getByRole('link', { name: 'world', exact: true }).click();
    await page.getByRole('button', { name: 'Remove…' }).click();
    expect(await dialog.textContent()).toContain('files that were there before stay');
    await dialog.getByRole('button', { name: 'Remove and delete' }).click();
    await page.getByText('No payloads yet').waitFor();
    expect(await agent.client.listPayloads()).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test('the main path needs a keyboard and nothing else', async () => {
    await using room = await Room.open();
    await using agent = await RealAgent.start(room);
    await using opened = await OpenPage.at(browser, await agent.dashboardAddress());
    const { page } = opened;
    await page.getByText('No payloads yet').waitFor();
    await tabTo(page, 'Add a payload');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Add a payload' }).waitFor();
    await tabTo(page, 'Magnet link or info-hash');
    await page.keyboard.type(`magnet:?xt=urn:btih:${seeder.infohash}&dn=world&x.pe=${seeder.address}`);
    await tabTo(page, 'Name');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('world');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'world', exact: true }).waitFor();
    // Whoever comes to a view begins at its heading.
    await page.locator('h1:focus').waitFor();
    await page.locator('.badge', { hasText: 'Complete' }).waitFor();
    await tabTo(page, 'Pause');
    await page.keyboard.press('Space');
    await page.getByText('world is paused.').waitFor();
    await tabTo(page, 'Remove…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'Remove and delete 6.00 MB');
    await page.keyboard.press('Enter');
    await page.getByText('No payloads yet').waitFor();
    expect(await agent.client.listPayloads()).toEqual([]);
  });
});

/** Every value that a progress bar had, from now until it is full. */
async function watchProgress(page: Page, name: string): Promise<readonly number[]> {
  const bar = page.getByRole('progressbar', { name });
  return bar.evaluate(
    (element) =>
      new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        const look = (): void => {
          const value = Number(element.getAttribute('aria-valuenow'));
          if (value !== seen.at(-1)) seen.push(value);
          if (value === 100) resolve(seen);
        };
        new MutationObserver(look).observe(element, { attributes: true });
        look();
      }),
  );
}

/** Presses Tab until the control with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const target = page
    .getByRole('link', { name, exact: true })
    .or(page.getByRole('button', { name, exact: true }))
    .or(page.getByRole('textbox', { name, exact: true }));
  await target.first().waitFor();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.first().evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`"${name}" cannot be reached with Tab`);
}
