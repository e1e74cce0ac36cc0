// Lines that the gate held, in a real browser on a practice network: the decision's page lists them in words and with what each
// would move; one is released, another dropped, the rest released at once; and axe-core finds nothing there.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answer, connect, type TrineApi } from '@trine/client';
import { type Agreement, addressOfPrivateKey, agreementPayload, fromHex, type NetworkDocument } from '@trine/protocol';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks, focused } from './looks.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
/** Some heartbeat falls into it. */
const WINDOW_MS = 15_000;
const KEYS = ['meter/1', 'meter/2', 'meter/3', 'meter/4'];

/** Each line owes as many times ten cents as its number says, whatever anybody says: no owner stands behind it. */
const DOMAIN = {
  trine: 'domain/1',
  manifest: {
    ...{ name: 'dues', version: '1', title: 'Dues', about: 'Lines that owe.', things: {}, reads: ['pack'] },
    ...{ roles: ['payer', 'recipient'], verdicts: { due: { label: 'Due', tone: 'ok' } }, alerts: {}, panels: [] },
  },
  schema: {
    type: 'object',
    properties: { thing: { type: 'string', title: 'Thing', kind: 'subject' } },
    required: ['thing'],
  },
  code: `const KEYS = ${JSON.stringify(KEYS)};
    const due = (effects) => ({ verdict: 'due', facts: {}, reason: { template: 'due', arguments: {} }, effects });
    export default { abi: 1, terms: { parse: ({ thing }) => ({ thing: String(thing) }) },
      triggers: () => [{ name: 'window', on: 'window', startMs: 0, lengthMs: ${WINDOW_MS}, graceMs: 0 }],
      inputs: ({ thing }, { fromMs, toMs }) => [{ name: 'all', subjects: [thing], kinds: ['pack'], fromMs, toMs }],
      rows: () => KEYS,
      open: async () => ({
        decide: () => ({ ...due([]), states: new Map() }),
        row: ({ key }) => due([{ tag: 'entry', from: key, to: 'recipient', amount: 10 * (KEYS.indexOf(key) + 1), currency: 'EUR' }]),
      }) };`,
};

describe('lines that the gate held', { skip: noBrowser, timeout: 240_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let api: TrineApi;
  let page: Page;
  let decision = '';

  before(async () => {
    [node, browser] = await Promise.all([
      startTestNode({ device: { intervalMs: 500 } }, async (trine, home) => {
        const file = join(home, 'dues.json');
        await writeFile(file, JSON.stringify(DOMAIN));
        await trine('domain', 'add', file, '--yes');
      }),
      openBrowser(),
    ]);
    api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    await propose();
    decision = await firstHeld();
    page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
    await page.locator('h1').waitFor();
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
  });

  const addressOf = async (name: string) =>
    addressOfPrivateKey(fromHex((await readFile(join(node.home, 'keys', `${name}.secret`), 'utf8')).trim()));

  /** Lines in batches, between the two whose keys are here. */
  async function propose(): Promise<void> {
    const { id, members, chain } = (await answer(api.GET('/network.json'))) as NetworkDocument;
    const [member] = members as [NetworkDocument['members'][number]];
    const domains = await answer(api.GET('/api/v1/domains'));
    const model = domains.find(({ name }) => name === 'dues')?.model;
    assert.ok(model);
    const startMs = Math.ceil(Date.now() / WINDOW_MS) * WINDOW_MS;
    const policy: Agreement = {
      trine: 'agreement/1',
      ...{
        network: id,
        origins: member.logs.map(({ origin }) => origin),
        domain: 'dues',
        title: 'Dues',
        subject: 'city/1',
      },
      ...{ terms: { thing: 'pump/7' }, model, period: { startMs, endMs: startMs + WINDOW_MS } },
      gate: { ownersMin: 1, classMin: 'software', heartbeat: `node/${id.slice(6, 14)}`, heartbeatGapMsMax: 60_000 },
      parties: [
        { role: 'payer', name: 'City', address: await addressOf('account') },
        { role: 'recipient', name: 'Operator', address: await addressOf('recipient') },
      ],
      accounts: KEYS.map((key, i) => ({ key, address: addressOfPrivateKey(new Uint8Array(32).fill(40 + i)) })),
      arbiter: await addressOf('arbiter'),
      money: {
        ...{ chainId: chain.id, contract: chain.batch, token: chain.tokens[0]?.address as string, currency: 'EUR' },
        ...{ perObligationMax: 1_000, totalMax: 1_000, obligationMaxS: 60, settleWithinS: 86_400 },
        ...{ disputeWindowS: 3_600, holdMaxS: 3_600, afterHold: 'drop', deadlineS: 86_400 },
      },
      deciders: { list: [{ key: member.key, address: member.address }], quorum: 1 },
    };
    const plain = agreementPayload.decode(agreementPayload.encode(policy));
    await answer(api.POST('/api/v1/policies', { body: { policy: plain as never } }));
  }

  async function firstHeld(): Promise<string> {
    for (const deadline = Date.now() + WAIT_MS; ; ) {
      const [held] = await answer(api.GET('/api/v1/held'));
      if (held) {
        assert.deepEqual([held.lines, held.amount], [4, 100]);
        return held.id;
      }
      assert.ok(Date.now() < deadline, 'nothing was held');
      await new Promise((soon) => setTimeout(soon, 300));
    }
  }

  test('one is released, another dropped, and the rest released at once', async () => {
    await page.goto(`${node.origin}/#/decisions/${decision}`);
    await page.getByText('1 decider, or all parties, can release or drop what is held: 4 lines').waitFor();
    const line = (key: string) => page.getByRole('row').filter({ hasText: key }).filter({ hasText: 'Release' });
    await line('meter/3').getByText('€0.30').waitFor();
    assert.ok(
      await page.getByRole('button', { name: 'Release the line of meter/3' }).isDisabled(),
      'a reason is needed',
    );
    await page.getByLabel('Why', { exact: true }).fill('Read off on the spot');
    await checkLooks(page, 'held-lines');
    await page.setViewportSize({ width: 390, height: 844 });
    await line('meter/3').getByText('Readings of 1 owner besides who gains must stand behind').first().waitFor();
    await page.getByText('By its lines', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Release the line of meter/3' }).click();
    await page.getByText('what is held: 3 lines').waitFor();
    assert.equal(await focused(page), 'What is said by hand', 'the keyboard goes on where it was');
    await page.getByText('Held, then released by hand, by 1 decider: Read off on the spot').waitFor();
    await page.getByRole('button', { name: 'Drop the line of meter/1' }).click();
    await page.getByText('what is held: 2 lines').waitFor();
    await page.getByText('Held, then dropped by hand, by 1 decider').waitFor();
    const left = await answer(
      api.GET('/api/v1/held/{id}/lines', { params: { path: { id: decision }, query: { limit: 10 } } }),
    );
    assert.deepEqual(
      left.items.map(({ key }) => key),
      ['meter/2', 'meter/4'],
    );
    await page.getByRole('button', { name: 'Release all' }).click();
    await page.getByText('Released by hand', { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: /^(Release|Drop) / }).count(), 0);
    await checkLooks(page, 'released-lines');
    const rows = await answer(
      api.GET('/api/v1/decisions/{id}/rows', { params: { path: { id: decision }, query: { limit: 10 } } }),
    );
    assert.deepEqual(
      rows.items.map(({ key, byHand }) => [key, byHand?.ruling]),
      KEYS.map((key) => [key, key === 'meter/1' ? 'drop' : 'pay']),
    );
    assert.deepEqual(await answer(api.GET('/api/v1/held')), []);
  });
});
