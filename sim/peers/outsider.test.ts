// An outsider's device and auditor, in another language with other libraries, against a real node.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Served, serveNode, takePort } from '@trine/node/serve/serve.ts';
import { type Platform, startPlatform, until } from '../platform.ts';

const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('./outsider.py', import.meta.url));
const absent =
  spawnSync(python, ['-c', 'import cbor2, cryptography']).status !== 0 &&
  'the Debian packages python3-cbor2 and python3-cryptography are not installed';

describe('an outsider who has the documents alone', { skip: absent, timeout: 120_000 }, () => {
  let platform: Platform;
  let served: Served;
  let url: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trine-outsider-'));
    platform = await startPlatform(folder);
    served = serveNode(await takePort('127.0.0.1', 0), platform.node, join(folder, 'no-console'), 'test');
    url = served.url.replace(/\/$/, '');
  });
  after(async () => {
    await served?.close();
    await platform?.remove();
  });

  async function outsider(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await promisify(execFile)(python, [script, ...args]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  test('its device is enrolled, its packs are sealed, the acknowledgement holds; again they are duplicates', async () => {
    const key = join(folder, 'outsider.key');
    const { key: did } = await outsider('key', key);
    await platform.node.enrol('greenhouse/1', {
      key: did as string,
      name: 'Greenhouse',
      class: 'software',
      subjects: ['greenhouse/1'],
    });
    const sent = await outsider('device', key, url, 'greenhouse/1', '20.5', '21', '-3.25');
    assert.deepEqual(sent.verdicts, ['sealed', 'sealed', 'sealed']);
    assert.deepEqual(sent.again, ['duplicate', 'duplicate', 'duplicate']);
    await until('its packs in a checkpoint', async () => {
      const audited = await outsider('audit', url);
      return (sent.ids as string[]).every((id) => (audited.ids as string[]).includes(id)) || undefined;
    });
  });

  test('it audits the whole log: encodings, signatures, arrivals, root and checkpoint', async () => {
    const { size, kinds } = (await outsider('audit', url)) as { size: number; kinds: Record<string, number> };
    assert.ok(size >= 5);
    assert.ok((kinds['1'] as number) >= 3 && (kinds['3'] as number) >= 2 && kinds['9'] === 1);
  });
});
