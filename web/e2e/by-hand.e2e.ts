// What the gate held, released and dropped by hand, in a real browser on a practice network: what the decision's page says
// before and after, that its buttons do what they say, and that axe-core finds nothing there, on a desktop and a phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer, connect, type TrineApi } from '@trine/client';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks, focused } from './looks.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
const RELEASE = 'Read off on the spot';
const DROP = 'The meter was broken';

describe('what the gate held', { skip: noBrowser, timeout: 240_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let api: TrineApi;
  let page: Page;
  let held: readonly [string, string];

  before(async () => {
    [node, browser] = await Promise.all([
      startTestNode({ device: { intervalMs: 500 }, practice: { disputeWindowS: 600 } }),
      openBrowser(),
    ]);
    api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    held = await holdTwo();
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
    await page.locator('h1').waitFor();
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
  });

  /** Silence under terms that ask for another owner's readings: owed, and held. */
  async function holdTwo(): Promise<readonly [string, string]> {
    const terms = ['--window', '4s', '--grace', '1s', '--credit-minor-units', '10', '--statements-min', '1'];
    const limits = ['--most', '0.10', '--total', '10', '--owners-min', '1', '--dispute-window', '10min'];
    const proposed = JSON.parse(
      await node.trine(
        ...['agreement', 'propose', 'service-level', 'pump/7', ...terms, ...limits, '--json'],
        ...['--party', `payer=City=${await accountOf('payer')}`],
        ...['--party', `recipient=Supplier=${await accountOf('recipient')}`],
      ),
    ) as { id: string; links: { role: string; path: string }[] };
    await node.trine('agreement', 'sign', proposed.id, '--as', 'payer', '--yes');
    await node.trine('agreement', 'sign', proposed.id, '--as', 'recipient', '--yes');
    const agreements = await answer(api.GET('/api/v1/agreements', { params: { query: { limit: 10 } } }));
    const id = agreements.find(({ policy }) => policy.subject === 'pump/7')?.id as string;
    const code = proposed.links
      .find(({ role }) => role === 'payer')
      ?.path.split('/')
      .at(-1) as string;
    await answer(api.POST('/api/v1/signing/{id}/practice', { params: { path: { id: proposed.id } }, body: { code } }));
    await node.trine('deposit', '5', '--as', 'payer');
    await authorizes(id);
    for (const deadline = Date.now() + WAIT_MS; ; ) {
      const [first, second] = await answer(api.GET('/api/v1/held'));
      if (first && second) return [first.id, second.id];
      assert.ok(Date.now() < deadline, 'nothing was held');
      await new Promise((soon) => setTimeout(soon, 300));
    }
  }

  /** The node opens an agreement on the chain once all have signed it: until then nothing can be authorised. */
  async function authorizes(id: string): Promise<void> {
    for (const deadline = Date.now() + WAIT_MS; ; ) {
      try {
        return void (await node.trine('authorize', id, '5', '--as', 'payer'));
      } catch (error) {
        if (!/is not opened on the chain/.test((error as Error).message) || Date.now() > deadline) throw error;
      }
      await new Promise((soon) => setTimeout(soon, 500));
    }
  }

  const accountOf = async (whose: string): Promise<string> =>
    (JSON.parse(await node.trine('account', '--as', whose, '--json')) as { address: string }).address;

  async function open(id: string): Promise<void> {
    await page.goto(`${node.origin}/#/decisions/${id}`);
    await page.getByText('By hand', { exact: true }).waitFor();
  }

  test('is released by a button once a reason is given, and paid like any other', async () => {
    const [released] = held;
    await open(released);
    const release = page.getByRole('button', { name: 'Release it' });
    assert.ok(await release.isDisabled(), 'a reason is needed');
    await page.getByText('it is decided again by itself when such come').waitFor();
    await page.getByLabel('Why', { exact: true }).fill(RELEASE);
    await checkLooks(page, 'by-hand');
    await release.click();
    await page.getByText('Released by hand', { exact: true }).waitFor();
    await page.getByText(`By 1 decider: ${RELEASE}`).waitFor();
    assert.equal(await focused(page), 'What is said by hand', 'the keyboard goes on where it was');
    assert.equal(await page.getByRole('button', { name: /^(Release|Drop) it$/ }).count(), 0);
    // What could still be done is said no more, nor that nothing is paid.
    await page.getByText('Held, then released by hand').first().waitFor();
    for (const words of ['nothing is paid on it', 'can release or drop it by hand'])
      assert.equal(await page.getByText(words).count(), 0, words);
    await page.getByRole('link', { name: 'See the payment' }).click();
    await page.getByText(/^Announced: it can be disputed until .*\. Then it is paid\.$/).waitFor();
    await page.getByText(`Held, then released by hand, by 1 decider: ${RELEASE}`).waitFor();
    await checkLooks(page, 'payment-released-by-hand');
    await page.goto(`${node.origin}/#/decisions/${released}`);
    await page.getByText('Released by hand', { exact: true }).waitFor();
    await checkLooks(page, 'released-by-hand');
  });

  test('is dropped by the other, and no payment follows', async () => {
    const [, dropped] = held;
    await open(dropped);
    await page.getByLabel('Why', { exact: true }).fill(DROP);
    await page.getByRole('button', { name: 'Drop it' }).click();
    await page.getByText('Dropped by hand', { exact: true }).waitFor();
    await page.getByText(`By 1 decider: ${DROP}`).waitFor();
    await page.getByText('Held, then dropped by hand').first().waitFor();
    const left = await answer(api.GET('/api/v1/held'));
    assert.ok(left.every(({ id }) => !held.includes(id)));
    const decision = await answer(api.GET('/api/v1/decisions/{id}', { params: { path: { id: dropped } } }));
    assert.equal(decision.payment, undefined);
    await checkLooks(page, 'dropped-by-hand');
  });
});
