import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

import { CHROMIUM } from './requirements.ts';

/** How a page is looked at. */
export interface Looks {
  readonly colorScheme: 'dark' | 'light';
  readonly width: number;
  readonly height: number;
}

const WIDE: Looks = { colorScheme: 'light', width: 1280, height: 900 };

/** A Chromium for one file of tests. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--headless'] });
}

/** A page in a session of its own, without anything of earlier ones. What it writes to the console as an error is a failure. */
export class OpenPage implements AsyncDisposable {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    // Chromium notes calls that were answered with an error, or by nobody; tests provoke those.
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
  }

  static async at(browser: Browser, address: string, looks: Looks = WIDE): Promise<OpenPage> {
    const context = await browser.newContext({
      colorScheme: looks.colorScheme,
      viewport: { width: looks.width, height: looks.height },
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    // Shorter than a test may take, so that it says what it waited for.
    context.setDefaultTimeout(45_000);
    const opened = new OpenPage(context, await context.newPage());
    await opened.page.goto(address);
    return opened;
  }

  /** What the browser complained about: violated policies, uncaught errors. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Serious and critical findings of axe, WCAG 2.2 AA and best practices, as `rule: elements`. */
  async findings(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    const results = await this.page.evaluate<AxeResults>(
      'axe.run(document, { resultTypes: ["violations"] })',
    );
    return results.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
