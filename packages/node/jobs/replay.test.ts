// What would have been decided, asked of a thread that reads the node's own files.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { NetworkDocument } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import { T0 } from '../testing/world.ts';
import { ReplayJobs } from './replay.ts';

const domainsModule = new URL('../testing/domains.ts', import.meta.url);
let folder: string;
let network: NetworkDocument;
let policy: string;

before(async () => {
  const parts = await Parts.open();
  ({ network } = parts.genesis);
  policy = (await parts.propose(parts.agreement())).hash;
  await parts.say([{ atMs: 1_000 }, { atMs: 11_000 }, { atMs: 12_000 }]);
  await parts.decideAt(21_500);
  await parts.does(parts.log.publish());
  await parts.close();
  folder = mkdtempSync(join(tmpdir(), 'trine-replay-'));
  parts.world.copyTo(folder);
});
after(() => rmSync(folder, { recursive: true }));

const asking = (module: URL | undefined = domainsModule, waitMs?: number) =>
  new ReplayJobs({ home: join(folder, 'node'), network }, module, waitMs);
const question = () => ({ policy, fromMs: T0, toMs: T0 + 60_000 });

test('unchanged, everything comes out alike; with another price the difference is in cents', async () => {
  const jobs = asking();
  const same = await jobs.ask(question());
  assert.deepEqual([same.compared, same.alike, same.amountBefore, same.amountAfter], [2, 2, 5, 5]);
  const dearer = await jobs.ask({ ...question(), terms: { price: 8 } });
  assert.deepEqual([dearer.compared, dearer.alike, dearer.amountBefore, dearer.amountAfter], [2, 1, 5, 8]);
});

test('one question at a time, and after it the next', async () => {
  const jobs = asking();
  const first = jobs.ask(question());
  await assert.rejects(jobs.ask(question()), { code: 'busy' });
  await first;
  await jobs.ask(question());
});

test('an unknown policy, model or term is refused in words; without the module of the domains nothing can be asked', async () => {
  const jobs = asking();
  await assert.rejects(jobs.ask({ ...question(), policy: '0'.repeat(64) }), { code: 'not-yet' });
  await assert.rejects(jobs.ask({ ...question(), model: '0'.repeat(64) }), { code: 'not-found' });
  await assert.rejects(jobs.ask({ ...question(), terms: { colour: 1 } }), /colour/);
  await assert.rejects(new ReplayJobs({ home: folder, network }, undefined).ask(question()), { code: 'unsupported' });
});

test('a thread that breaks is an error of its question alone, one that takes too long is ended', async () => {
  const broken = asking(new URL('../testing/nowhere.ts', import.meta.url));
  await assert.rejects(broken.ask(question()), { code: 'internal' });
  await assert.rejects(asking(domainsModule, 0).ask(question()), { code: 'timed-out' });
});
