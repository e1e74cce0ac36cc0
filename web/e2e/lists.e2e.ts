// Lists longer than a page: every choice shows as many as it says, the filter stands in the address, and what happens
// is told by rows, not by asking for the lists again.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answer, connect, type TrineApi } from '@trine/client';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const SUBJECT = 'meter/long';
const HOURS = 120;
/** Hours in which the meter said nothing. */
const isSilent = (hour: number) => hour % 2 === 1;
const START_MS = Date.UTC(2026, 0, 5);

describe('lists', { skip: noBrowser, timeout: 400_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let page: Page;
  let folder: string;
  let api: TrineApi;
  /** About the meter, as the node counts them. */
  let decided = 0;
  let breached = 0;
  const about = { params: { query: { subject: SUBJECT, limit: 1 } } };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trine-lists-'));
    [node, browser] = await Promise.all([
      startTestNode({
        device: { intervalMs: 500 },
        practice: { windowMs: 6_000, graceMs: 1_000, disputeWindowS: 1, shadowWindowsMin: 2 },
      }),
      openBrowser(),
    ]);
    api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    await fill();
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
    await page.getByRole('heading', { name: 'Now' }).waitFor();
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** More decisions than a page, most of the breached ones older than the newest page. */
  async function fill(): Promise<void> {
    const file = join(folder, 'long.csv');
    const rows = Array.from({ length: HOURS * 6 }, (_, i) => i)
      .filter((i) => !isSilent(Math.floor(i / 6)))
      .map((i) => `${new Date(START_MS + i * 600_000).toISOString()},${SUBJECT},${100 + (i % 7)}`);
    await writeFile(file, `time,name,free\n${rows.join('\n')}\n`);
    await node.trine('import', file, '--subject-column', 'name', '--subject', '{subject}', '--as', 'long');
    await answer(
      api.POST('/api/v1/monitors', {
        body: {
          subject: SUBJECT,
          domain: 'service-level',
          title: 'Hours of the meter',
          terms: { thing: SUBJECT, statementsMin: 1 },
          startMs: START_MS,
          endMs: START_MS + HOURS * HOUR_MS,
        },
      }),
    );
    // The last hours stay open: the meter has not spoken beyond them. Decided is what has not grown for a while.
    for (let still = 0, deadline = Date.now() + 3 * WAIT_MS; ; ) {
      const { verdicts, total } = (await answer(api.GET('/api/v1/decisions', about))).counts;
      const counted = verdicts.find(({ verdict }) => verdict === 'breached')?.count ?? 0;
      still = total === decided && total >= HOURS - 5 ? still + 1 : 0;
      if (still >= 4) return;
      [decided, breached] = [total, counted];
      assert.ok(Date.now() < deadline, `${total} of ${HOURS} decided`);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }

  const rows = () => page.locator('tbody tr').count();
  const shownOf = async () => {
    const text = (await page.locator('.more-rows [role=status]').textContent()) ?? '';
    return text
      .split(' ')
      .filter((word) => /^[\d,]+$/.test(word))
      .map((word) => Number(word.replaceAll(',', '')));
  };

  test('from the page of a thing to all its decisions, narrowed to it', async () => {
    await page.goto(`${node.origin}/#/devices/${encodeURIComponent(SUBJECT)}`);
    await page.getByRole('link', { name: `All ${decided} decisions` }).click();
    await page.getByText(`50 of ${decided} decisions`).waitFor();
    assert.match(page.url(), /subject=meter/);
    assert.equal(await rows(), 50);
  });

  test('breaches do not vanish behind a page: as many are shown as the choice says', async () => {
    await page.getByRole('button', { name: /^Breached/ }).click();
    await page.getByText(`50 of ${breached} decisions`).waitFor();
    const label = await page.getByRole('button', { name: /^Breached/ }).textContent();
    assert.equal(label, `Breached${breached}`);
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByText(`${breached} of ${breached} decisions`).waitFor();
    assert.equal(await rows(), breached);
    assert.equal(await page.locator('tbody .badge', { hasText: 'Breached' }).count(), breached);
    const times = await page.locator('tbody a.row-link').allTextContents();
    assert.equal(new Set(times).size, breached, 'each once');
  });

  test('the filter stands in the address: a copied link, back and forward keep it', async () => {
    const address = page.url();
    assert.match(address, /verdict=breached/);
    const other = await page.context().newPage();
    await other.goto(address);
    await other.getByText(`50 of ${breached} decisions`).waitFor({ timeout: WAIT_MS });
    await other.close();
    await page.getByRole('button', { name: /^Met/ }).click();
    await page.getByText(`of ${decided - breached} decisions`).waitFor();
    assert.match(page.url(), /verdict=met/);
    await page.goBack();
    await page.locator('button[aria-pressed=true]', { hasText: 'Breached' }).waitFor();
    assert.match(page.url(), /verdict=breached/);
    await page.goForward();
    await page.locator('button[aria-pressed=true]', { hasText: 'Met' }).waitFor();
  });

  test('between two days, under one monitor, oldest first', async () => {
    await page.goto(`${node.origin}/#/decisions`);
    await page.getByLabel('Under').selectOption({ label: 'Hours of the meter' });
    await page.getByLabel(/^From/).fill('2026-01-06');
    await page.getByLabel('Until and with').fill('2026-01-06');
    await page.getByLabel('Order').selectOption('oldest');
    await page.getByText(/^24 of 24 decisions|^25 of 25 decisions/).waitFor();
    const [shown] = await shownOf();
    assert.equal(await rows(), shown);
    await page.reload();
    await page.getByText(`${shown} of ${shown} decisions`).waitFor();
    assert.equal(await page.getByLabel('Order').inputValue(), 'oldest');
  });

  test('what is decided meanwhile comes by itself, and no list is asked for again', async () => {
    await page.goto(`${node.origin}/#/decisions?advice=false`);
    await page.locator('tbody tr').first().waitFor();
    const first = await page.locator('tbody a.row-link').first().getAttribute('href');
    const lists: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (/\/(decisions|devices|payments|alerts)$/.test(pathname) && searchParams.get('limit') !== '1')
        lists.push(request.url());
    });
    await page.waitForFunction(
      (before) => document.querySelector('tbody a.row-link')?.getAttribute('href') !== before,
      first,
    );
    const [shown, total] = await shownOf();
    assert.ok((shown ?? 0) <= (total ?? 0));
    assert.deepEqual(lists, []);
  });

  test('charts show silence as silence, and the range stands in the address', async () => {
    await page.goto(`${node.origin}/#/devices/${encodeURIComponent(SUBJECT)}`);
    await page.getByRole('button', { name: '7 days' }).click();
    assert.match(page.url(), /range=7d/);
    await page.getByRole('button', { name: 'Between…' }).click();
    assert.match(page.url(), /from=\d+&to=\d+/);
    await page.locator('.live-chart summary').first().click();
    // A silence has a row of its own.
    await page.locator('.chart-table tbody tr').filter({ hasText: /–––$/ }).first().waitFor({ timeout: WAIT_MS });
  });

  test('readings as they came, and all of them as a file', async () => {
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByText('Readings as they came, and as a file').click();
    const count = (HOURS / 2) * 6;
    await page.getByText(`50 of ${count} readings`).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const file = join(folder, 'readings.csv');
    await download.saveAs(file);
    assert.equal((await readFile(file, 'utf8')).trim().split('\r\n').length, count + 1);
  });

  test('what is asked of one thing is not asked of the next', async () => {
    assert.equal(await page.getByLabel('Thing', { exact: true }).inputValue(), SUBJECT);
    const { ownDevice } = await answer(api.GET('/api/v1/overview'));
    const own = ownDevice?.subject as string;
    await page.goto(`${node.origin}/#/devices/${encodeURIComponent(own)}`);
    await page.getByText('Processor load').first().waitFor();
    assert.equal(await page.getByLabel('Thing', { exact: true }).inputValue(), own);
  });

  test('a second tab is let in by the first; without one, a token is pasted, and a wrong one is named', async () => {
    const beside = await page.context().newPage();
    await beside.goto(`${node.origin}/#/payments`);
    await beside.getByRole('heading', { name: 'Payments' }).waitFor({ timeout: WAIT_MS });
    await beside.locator('.side').getByText('Live', { exact: true }).waitFor({ timeout: WAIT_MS });
    await beside.close();
    const alone = await (await browser.newContext()).newPage();
    alone.setDefaultTimeout(WAIT_MS);
    await alone.goto(`${node.origin}/#/alerts`);
    await alone.getByLabel('Token, or the whole address').fill('0123456789abcdef');
    await alone.getByRole('button', { name: 'Sign in' }).click();
    await alone.getByText('The node does not know this token').waitFor();
    await alone.getByLabel('Token, or the whole address').fill(node.url);
    await alone.getByRole('button', { name: 'Sign in' }).click();
    await alone.getByRole('heading', { name: 'Alerts' }).waitFor();
    await alone.context().close();
  });
});
