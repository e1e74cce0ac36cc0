// Decisions of a domain that the release does not have, in a real browser: computed again in the sandbox, with the domain's file
// from the node or from the reader, in the console and in the verifier as one file.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { answer, connect } from '@trine/client';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
const root = fileURLToPath(new URL('../../', import.meta.url));

describe('a domain of one’s own', { skip: noBrowser, timeout: 240_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let folder: string;
  let decision = '';
  const complaints: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trine-bundle-'));
    [node, browser] = await Promise.all([
      startTestNode({ device: { intervalMs: 500 } }, async (trine, home) => {
        await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
        const own = join(home, 'own');
        await trine('domain', 'new', 'cold-chain', '--folder', own);
        await trine('domain', 'add', join(own, 'cold-chain'), '--yes');
        await trine('domain', 'pack', join(own, 'cold-chain'), join(folder, 'cold-chain.json'));
      }),
      openBrowser(),
    ]);
    const api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    const from = new Date(Date.now() - 600_000).toISOString();
    const terms = ['--limit-milli', '8000', '--window', '60s', '--grace', '0'];
    await node.trine('watch', 'add', 'cold-chain', 'room/1', '--from', from, ...terms);
    for (const deadline = Date.now() + WAIT_MS; decision === ''; ) {
      const { items } = await answer(api.GET('/api/v1/decisions', { params: { query: { limit: 200 } } }));
      decision = items.find(({ domain }) => domain === 'cold-chain')?.id ?? '';
      if (Date.now() > deadline) throw new Error('Nothing was decided.');
      await new Promise((soon) => setTimeout(soon, 200));
    }
    await node.trine('evidence', decision, '--output', join(folder, 'cold.trine'));
    await copyFile(join(root, 'web/dist/verifier.html'), join(folder, 'verifier.html'));
  });

  after(async () => {
    await browser?.close();
    await node?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(address: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(address);
    return page;
  }

  test('the console computes it again with the file that the node gives', async () => {
    const page = await open(node.url);
    await page.locator('h1').waitFor();
    await page.goto(`${node.origin}/#/proof/${decision}`);
    await page.getByRole('button', { name: 'Pin this network' }).click();
    await page.locator('[data-verdict=trusted]').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('the verifier as one file does so with the file that the reader brings, and asks nobody', async () => {
    const asked: string[] = [];
    const page = await open(pathToFileURL(join(folder, 'verifier.html')).href);
    page.on('request', (request) => {
      if (/^https?:/.test(request.url())) asked.push(request.url());
    });
    const input = page.locator('input[type=file]');
    await input.setInputFiles({
      ...{ name: 'network.json', mimeType: 'application/json' },
      buffer: await readFile(join(node.home, 'network.json')),
    });
    await input.setInputFiles(join(folder, 'cold.trine'));
    await page.locator('[data-verdict=trusted-without-replay]').waitFor();
    await input.setInputFiles(join(folder, 'cold-chain.json'));
    await page.getByText('computed again with the file that you brought').waitFor();
    await page.locator('[data-verdict=trusted]').waitFor();
    assert.deepEqual(asked, []);
  });
});
