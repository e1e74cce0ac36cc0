// The verifier as one file in a real Chromium: opened from a disk, and from the node whose network names it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { type RunningNode, startTestNode } from './node.ts';

const vector = (name: string) => fileURLToPath(new URL(`../../vectors/evidence/${name}`, import.meta.url));
const built = fileURLToPath(new URL('../dist/verifier.html', import.meta.url));

describe('verifier as one file', { skip: noBrowser, timeout: 120_000 }, () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  /** Requests to anybody, and what the browser complained of. */
  const wrong: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trine-verifier-'));
    // Alone in a folder: whatever it needs beside it is missing.
    await copyFile(built, join(folder, 'verifier.html'));
    browser = await openBrowser();
    page = await open(pathToFileURL(join(folder, 'verifier.html')).href);
  });

  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(address: string): Promise<Page> {
    const opened = await browser.newPage();
    opened.on('request', (request) => {
      if (request.url() !== address && !/^(blob|data):/.test(request.url())) wrong.push(request.url());
    });
    opened.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    opened.on('pageerror', (error) => wrong.push(error.message));
    await opened.goto(address);
    return opened;
  }

  const choose = (on: Page, name: string) => on.locator('input[type=file]').setInputFiles(vector(name));
  const verdict = (on: Page, value: string) => on.locator(`.outcome[data-verdict=${value}]`).waitFor();

  async function checksProofs(on: Page): Promise<void> {
    await choose(on, 'reading.trine');
    await verdict(on, 'consistent');
    await choose(on, 'network.json');
    await verdict(on, 'trusted');
    await on.getByRole('button', { name: 'Tamper with it' }).click();
    await verdict(on, 'broken');
  }

  test('alone, a proof is consistent, with a network document trusted, with one bit changed broken', () =>
    checksProofs(page));

  test('whom one trusts is remembered by the file', async () => {
    await page.reload();
    await page.getByText('Checked against the network you pinned').waitFor();
  });

  test('a file that is no proof is told so', async () => {
    await choose(page, 'make.ts');
    await page.getByText('This is no evidence file.').waitFor();
  });

  describe('from a node', () => {
    let node: RunningNode;
    before(async () => {
      node = await startTestNode({});
    });
    after(() => node?.stop());

    test('it is the file that the network document names, to anyone', async () => {
      const file = await (await fetch(`${node.origin}/verifier.html`)).arrayBuffer();
      const { verifier } = (await (await fetch(`${node.origin}/network.json`)).json()) as { verifier: string };
      assert.equal(createHash('sha256').update(new Uint8Array(file)).digest('hex'), verifier);
    });

    test('it checks proofs there too, and shares nothing with the console beside it', async () => {
      const served = await open(`${node.origin}/verifier.html`);
      await checksProofs(served);
      assert.equal(await served.evaluate('self.origin'), 'null');
    });

    test('the console offers it, with the hash that the network document names', async () => {
      const console = await browser.newPage();
      await console.goto(`${node.origin}/#/verify`);
      const { verifier } = (await (await fetch(`${node.origin}/network.json`)).json()) as { verifier: string };
      await console.getByText(verifier).waitFor();
      const saving = console.waitForEvent('download');
      await console.getByRole('link', { name: 'Save the verifier' }).click();
      assert.equal((await saving).suggestedFilename(), 'trine-verifier.html');
    });
  });

  test('nothing was asked of anybody, and nothing complained', () => {
    assert.deepEqual(wrong, []);
  });
});
