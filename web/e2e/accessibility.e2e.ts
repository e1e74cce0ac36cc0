// Every page of the console, on a desktop and a phone, light and dark: no violation that axe-core finds, a title of its
// own, nothing wider than the screen, and what can be done is reached by keyboard.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answer, connect, type TrineApi } from '@trine/client';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
const sizes = { desktop: { width: 1_440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const schemes = ['light', 'dark'] as const;
/** Set to a folder: a picture of each page is left there. */
const pictures = process.env.TRINE_PICTURES;
const { resolve: pathOf } = createRequire(import.meta.url);

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

describe('accessibility', { skip: noBrowser, timeout: 400_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let folder: string;
  let axe: string;
  /** A decision with lines of single parties. */
  let billed = '';
  /** Name and address of each page. */
  const pages: (readonly [string, string])[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trine-axe-'));
    axe = await readFile(pathOf('axe-core/axe.min.js'), 'utf8');
    [node, browser] = await Promise.all([
      startTestNode({
        device: { intervalMs: 500 },
        practice: { windowMs: 4_000, graceMs: 1_000, disputeWindowS: 1, shadowWindowsMin: 2 },
      }),
      openBrowser(),
    ]);
    await fill();
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** An import of some hundred rows under a monitor, and a pause that is paid for. */
  async function fill(): Promise<void> {
    const api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    const start = Date.UTC(2026, 0, 5);
    const rows = Array.from({ length: 300 }, (_, i) => i)
      .filter((i) => i % 90 < 60)
      .flatMap((i) =>
        ['north', 'south'].map((park) =>
          [
            new Date(start + i * 1_800_000).toISOString(),
            park,
            100 + Math.round(40 * Math.sin(i / 8)),
            20 + (i % 5),
          ].join(),
        ),
      );
    const file = join(folder, 'spaces.csv');
    await writeFile(file, `time,park,free,temperature\n${rows.join('\n')}\n`);
    await node.trine('import', file, '--subject-column', 'park', '--subject', 'car-park/{subject}');
    await answer(
      api.POST('/api/v1/monitors', {
        body: {
          subject: 'car-park/north',
          domain: 'service-level',
          title: 'Service level of the northern car park',
          terms: { thing: 'car-park/north', windowMs: 7_200_000 },
          startMs: start,
          endMs: start + 300 * 1_800_000,
        },
      }),
    );
    await fillMeters(api);
    await answer(api.POST('/api/v1/device/{action}', { params: { path: { action: 'pause' } } }));
    for (const deadline = Date.now() + WAIT_MS; ; ) {
      const paid = await answer(api.GET('/api/v1/payments', { params: { query: { state: 'paid' } } }));
      const found = await answer(api.GET('/api/v1/decisions', { params: { query: { advice: 'true' } } }));
      const [payment] = paid.items;
      const bills = await answer(api.GET('/api/v1/decisions', { params: { query: { domain: 'metering' } } }));
      const bill = bills.items.find(({ rowCount = 0 }) => rowCount > 0);
      if (payment !== undefined && bill !== undefined && found.items.length > 50) {
        billed = bill.id;
        pages.push(
          ['now', '/'],
          ['devices', '/devices'],
          ['device', `/devices/${encodeURIComponent('car-park/north')}`],
          ['own-device', `/devices/${encodeURIComponent(payment.subject)}`],
          ['no-device', '/devices/nobody'],
          ['connect', '/connect'],
          ['connectors', '/connect?view=connectors'],
          ['not-read', '/connect?view=unread'],
          ['refused', '/connect?view=refused'],
          ['decisions', '/decisions'],
          ['decision', `/decisions/${payment.decision}`],
          ['bills', `/decisions/${bill.id}`],
          ['payments', '/payments'],
          ['payment', `/payments/${payment.id}`],
          ['alerts', '/alerts'],
          ['agreements', '/agreements'],
          ['models', '/models'],
          ['what-if', '/what-if'],
          ['reference', '/api'],
          ['proof', `/proof/${payment.id}`],
          ['check', '/verify'],
          ['nothing', '/nothing/here'],
        );
        return;
      }
      assert.ok(Date.now() < deadline, 'nothing was paid');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** Two meters that count, and their bills day by day. */
  async function fillMeters(api: TrineApi): Promise<void> {
    const start = Date.UTC(2026, 0, 5);
    const rows = Array.from({ length: 5 * 24 }, (_, i) =>
      [1, 2].map((meter) => `${new Date(start + i * 3_600_000).toISOString()},meter/${meter},${100 + i * meter}`),
    );
    const file = join(folder, 'meters.csv');
    await writeFile(file, `time,meter,total [kWh]\n${rows.flat().join('\n')}\n`);
    await node.trine('import', file, '--subject-column', 'meter', '--subject', '{subject}', '--as', 'meters');
    await answer(
      api.POST('/api/v1/monitors', {
        body: {
          subject: 'meter/1',
          domain: 'metering',
          title: 'Bills of two meters',
          currency: 'EUR',
          terms: {
            customers: [1, 2].map((one) => ({ customer: `customer/${one}`, meters: [`meter/${one}`] })),
            timeZone: 'Europe/Berlin',
            period: 'day',
            graceMs: 0,
            quantity: 'total',
            unit: 'kWh',
            bands: [{ name: 'all', steps: [{ price: 30_110_000 }] }],
          },
          startMs: start,
          endMs: start + 5 * 24 * 3_600_000,
        },
      }),
    );
  }

  async function open(size: keyof typeof sizes, colorScheme: (typeof schemes)[number], url: string): Promise<Page> {
    const context = await browser.newContext({ viewport: sizes[size], colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(url);
    await page.locator('h1').waitFor();
    return page;
  }

  async function violationsOf(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const found = await page.evaluate(
      async () =>
        (await (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run())
          .violations,
    );
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join('; ')}`);
  }

  const settle = async (page: Page) => {
    await page.locator('h1').waitFor();
    await page
      .locator('main .skeleton')
      .first()
      .waitFor({ state: 'detached' })
      .catch(() => undefined);
    await page.waitForTimeout(400);
  };

  for (const size of ['desktop', 'phone'] as const)
    for (const scheme of schemes)
      test(`${size}, ${scheme}: axe finds nothing, and nothing is wider than the screen`, async () => {
        const page = await open(size, scheme, node.url);
        const wrong: string[] = [];
        const titles = new Map<string, string>();
        for (const [name, path] of pages) {
          await page.goto(`${node.origin}/#${path}`);
          await settle(page);
          if (name === 'device') await page.getByText('Readings as they came, and as a file').click();
          if (name === 'reference') await page.locator('.operations summary').nth(3).click();
          if (name === 'agreements') await page.getByText('How it goes').first().click();
          if (['device', 'agreements'].includes(name)) await page.waitForTimeout(600);
          for (const one of await violationsOf(page)) wrong.push(`${name}: ${one}`);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          if (over > 0) wrong.push(`${name}: ${over} px too wide`);
          titles.set(name, await page.title());
          if (pictures !== undefined)
            await page.screenshot({ path: join(pictures, `${name}-${size}-${scheme}.png`), fullPage: true });
        }
        const alone = await open(size, scheme, `${node.origin}/#/decisions`);
        for (const one of await violationsOf(alone)) wrong.push(`signed out: ${one}`);
        if (pictures !== undefined) await alone.screenshot({ path: join(pictures, `sign-in-${size}-${scheme}.png`) });
        await alone.context().close();
        await page.context().close();
        assert.deepEqual(wrong, []);
        assert.equal(new Set(titles.values()).size, titles.size, [...titles].join('\n'));
      });

  test('one line of a decision is spoken of alone', async () => {
    const page = await open('desktop', 'light', node.url);
    await page.goto(`${node.origin}/#/decisions/${billed}`);
    await page.getByText('Lines of the parties').waitFor();
    await page.locator('td', { hasText: 'customer/2' }).first().waitFor();
    await page.getByPlaceholder('Operator on duty').fill('Ada');
    await page.getByLabel(/^Of one line alone/).fill('customer/2');
    await page.getByRole('button', { name: 'Wrong', exact: true }).click();
    await page.locator('.said').getByText('Ada, of customer/2').waitFor();
    await page.context().close();
  });

  test('by keyboard: to the content, along the choices, into a row', async () => {
    const page = await open('desktop', 'light', node.url);
    await page.goto(`${node.origin}/#/decisions`);
    await page.locator('tbody tr').first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
    const reached: string[] = [];
    for (let i = 0; i < 30 && !reached.includes('Proof'); i++) {
      await page.keyboard.press('Tab');
      reached.push((await focused()).trim());
    }
    assert.ok(
      reached.some((text) => text.startsWith('Held')),
      reached.join(', '),
    );
    await page.locator('tbody a.row-link').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.verdict').waitFor();
    await page.context().close();
  });
});
