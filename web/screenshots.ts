// Writes the pictures of README and guides to docs/images, from a real node: npm run screenshots -w web
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './e2e/browser.ts';
import { startTestNode } from './e2e/node.ts';

const folder = fileURLToPath(new URL('../docs/images', import.meta.url));
const WAIT_MS = 120_000;
/** Long enough for a strip of windows that were met. */
const WINDOWS_MET = 8;

const desktop = { width: 1_440, height: 1_010 };

async function openAt(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: desktop, colorScheme: 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(url);
  await page.getByText('Processor load').waitFor();
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

await mkdir(folder, { recursive: true });
const node = await startTestNode({
  device: { intervalMs: 1_000 },
  practice: { windowMs: 5_000, graceMs: 1_000, disputeWindowS: 1 },
});
const browser = await openBrowser();
try {
  const page = await openAt(browser, node.url);
  await page.locator(`.strip a:nth-child(${WINDOWS_MET})`).waitFor();
  await page.getByRole('button', { name: 'Pause the device' }).click();
  await page.locator('.story').getByRole('link', { name: 'check it yourself' }).waitFor();
  await take(page, 'console');
  const proof = await page.getByRole('link', { name: 'check it yourself' }).getAttribute('href');
  await takeProof(page, node.origin, proof as string, 'proof');
  await page.goto(`${node.origin}/#/decisions`);
  await page.locator('tbody tr').filter({ hasText: 'in order' }).first().locator('a.row-link').click();
  await page.getByText('Computed again: the same').waitFor();
  await take(page, 'decision-why');
  await page.goto(`${node.origin}/#/what-if`);
  await page.getByRole('button', { name: 'Compute' }).click();
  await page.locator('.figure').first().waitFor();
  await take(page, 'what-if');
} finally {
  await browser.close();
  await node.stop();
}

async function takeProof(page: Page, origin: string, href: string, name: string): Promise<void> {
  await page.goto(new URL(href, origin).href);
  await page.getByRole('button', { name: 'Pin this network' }).click();
  await page.locator('.outcome[data-verdict="members-word"]').waitFor();
  await take(page, name);
}
