// The console against a real node in a real Chromium: import, watch, pause the device, see the credit paid, open the
// proof, verify it, tamper with it, see it fail.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { type RunningNode, startTestNode } from './node.ts';

/** Patience, not a measurement: nothing here passes or fails by how long it takes within it. */
const WAIT_MS = 90_000;

describe('console', { skip: noBrowser, timeout: 240_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let page: Page;
  let folder: string;
  const problems: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trine-e2e-'));
    [node, browser] = await Promise.all([
      startTestNode({
        device: { intervalMs: 500 },
        practice: { windowMs: 4_000, graceMs: 1_000, disputeWindowS: 1, shadowWindowsMin: 2 },
      }),
      openBrowser(),
    ]);
    page = await open(await browser.newContext({ viewport: { width: 1_440, height: 900 } }));
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(context: BrowserContext): Promise<Page> {
    const opened = await context.newPage();
    opened.setDefaultTimeout(WAIT_MS);
    opened.on('pageerror', ({ message }) => problems.push(`error on the page: ${message}`));
    opened.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(node.origin) && !/^(data|blob):/.test(url)) problems.push(`request to ${url}`);
    });
    opened.on('console', (message) => {
      if (/content security policy/i.test(message.text())) problems.push(message.text());
    });
    return opened;
  }

  test('without a token it says which address to open', async () => {
    const stranger = await open(await browser.newContext());
    await stranger.goto(node.origin);
    await stranger.getByRole('heading', { name: 'Open the address that the node printed' }).waitFor();
    await stranger.context().close();
  });

  test('the token lets in and leaves the address bar', async () => {
    await page.goto(node.url);
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    await page.locator('.side').getByText('Live', { exact: true }).waitFor();
    assert.doesNotMatch(page.url(), /token/);
    await page.getByText('Processor load').waitFor();
  });

  test('what is imported appears, and says that it was imported', async () => {
    const file = join(folder, 'spaces.csv');
    const start = Date.UTC(2026, 0, 5);
    const rows = Array.from({ length: 48 }, (_, i) =>
      ['north', 'south'].map((park) => `${new Date(start + i * 1_800_000).toISOString()},${park},${100 + i}`),
    );
    await writeFile(file, `time,park,free\n${rows.flat().join('\n')}\n`);
    await node.trine('import', file, '--subject-column', 'park', '--subject', 'car-park/{subject}');
    await page.getByRole('link', { name: 'Devices', exact: true }).first().click();
    await page.getByRole('searchbox').fill('car-park/');
    await page.getByText('2 of 2 devices').waitFor();
    await page.getByRole('link', { name: 'car-park/north' }).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 2);
    assert.equal(await page.getByText('Imported', { exact: true }).count(), 2);
    await page.getByRole('link', { name: 'car-park/north' }).click();
    await page.getByRole('heading', { name: 'car-park/north' }).waitFor();
    await page.locator('figcaption').getByText('147').waitFor();
    await page.getByLabel('Quantity to forecast').selectOption({ index: 1 });
    await page.getByText(/Dashed: what is expected/).waitFor();
  });

  test('a proof of one reading is one click away', async () => {
    await page.getByRole('link', { name: 'Show proof' }).first().click();
    await page.getByText('Consistent, not pinned').waitFor();
    assert.equal(await page.locator('.steps li[data-status="ok"]').count(), 7);
  });

  test('a thing without an agreement is watched by the form of its domain, its past included', async () => {
    await page.goto(`${node.origin}/#/devices/${encodeURIComponent('car-park/south')}`);
    // What is due is learnt from its past, and said before anybody agrees to it.
    await page.getByText(/^car-park\/south .*(proposed as due|choose longer ones)/).waitFor();
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    await page.getByText(/Watched as “Service level of .*”: [1-9]/).waitFor();
  });

  test('paused, the device owes a credit, which is decided and paid', async () => {
    await page.getByRole('link', { name: 'Now', exact: true }).first().click();
    await page.getByRole('button', { name: 'Pause the device' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    const story = page.locator('.story');
    await story.getByRole('link', { name: /^Breached: (silence|incomplete): / }).waitFor();
    await story.getByRole('link', { name: '€0.05 paid' }).waitFor();
    await page.screenshot({ path: join(folder, 'paid.png'), fullPage: true });
  });

  test('counts, a decision and a payment are asked of the node one by one', async () => {
    await page.locator('.story').getByRole('link', { name: '€0.05 paid' }).click();
    await page.locator('.badge').getByText('Paid', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'See the decision' }).click();
    await page.locator('.verdict[data-tone="bad"]').waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'See the payment' }).waitFor();
    await page.getByRole('link', { name: 'Payments' }).first().click();
    await page
      .locator('.figure')
      .filter({ hasText: 'Paid' })
      .getByText(/^[1-9]\d* payments?$/)
      .waitFor();
    await page.getByRole('link', { name: 'Decisions', exact: true }).first().click();
    await page.getByRole('button', { name: /^Breached\s*[1-9]/ }).click();
    await page.locator('tbody tr').first().waitFor();
    for (const kind of ['decision', 'payment']) {
      await page.goto(`${node.origin}/#/${kind}s/${'0'.repeat(64)}`);
      await page.getByText(`No such ${kind}`).waitFor();
    }
  });

  test('a decision says why, was computed again, and people say what they think of it', async () => {
    await page.goto(`${node.origin}/#/decisions`);
    await page.locator('tbody a.row-link').first().click();
    await page.getByText('Computed again: the same').waitFor();
    await page.locator('.why-words li').first().waitFor();
    await page.getByText('First give your name').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Right', exact: true }).isDisabled());
    await page.getByPlaceholder('Operator on duty').fill('Ada');
    await page.getByText('First give your name').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Right', exact: true }).click();
    await page.locator('.said').getByText('Ada').waitFor();
  });

  test('an alert is seen, resolved, and leads to its decision', async () => {
    await page.getByRole('link', { name: 'Alerts', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor();
    assert.equal(await page.title(), 'Alerts · Trine');
    const alert = page.locator('.alerts > li').filter({ hasText: 'This computer' }).first();
    await alert.getByText('Service level breached').waitFor();
    await page.getByLabel(/^Your name/).fill('Ada');
    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    await alert.getByText('Seen', { exact: true }).waitFor();
    await alert.getByRole('link', { name: 'See the decision' }).click();
    await page.locator('.verdict[data-tone="bad"]').waitFor();
    await page.goBack();
    await alert.getByRole('button', { name: 'Resolve' }).click();
    await page.getByRole('button', { name: /^Resolved/ }).click();
    await page.locator('.alerts').getByText('Resolved', { exact: true }).first().waitFor();
  });

  test('a model is tried beside, approved with one click, and decides', async () => {
    const parameters = join(folder, 'calmer.json');
    const card = join(folder, 'card.json');
    await writeFile(parameters, JSON.stringify({ thresholdPpm: { 'gpu/load': 990_000 } }));
    const words = { purpose: 'Calmer', data: 'd', split: 's', metric: 'm', result: 'r', limits: 'l', licence: 'x' };
    await writeFile(card, JSON.stringify(words));
    const registered = await node.trine('model', 'register', '--parameters', parameters, '--card', card, '--json');
    const { model } = JSON.parse(registered) as { model: string };
    await node.trine('model', 'shadow', model);
    await page.getByRole('link', { name: 'Models', exact: true }).first().click();
    const shown = page.locator('.card').filter({ hasText: model.slice(0, 12) });
    await shown.getByText('Tried beside', { exact: true }).waitFor();
    await shown.getByRole('button', { name: 'Approve' }).click();
    await shown.getByText('Decides', { exact: true }).waitFor();
    await shown.getByText(/Practice customer: approves/).waitFor();
  });

  test('what if: with a dearer credit, what was decided stands beside what would have been', async () => {
    await page.goto(`${node.origin}/#/agreements`);
    await page.getByRole('link', { name: 'What if…' }).first().click();
    await page.getByRole('heading', { name: 'What if' }).waitFor();
    await page.getByLabel(/^Credit, EUR/).fill('much');
    await page.getByText('takes an amount').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Compute' }).isDisabled(), true);
    await page.getByLabel(/^Credit, EUR/).fill('0.20');
    assert.equal(await page.getByLabel(/^Most one obligation may cost/).inputValue(), '0.20');
    await page.getByRole('button', { name: 'Compute' }).click();
    await page.getByRole('heading', { name: 'Decided otherwise' }).waitFor();
    const figure = async (label: string) =>
      (await page.locator('.figure').filter({ hasText: label }).locator('strong').textContent()) ?? '';
    const cents = async (label: string) => Math.round(Number((await figure(label)).replace('€', '')) * 100);
    const was = await cents('Was decided');
    assert.ok(was >= 5, String(was));
    assert.equal(await cents('Would have been decided'), 4 * was);
    assert.equal(await figure('Decided otherwise'), String(was / 5));
    await page.locator('.plot canvas').waitFor();
    await page.locator('tbody a.row-link').first().click();
    await page.locator('.verdict[data-tone="bad"]').waitFor();
  });

  test('a device shows its keys, and its agreement is in force', async () => {
    await page.getByRole('link', { name: 'Devices', exact: true }).first().click();
    await page.getByRole('link', { name: 'This computer' }).click();
    await page.getByText('Details', { exact: true }).click();
    await page
      .locator('.keys')
      .getByText(/^did:key:z/)
      .waitFor();
    await page.locator('.keys').getByText('may sign about itself').waitFor();
    await page.goto(`${node.origin}/#/agreements`);
    await page.locator('.card-head').getByText('In force', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Now', exact: true }).first().click();
  });

  test('its proof verifies in the browser: consistent, and once the network is pinned the members’ word for the chain', async () => {
    await page.getByRole('link', { name: 'check it yourself' }).click();
    await page.getByText('Consistent, not pinned').waitFor();
    await page.getByRole('button', { name: 'Pin this network' }).click();
    await page.locator('.outcome[data-verdict="members-word"]').waitFor();
    assert.equal(await page.locator('.steps li').count(), 15);
    assert.equal(await page.locator('.steps li[data-status="ok"]').count(), 15);
    await page.getByText('The chain paid it').waitFor();
  });

  test('tampered with, it fails and names the step', async () => {
    await page.getByRole('button', { name: 'Tamper with it' }).click();
    await page.locator('.outcome[data-verdict="broken"]').waitFor();
    const failed = page.locator('.steps li[data-status="failed"]');
    assert.equal(await failed.count(), 1);
    const title = await failed.locator('strong').textContent();
    assert.equal(await page.locator('.outcome p').nth(1).textContent(), `Failed at: ${title}.`);
    await page.getByRole('button', { name: 'Put it right' }).click();
    await page.locator('.outcome[data-verdict="members-word"]').waitFor();
  });

  test('a saved proof is checked by a browser that has no token', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save proof file' }).click(),
    ]);
    const proof = join(folder, download.suggestedFilename());
    await download.saveAs(proof);
    const network = join(folder, 'network.json');
    await writeFile(network, await (await fetch(`${node.origin}/network.json`)).text());
    const stranger = await open(await browser.newContext());
    await stranger.goto(`${node.origin}/#/verify`);
    await stranger.locator('input[type=file]').setInputFiles(proof);
    await stranger.locator('.outcome[data-verdict="consistent"]').waitFor();
    await stranger.locator('input[type=file]').setInputFiles(network);
    await stranger.locator('.outcome[data-verdict="members-word"]').waitFor();
    await stranger.context().close();
    assert.ok((await readFile(proof)).length > 1_000);
  });

  test('where another network is pinned, it warns and the proof does not hold', async () => {
    const address = page.url();
    const served = (await (await fetch(`${node.origin}/network.json`)).json()) as Record<string, unknown>;
    const other = await open(await browser.newContext());
    await other.goto(node.url);
    await other.evaluate(
      (json) => localStorage.setItem('trine.network', json),
      JSON.stringify({ ...served, name: 'Other' }),
    );
    await other.goto(address);
    await other.getByRole('alert').getByText('This node shows another network than the one you pinned').waitFor();
    await other.locator('.steps li[data-status="failed"][data-step="network"]').waitFor();
    await other.context().close();
  });

  test('on a phone every screen fits, and the device is resumed', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const check = async (name: string) => {
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
    };
    for (const [path, name] of [
      ['what-if', 'What if'],
      ['models', 'Models'],
      ['alerts', 'Alerts'],
      ['agreements', 'Agreements'],
    ] as const) {
      await page.goto(`${node.origin}/#/${path}`);
      await page.getByRole('heading', { name, exact: true }).waitFor();
      await page.locator('.card').first().waitFor();
      await check(name);
    }
    for (const name of ['Devices', 'Decisions', 'Payments', 'Check', 'Now']) {
      await page.locator('.tabs').getByRole('link', { name }).click();
      await page.locator('h1').waitFor();
      await check(name);
    }
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause the device' }).waitFor();
  });

  test('nothing was asked of anyone but the node, and nothing went wrong on the page', () => {
    assert.deepEqual(problems, []);
  });

  test('when the node stops, it says so', async () => {
    await node.stop();
    await page.getByRole('alert').getByText('The node does not answer').waitFor();
  });
});
