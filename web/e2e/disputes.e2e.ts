// A payment with time to object, in a real browser on a practice network: what its page says in each state, its buttons,
// and that axe-core finds nothing there, on a desktop and a phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer, connect } from '@trine/client';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks } from './looks.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;

describe('a disputed payment', { skip: noBrowser, timeout: 200_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let payment = '';

  before(async () => {
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

  test('says until when one can object, is held by a button, and dropped by another', async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
    await page.locator('h1').waitFor();
    await page.goto(`${node.origin}/#/payments/${payment}`);
    await page.getByText(/^Announced: it can be disputed until .*\)\. Then it is paid\.$/).waitFor();
    await checkLooks(page, 'announced');
    await page.getByRole('button', { name: 'Object, as who pays' }).click();
    await page.getByText(/^Held by 0x[0-9a-f]{40}: .*, it is paid\.$/).waitFor();
    await checkLooks(page, 'held');
    await page.getByRole('button', { name: 'Rule: drop' }).click();
    await page.getByText(/^Dropped: it is never paid/).waitFor();
    await checkLooks(page, 'dropped');
    assert.equal(await page.getByRole('button', { name: /^Rule|^Object/ }).count(), 0);
    await page.goto(`${node.origin}/#/payments?state=dropped`);
    await page.locator('tbody .badge').getByText('Dropped', { exact: true }).waitFor();
    await checkLooks(page, 'list');
    await context.close();
  });
});
