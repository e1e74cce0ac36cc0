// A payment with time to object, in a real browser on a practice network: what its page says in each state, its buttons,
// and that axe-core finds nothing there, on a desktop and a phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer, connect } from '@trine/client';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks, focused } from './looks.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;

describe('a disputed payment', { skip: noBrowser, timeout: 200_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  /** Announced, of silence, the oldest first. */
  let payments: string[] = [];

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
    for (const deadline = Date.now() + WAIT_MS; payments.length < 3; ) {
      const query = { state: 'announced', sort: 'oldest' } as const;
      const { items } = await answer(api.GET('/api/v1/payments', { params: { query } }));
      payments = items.map(({ id }) => id);
      if (Date.now() > deadline) throw new Error('Too few were announced.');
      await new Promise((soon) => setTimeout(soon, 200));
    }
    await answer(api.POST('/api/v1/device/{action}', { params: { path: { action: 'resume' } } }));
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
  });

  test('says until when one can object, is held by a button, and dropped by another', async () => {
    const page = await open(payments[0]);
    await page.getByText(/^Announced: it can be disputed until .*\)\. Then it is paid\.$/).waitFor();
    await checkLooks(page, 'announced');
    await page.getByRole('button', { name: 'Object, as who pays' }).click();
    await page
      .getByText(/^Held by .*, the payer: nothing is paid .* If nobody rules until .*, it is paid\.$/)
      .waitFor();
    assert.equal(await focused(page), 'This payment', 'the keyboard goes on where it was');
    await checkLooks(page, 'held');
    await page.getByRole('button', { name: 'Rule: drop' }).click();
    await page.getByText(/^Dropped: it is never paid/).waitFor();
    await checkLooks(page, 'dropped');
    assert.equal(await page.getByRole('button', { name: /^Rule|^Object/ }).count(), 0);
    await page.goto(`${node.origin}/#/payments?state=dropped`);
    await page.locator('tbody .badge').getByText('Dropped', { exact: true }).waitFor();
    await checkLooks(page, 'list');
    await page.context().close();
  });

  test('is paid at once where the arbiter says so by a button', async () => {
    const page = await open(payments[1]);
    const proof = await page.context().newPage();
    await proof.goto(`${node.origin}/#/proof/${payments[1]}`);
    await proof.getByText('There is no proof to show yet').waitFor();
    await proof.getByText('ask again once it is paid, or ask for its decision. This page looks again by').waitFor();
    await page.getByRole('link', { name: 'Proof of the decision' }).waitFor();
    await page.getByRole('button', { name: 'Object, as who pays' }).click();
    await page.getByRole('button', { name: 'Rule: pay' }).click();
    await page.locator('.card-head .badge').getByText('Paid', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Show proof' }).waitFor();
    await proof.getByText('Consistent, not pinned').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Rule|^Object/ }).count(), 0);
    await page.context().close();
  });

  test('that the arbiter holds is to be decided again by a button, and stays held until it is', async () => {
    await node.trine('hold', payments[2] as string, '--as', 'arbiter');
    const page = await open(payments[2]);
    await page.getByText(/^Held by the arbiter: /).waitFor();
    await checkLooks(page, 'held-by-arbiter');
    await page.getByRole('button', { name: 'Rule: decide again' }).click();
    await page.getByText('If late readings change the decision, what they leave of it takes its place.').waitFor();
    await page.getByText(/^Held by the arbiter: /).waitFor();
    assert.deepEqual(await page.getByRole('button', { name: /^Rule/ }).allInnerTexts(), ['Rule: pay', 'Rule: drop']);
    await page.context().close();
  });

  async function open(payment: string | undefined): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
    await page.locator('h1').waitFor();
    await page.goto(`${node.origin}/#/payments/${payment}`);
    return page;
  }
});
