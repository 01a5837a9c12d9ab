import {type Browser, chromium, type Page} from 'playwright-core';
import {CHROMIUM} from '../_needs.ts';

/** An empty page in a new headless browser. Nothing in it has a time limit: a busy machine is not a fault. */
export async function openChromium(...args: string[]): Promise<{browser: Browser; page: Page}> {
  const browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox', ...args], timeout: 0});
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  return {browser, page};
}
