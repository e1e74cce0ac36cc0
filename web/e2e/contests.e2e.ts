// Contests of rows in a batch, in a real browser: the page of the batch says who contests and what, the arbiter's buttons of a
// practice network rule, and axe-core finds nothing there. Windows of batches are an hour and more: the node lives in
// virtual time, behind a port.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBalance } from '@trine/ledger/agreements.ts';
import { createApi } from '@trine/node/serve/app.ts';
import { addressOf, DEADLINE_S, WINDOW_S } from '@trine/node/testing/customers.ts';
import { District, homes } from '@trine/node/testing/district.ts';
import { ServedNode } from '@trine/node/testing/served.ts';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks, focused } from './looks.ts';

const WAIT_MS = 60_000;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const WORDS = 'Read twice: 3 of 4 are right.';

interface BehindPort {
  readonly server: Server;
  /** One after the other: time passes in one of them. */
  inTurn(work: () => Promise<unknown>): Promise<unknown>;
}

/** A node in virtual time behind a port; whenever a payment is asked for, what was begun is done. */
function behindPort(served: ServedNode): BehindPort {
  const { node, http } = served;
  const api = createApi({ node, webRoot: dist, version: 'test', http });
  let turn: Promise<unknown> = Promise.resolve();
  const answered = async (
    { method = 'GET', url = '/', headers }: IncomingMessage,
    body: Buffer,
    to: ServerResponse,
  ) => {
    // What is live never ends, and time passes here only while something is answered.
    if (url.includes('/events')) return void to.writeHead(503).end();
    if (url.includes('/payments/')) await served.settling.settle();
    const given = { method, headers: headers as Record<string, string>, ...(body.length > 0 && { body }) };
    const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };
    const response = await served.does(
      Promise.resolve(api.request(`http://${headers.host}${url}`, given as RequestInit, env)),
    );
    const bytes = new Uint8Array(await served.does(response.arrayBuffer()));
    return void to.writeHead(response.status, Object.fromEntries(response.headers)).end(bytes);
  };
  const inTurn = (work: () => Promise<unknown>) => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => void inTurn(() => answered(request, Buffer.concat(parts), response)));
  });
  return { server, inTurn };
}

describe('contests of a batch', { skip: noBrowser, timeout: 200_000 }, () => {
  const ends: (() => unknown)[] = [];
  let browser: Browser;
  let district: District;
  let payment: string;
  let origin: string;
  let page: Page;
  let inTurn: BehindPort['inTurn'];

  before(async () => {
    browser = await openBrowser();
    const scene = { after: (end: () => unknown) => void ends.push(end) } as unknown as TestContext;
    district = await District.open(scene, homes, ({ parts }) => {
      const { batch } = parts.genesis.network.chain;
      const times = { disputeWindowS: WINDOW_S, deadlineS: DEADLINE_S, holdMaxS: 7_200 };
      return { money: { ...parts.agreement().money, contract: batch, ...times, contestBond: 20 } };
    });
    await district.decide(60_000, [3, 4, 2]);
    const served = ServedNode.over(district.settling);
    const { items } = await served.get<{ items: { id: string }[] }>('/api/v1/payments');
    payment = items[0]?.id as string;
    const { server, ...port } = behindPort(served);
    inTurn = port.inTurn;
    ends.unshift(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`${origin}/#token=${served.node.genesis.keys.token}`);
    await page.locator('h1').waitFor();
    await page.goto(`${origin}/#/payments/${payment}`);
  });

  after(async () => {
    await browser?.close();
    for (const end of ends) await end();
  });

  test('nobody contests it, and how one does is said', async () => {
    await page.getByText('Nobody says that its row is wrong.').waitFor();
    await page.getByText(`npx trine contest ${payment.slice(0, 12)} --reason WORDS --key FILE`).waitFor();
    await page.getByText(/changes no number: what is wrong is corrected by a decision on late or corrected/).waitFor();
    await page.getByText(/It takes a bond of €0\.20 until it is ruled on\.$/).waitFor();
    await page.getByText('In a batch: what many owe and are owed, in one payment').waitFor();
    await checkLooks(page, 'no-contests');
  });

  test('who contests is shown with what it says, and ruled on by buttons', async () => {
    const { settler } = district.settling;
    await inTurn(async () => {
      const found = await district.settling.parts.does(settler.payment(Buffer.from(payment, 'hex')));
      assert.ok(found);
      for (const home of ['home/1', 'home/2']) {
        await district.customers.fund(home, 20n);
        await district.customers.contests(home, found.intent, WORDS);
      }
    });
    await page.reload();
    const row = (home: string) => page.getByRole('row').filter({ hasText: home });
    await row('home/1').getByText(WORDS).waitFor();
    await row('home/2')
      .getByText(/^Open: if nobody rules until .* \(\S+\), the bond of €0\.20 goes back\.$/)
      .waitFor();
    await checkLooks(page, 'contests');
    await page.getByRole('button', { name: 'Rule: justified, on home/1', exact: true }).click();
    await row('home/1').getByText('Justified, said the arbiter: the bond went back.').waitFor();
    assert.equal(await focused(page), 'Who contests it', 'the keyboard goes on where it was');
    await page.getByRole('button', { name: 'Rule: unjustified, on home/2', exact: true }).click();
    await row('home/2').getByText('Unjustified, said the arbiter: the bond went to the residuary').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Rule:/ }).count(), 0);
    await checkLooks(page, 'contests-ended');
    const { parts } = district.settling;
    const { chain, contracts } = parts.genesis;
    await inTurn(async () => {
      assert.equal(await parts.does(readBalance(chain, contracts, addressOf('home/1'))), 20n);
    });
  });
});
