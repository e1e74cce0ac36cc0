import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ServerType } from '@hono/node-server';
import { serve } from '@hono/node-server';
import { decodeBundle } from '@trine/protocol';
import { Hono } from 'hono';
import { fsck } from './fsck/fsck.ts';
import { fill, leafOf, manual, VKEY } from './log.fixture.ts';
import { openLog } from './log.ts';
import { logRoutes } from './serve.ts';
import type { Log } from './types.ts';

describe('a log over HTTP', () => {
  const directory = mkdtempSync(join(tmpdir(), 'trine-log-'));
  const app = new Hono();
  let log: Log;
  let server: ServerType;
  before(async () => {
    log = await openLog(manual(directory));
    await fill(log, 100);
    await log.publish();
    await fill(log, 700);
    await log.publish();
    app.route('/log', logRoutes(log));
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  });
  after(async () => {
    server.close();
    await log.close();
    rmSync(directory, { recursive: true });
  });
  const get = (path: string) => app.request(`/log/${path}`);
  const bytesOf = async (path: string) => new Uint8Array(await (await get(path)).arrayBuffer());

  test('checkpoint and key: text, never cached', async () => {
    for (const [path, text] of [
      ['checkpoint', log.checkpoint.note],
      ['vkey', `${VKEY}\n`],
    ] as const) {
      const response = await get(path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(response.headers.get('cache-control'), 'no-cache');
      assert.equal(await response.text(), text);
    }
  });

  test('tiles and bundles: bytes, immutable', async () => {
    for (const [path, length] of [
      ['tile/0/000', 8192],
      ['tile/0/002.p/188', 188 * 32],
      ['tile/1/000.p/2', 64],
    ] as const) {
      const response = await get(path);
      assert.equal(response.status, 200, path);
      assert.equal(response.headers.get('content-type'), 'application/octet-stream');
      assert.match(response.headers.get('cache-control') ?? '', /max-age=31536000, immutable/);
      assert.equal((await response.arrayBuffer()).byteLength, length);
    }
    assert.deepEqual(decodeBundle(await bytesOf('tile/entries/001'), 256)[3], leafOf(259));
  });

  test('a partial tile of an older checkpoint stays available from the full one', async () => {
    assert.deepEqual(await bytesOf('tile/0/000.p/100'), (await bytesOf('tile/0/000')).subarray(0, 3200));
    assert.deepEqual(decodeBundle(await bytesOf('tile/entries/000.p/100'), 100)[99], leafOf(99));
  });

  test('what is not published is not served', async () => {
    await fill(log, 1000);
    for (const path of [
      'tile/0/003',
      'tile/0/002',
      'tile/entries/002',
      'tile/0/002.p/200',
      'tile/1/000.p/3',
      'tile/2/000',
    ]) {
      assert.equal((await get(path)).status, 404, path);
    }
  });

  test('no path leads out of the log', async () => {
    writeFileSync(join(directory, 'secret'), 'secret');
    for (const path of [
      '../secret',
      'tile/../../secret',
      'tile/%2e%2e/%2e%2e/secret',
      'tile/..%2f..%2fsecret',
      'tile/0/..%2f..%2f..%2fsecret',
      'tile/0/000%00',
      'tile/0/000/../000',
      'tile//0/000',
      'tile/entries/000.p/..',
      'tile/0/0x0',
      'lock',
      'wal/0000000000000000.wal',
    ]) {
      const response = await get(path);
      const text = await response.text();
      assert.ok(!text.includes('secret') || response.status === 404, path);
      // The URL standard itself resolves dots: what then is a tile may be served, nothing else.
      if (!new URL(`http://x/log/${path}`).pathname.startsWith('/log/tile/0/000'))
        assert.equal(response.status, 404, path);
    }
  });

  test('fsck reads it from the address', async () => {
    const { port } = server.address() as AddressInfo;
    const report = await fsck(`http://127.0.0.1:${port}/log/`, VKEY);
    assert.deepEqual(report.problems, []);
    assert.equal(report.leaves, 700);
  });
});
