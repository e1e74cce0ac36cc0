// The device library in a real browser: offline it queues in IndexedDB, after a reload it sends, and the chain goes on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { noBrowser, openBrowser } from './browser.ts';
import { startTestNode } from './node.ts';

/** The page's script as one file. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL('device-page.ts', import.meta.url)), formats: ['iife'], name: 'page' },
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [output] = Array.isArray(result) ? result : [result];
  assert.ok(output && 'output' in output);
  return output.output[0].code;
}

test('a device in a browser: offline, reloaded, online, in one unbroken chain', {
  skip: noBrowser ?? false,
}, async (t) => {
  const node = await startTestNode({ device: { enabled: false } });
  const browser = await openBrowser();
  t.after(async () => {
    await browser.close();
    await node.stop();
  });
  const token = new URL(node.url).hash.slice('#token='.length);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const gateway = (await (await fetch(`${node.origin}/gateway.json`)).json()) as { key: string; network: string };
  const code = await bundle();
  // The page's own policy forbids scripts that are not its own; the test brings one.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const load = async () => {
    await page.goto(node.origin);
    await page.addScriptTag({ content: code });
  };
  await load();
  const secret = randomBytes(32).toString('hex');
  const subject = 'browser/level';
  const key = await page.evaluate(
    (s) => (globalThis as unknown as { deviceKey(s: string): string }).deviceKey(s),
    secret,
  );
  const enrolled = await fetch(`${node.origin}/api/v1/devices`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ key, subject, name: 'Level', class: 'software' }),
  });
  assert.equal(enrolled.status, 200);
  const task = { secret, subject, network: gateway.network, gateway: gateway.key };
  const run = (more: object) =>
    page.evaluate(
      (all) => (globalThis as unknown as { runDevice(task: object): Promise<Record<string, number>> }).runDevice(all),
      { ...task, ...more },
    );

  const offline = await run({ url: 'ws://127.0.0.1:9/mqtt', values: [1, 2, 3], drain: false });
  assert.deepEqual(offline, { restored: 0, waiting: 3, sealed: 0, refused: 0 });
  await load();
  const online = await run({ url: `${node.origin.replace('http', 'ws')}/mqtt`, values: [4], drain: true });
  assert.deepEqual(online, { restored: 3, waiting: 0, sealed: 4, refused: 0 });
  const chain = (await (await fetch(`${node.origin}/api/v1/chain?subject=${subject}`, { headers })).json()) as {
    seq: number;
    flags: object;
  };
  assert.equal(chain.seq, 3);
  assert.deepEqual(chain.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
});
