// Figures of models, over a real store.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openStore, type Store } from '../projections/tables/store.ts';
import { driftOf, labelStats, trialOf } from './shadow.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-trial-'));
let store: Store;
before(async () => {
  store = await openStore(join(folder, 'views.duckdb'));
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const id = (byte: number) => new Uint8Array(32).fill(byte);
let leaf = 0;
async function decide(of: {
  terms: number;
  model: number;
  n: number;
  verdict: string;
  amount?: number;
  score?: number;
}): Promise<Uint8Array> {
  const decision = id(0);
  new DataView(decision.buffer).setUint32(0, ++leaf);
  const places = Array.from({ length: 20 }, (_, i) => `$${i + 1}`).join(', ');
  const values = [
    leaf,
    decision,
    decision,
    null,
    id(of.terms),
    'thing/1',
    of.n * 1_000,
    (of.n + 1) * 1_000,
    of.verdict,
    'none',
  ];
  const more = [of.amount ?? 0, 'EUR', of.score ?? 0, '', '', 0, id(of.model), id(0), 0, '{}'];
  await store.query(`INSERT INTO decisions VALUES (${places})`, [...values, ...more]);
  return decision;
}
async function label(decision: Uint8Array, stand: string, verdict: string | null = null): Promise<void> {
  await store.query('INSERT INTO labels VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
    ++leaf,
    id(9),
    decision,
    stand,
    verdict,
    'Ada',
    '',
    0,
  ]);
}

test('a trial counts windows both judged since it began, differences, money, and who was right', async () => {
  const verdicts: [active: string, beside: string, label?: string][] = [
    ['met', 'breached'],
    ['met', 'met'],
    ['breached', 'met', 'refuse'],
    ['breached', 'breached', 'approve'],
    ['met', 'breached', 'approve'],
  ];
  for (const [n, [active, beside, said]] of verdicts.entries()) {
    const decision = await decide({ terms: 1, model: 1, n, verdict: active, amount: active === 'breached' ? 5 : 0 });
    await decide({ terms: 2, model: 2, n, verdict: beside, amount: beside === 'breached' ? 5 : 0 });
    if (said) await label(decision, said);
  }
  assert.deepEqual(await trialOf(store, id(1), id(2), 1_000), {
    windows: 4,
    differences: 2,
    excused: 1,
    amountActive: 10,
    amountShadow: 10,
    labels: 3,
    rightActive: 2,
    rightShadow: 2,
  });
  assert.deepEqual(await labelStats(store, id(1), id(1), 0), { labels: 3, wrong: 1 });
});

test('the newest word on a decision counts, and a correction names the verdict', async () => {
  const decision = await decide({ terms: 3, model: 3, n: 0, verdict: 'breached' });
  await label(decision, 'refuse');
  assert.deepEqual(await labelStats(store, id(3), id(3), 0), { labels: 1, wrong: 1 });
  await label(decision, 'correct', 'breached');
  assert.deepEqual(await labelStats(store, id(3), id(3), 0), { labels: 1, wrong: 0 });
});

test('drift: scores that moved away from those of the first windows are noticed, noise is not', async () => {
  const noise = (n: number) => 100_000 + ((n * 7_919) % 40_000);
  for (let n = 0; n < 249; n++) await decide({ terms: 4, model: 4, n, verdict: 'met', score: noise(n) });
  assert.equal((await driftOf(store, id(4), id(4))).verdict, 'too-early');
  for (let n = 249; n < 300; n++) await decide({ terms: 4, model: 4, n, verdict: 'met', score: noise(n) });
  const steady = await driftOf(store, id(4), id(4));
  assert.deepEqual([steady.windows, steady.verdict], [300, 'steady']);
  for (let n = 300; n < 350; n++)
    await decide({ terms: 4, model: 4, n, verdict: 'breached', score: noise(n) + 300_000 });
  const drifting = await driftOf(store, id(4), id(4));
  assert.equal(drifting.verdict, 'drifting');
  assert.equal(drifting.breachedNewest, 1_000_000);
});
