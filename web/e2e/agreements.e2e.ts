// An agreement between two people in real browsers: proposed in the console, signed by one who makes a key from its link and
// by one with a key file, funded with test money, and ended; axe-core finds nothing on the way, on a desktop and a phone.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addressOfPrivateKey } from '@trine/protocol';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks } from './looks.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;

describe('an agreement of people', { skip: noBrowser, timeout: 240_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let folder: string;
  const payer = new Uint8Array(32).fill(41);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trine-keys-'));
    await writeFile(join(folder, 'payer.key'), `${Buffer.from(payer).toString('hex')}\n`);
    [node, browser] = await Promise.all([startTestNode({}), openBrowser()]);
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function newPage(address: string): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(address);
    await page.locator('h1').waitFor();
    return page;
  }

  test('of bills that many pay is proposed with accounts that join, and its page says in words what is signed', async () => {
    const page = await newPage(node.url);
    await page.goto(`${node.origin}/#/agreements/new`);
    await page.getByLabel('What for').selectOption('metering');
    const filled = {
      ...{ Device: 'city/1', Title: 'Homes', 'Time zone': 'Europe/Berlin', Payer: 'City', Recipient: 'Operator' },
      Tariff: '[{"name":"all","steps":[{"price":32570000}]}]',
      'Numbered customers': '{"count":300,"customer":"home/","meters":["meter/"]}',
      ...{ 'Most for one obligation, EUR': '9000', 'Most in all, EUR': '100000' },
    };
    for (const [label, text] of Object.entries(filled)) await page.getByLabel(label, { exact: true }).fill(text);
    await page.getByLabel('They join through').selectOption({ label: 'This computer' });
    await page.getByLabel('Contesting a row takes, EUR').fill('5');
    await page.getByText('“Time to object” takes at least 1 h where lines are paid in batches.').waitFor();
    await page.getByLabel('Time to object').fill('1 h');
    await checkLooks(page, 'propose-metering');
    await page.getByRole('button', { name: 'Propose' }).click();
    await page.getByRole('link', { name: 'Signing page' }).first().click();
    for (const words of [
      'Steps Price 0.3257 EUR',
      '15 min',
      'Takes €5.00 until',
      'Join through This computer did:key:',
    ])
      await page.getByText(words).first().waitFor();
    await checkLooks(page, 'sign-metering');
    await page.goto(`${node.origin}/#/agreements`);
    await page.getByRole('button', { name: 'Withdraw it' }).click();
    await page.getByText('Waits for signatures').waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('is proposed, signed by both from their own places, funded and ended', async () => {
    const operator = await newPage(node.url);
    await operator.goto(`${node.origin}/#/agreements/new`);
    await operator.getByLabel('What for').selectOption('service-level');
    await operator.getByLabel('Device').fill('pump/7');
    await operator.getByLabel('Title').fill('Pump 7 keeps measuring');
    await operator.getByLabel('Payer', { exact: true }).fill('City');
    await operator.getByLabel('Payer: account, if it has one').fill('0x12');
    await operator.getByText('“Payer: account” takes 0x and 40 hex digits, or nothing.').waitFor();
    await operator.getByLabel('Payer: account, if it has one').fill(addressOfPrivateKey(payer));
    await operator.getByLabel('Late readings count for').fill('1 d');
    await operator.getByLabel('Recipient', { exact: true }).fill('Customer');
    await operator.getByLabel('Most for one obligation').fill('0.505');
    assert.ok(await operator.getByText('“Most for one obligation” takes an amount').isVisible());
    await operator.getByLabel('Most for one obligation').fill('500');
    await operator.getByLabel('Most in all').fill('100');
    await operator.getByRole('button', { name: 'Propose' }).click();
    // The node says what its form cannot know.
    await operator.getByText('one obligation may cost more than all of them').waitFor();
    await operator.getByLabel('Most for one obligation').fill('0.50');
    await checkLooks(operator, 'propose');
    await operator.getByRole('button', { name: 'Propose' }).click();
    await operator.getByText('Waits for signatures').waitFor();
    // The keyboard goes on in the screen.
    await operator.waitForFunction(() => document.activeElement?.id === 'main');
    await checkLooks(operator, 'proposals');
    const links = await operator
      .getByRole('link', { name: 'Signing page' })
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
    const [ofPayer, ofRecipient] = links as [string, string];

    const recipient = await newPage(ofRecipient);
    await recipient.getByText('You are asked to sign as recipient.').waitFor();
    assert.match(await recipient.title(), /^Sign: Pump 7 keeps measuring/);
    // What each term means stands beside it, not behind a pointer.
    const meanings = ['How long after its end a window still waits for readings.', 'What falls due at once'];
    const late = 'Change what was decided, for 1 day after its end';
    for (const words of ['€100.00', '€0.50', 'pump/7', 'Test money', late, ...meanings])
      await recipient.getByText(words).first().waitFor();
    await recipient.getByRole('button', { name: 'Make my key in this browser' }).press('Enter');
    await recipient.getByRole('button', { name: 'Save my key' }).waitFor();
    // The button is gone; whoever came by keyboard goes on from here.
    const isBeside = () => document.activeElement?.textContent?.includes('Save my key') ?? false;
    assert.ok(await recipient.evaluate(isBeside), 'the focus is lost');
    assert.notEqual(await recipient.evaluate(() => document.activeElement?.tagName), 'BODY');
    await checkLooks(recipient, 'sign');
    const [saved] = await Promise.all([
      recipient.waitForEvent('download'),
      recipient.getByRole('button', { name: 'Save my key' }).click(),
    ]);
    const key = await readFile(await saved.path(), 'utf8');
    assert.match(key, /^[0-9a-f]{64}\n$/);
    await recipient.getByRole('button', { name: 'Sign', exact: true }).click();
    await recipient.getByText('You have signed. It begins to bind when the others have.').waitFor();

    const owner = await newPage(ofPayer);
    const file = owner.locator('input[type=file]');
    await file.setInputFiles({ name: 'wrong.key', mimeType: 'text/plain', buffer: Buffer.from(key) });
    await owner.getByText('This key is of').waitFor();
    await file.setInputFiles(join(folder, 'payer.key'));
    await owner.getByRole('button', { name: 'Sign', exact: true }).click();
    await owner.getByRole('heading', { name: 'Your money' }).waitFor();
    await owner.getByRole('button', { name: 'Get test money' }).click();
    const lock = owner.getByRole('button', { name: 'Lock it in this agreement' });
    await owner.waitForFunction(() => !document.querySelector<HTMLButtonElement>('form .primary')?.disabled);
    await lock.click();
    await owner.getByText('more stand behind the agreement').waitFor();
    await owner.getByText('Locked in this agreement').waitFor();
    await checkLooks(owner, 'money');

    await operator.bringToFront();
    await operator.getByText('Payer, signed'.toLowerCase()).first().waitFor();
    await recipient.getByLabel('Why').fill('The pump is sold');
    await recipient.getByRole('button', { name: 'End the agreement' }).click();
    await recipient.getByText('It has ended', { exact: true }).waitFor();
    // It stays said where it was signed, to both, and nobody is asked for more money.
    for (const page of [recipient, owner]) {
      await page.reload();
      await page.getByText('It has ended', { exact: true }).waitFor();
      await page.getByText(/^By Customer, from .*: The pump is sold\. What had begun/).waitFor();
      assert.equal(await page.getByRole('button', { name: /^(Lock it|End the)/ }).count(), 0);
    }
    // What was locked by who pays is not kept until the end that was agreed on.
    await owner.locator('input[type=file]').setInputFiles(join(folder, 'payer.key'));
    const notice = owner.getByRole('button', { name: 'Give notice' });
    await notice.waitFor();
    await checkLooks(owner, 'ended');
    await notice.click();
    await notice.waitFor({ state: 'detached' });
    await operator.getByText('Ended by the recipient').waitFor();
    await checkLooks(operator, 'agreements');
  });

  test('of an agreement whose lines are paid in batches the payer locks money by its link, too', async () => {
    const { members } = (await (await fetch(`${node.origin}/network.json`)).json()) as { members: { name: string }[] };
    const key = (name: string, secret: Uint8Array) =>
      writeFile(join(folder, name), `${Buffer.from(secret).toString('hex')}\n`).then(() => join(folder, name));
    const other = new Uint8Array(32).fill(42);
    const proposed = await node.trine(
      ...['agreement', 'propose', 'metering', 'city/2', '--json', '--most', '10', '--total', '10'],
      ...['--party', `payer=City=${addressOfPrivateKey(payer)}`],
      ...['--party', `recipient=Operator=${addressOfPrivateKey(other)}`],
      ...['--numbered', '{"count":3,"customer":"flat/","meters":["meter/"]}', '--time-zone', 'Europe/Berlin'],
      ...['--period', 'day', '--bands', '[{"name":"all","steps":[{"price":1000000}]}]'],
      ...['--join-through', members[0]?.name ?? '', '--contest-bond', '2.50'],
    );
    const { id, links } = JSON.parse(proposed) as { id: string; links: { role: string; path: string }[] };
    await node.trine('agreement', 'sign', id, '--key', await key('operator.key', other), '--yes');
    const owner = await newPage(`${node.origin}${links.find(({ role }) => role === 'payer')?.path}`);
    for (const words of ['Takes €2.50 until the arbiter has ruled', 'Once payer and recipient approved it'])
      await owner.getByText(words).waitFor();
    await owner.locator('input[type=file]').setInputFiles(join(folder, 'payer.key'));
    await owner.getByRole('button', { name: 'Sign', exact: true }).click();
    await owner.getByRole('heading', { name: 'Your money' }).waitFor();
    const lock = owner.getByRole('button', { name: 'Lock it in this agreement' });
    const money = owner.getByRole('button', { name: 'Get test money' });
    // What the account has besides is enough, or not.
    await lock.and(owner.locator(':enabled')).or(money).first().waitFor();
    if (await money.isVisible()) await money.click();
    await lock.click();
    await owner.getByText('more stand behind the agreement').waitFor();
    await checkLooks(owner, 'batches');
  });
});
