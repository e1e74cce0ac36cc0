// A payment with time to object, in a real browser on a practice network: what its page says in each state, its buttons,
// and that axe-core finds nothing there, on a desktop and a phone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { answer, connect } from '@trine/client';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
const pictures = process.env.TRINE_PICTURES;
interface Violation {
  readonly id: string;
}

describe('a disputed payment', { skip: noBrowser, timeout: 200_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let payment = '';
  let axe: string;

  before(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    [node, browser] = await Promise.all([
      startTestNode({
        device: { intervalMs: 500 },
        practice: { windowMs: 4_000, graceMs: 1_000, disputeWindowS: 600, shadowWindowsMin: 2 },
      }),
      openBrowser(),
    ]);
    const api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    await answer(api.POST('/api/v1/device/{action}', { params: { path: { action: 'pause' } } }));
    for (const deadline = Date.now() + WAIT_MS; payment === ''; ) {
      const query = { state: 'announced', sort: 'oldest' } as const;
      const { items } = await answer(api.GET('/api/v1/payments', { params: { query } }));
      payment = items[0]?.id ?? '';
      if (Date.now() > deadline) throw new Error('Nothing was announced.');
      await new Promise((soon) => setTimeout(soon, 200));
    }
    await answer(api.POST('/api/v1/device/{action}', { params: { path: { action: 'resume' } } }));
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
  });

  /** Nothing wrong on a desktop, nor on a phone. */
  async function check(page: Page, name: string): Promise<void> {
    for (const viewport of [
      { width: 390, height: 844 },
      { width: 1_440, height: 900 },
    ]) {
      await page.setViewportSize(viewport);
      await page.evaluate(axe);
      const found = await page.evaluate(
        async () =>
          (await (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run())
            .violations,
      );
      assert.deepEqual(
        found.map(({ id }) => id),
        [],
        name,
      );
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${name}: ${over} px too wide`);
      if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}-${viewport.width}.png` });
    }
  }

  test('says until when one can object, is held by a button, and dropped by another', async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
    await page.locator('h1').waitFor();
    await page.goto(`${node.origin}/#/payments/${payment}`);
    await page.getByText(/^Announced: it can be disputed until .*\)\. Then it is paid\.$/).waitFor();
    await check(page, 'announced');
    await page.getByRole('button', { name: 'Object, as who pays' }).click();
    await page.getByText(/^Held by 0x[0-9a-f]{40}: .*, it is paid\.$/).waitFor();
    await check(page, 'held');
    await page.getByRole('button', { name: 'Rule: drop' }).click();
    await page.getByText(/^Dropped: it is never paid/).waitFor();
    await check(page, 'dropped');
    assert.equal(await page.getByRole('button', { name: /^Rule|^Object/ }).count(), 0);
    await page.goto(`${node.origin}/#/payments?state=dropped`);
    await page.locator('tbody .badge').getByText('Dropped', { exact: true }).waitFor();
    await check(page, 'list');
    await context.close();
  });
});
