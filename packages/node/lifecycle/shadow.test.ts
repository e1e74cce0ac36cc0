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
  policy: number;
  model: number;
  n: number;
  verdict: string;
  amount?: number;
  score?: number;
}): Promise<Uint8Array> {
  const decision = id(0);
  new DataView(decision.buffer).setUint32(0, ++leaf);
  const obligation = id(0);
  new DataView(obligation.buffer).setUint32(0, of.n);
  const row = {
    leaf,
    statement: decision,
    decision,
    issuer: 'did:key:z1',
    policy: id(of.policy),
    domain: 'test',
    subject: 'thing/1',
    obligation,
    trigger_name: 'window',
    from_ms: of.n * 1_000,
    to_ms: (of.n + 1) * 1_000,
    cut: 0,
    verdict: of.verdict,
    outcome: of.verdict === 'breached' ? 'pay' : 'none',
    amount: of.amount ?? 0,
    currency: 'EUR',
    score_ppm: of.score ?? 0,
    reason: '',
    gate: '',
    facts: '{}',
    entries: '[]',
    arrival_ms: 0,
    model: id(of.model),
    states_before: id(0),
    states_after: id(0),
  };
  await insert('decisions', row);
  return decision;
}
async function insert(table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(row);
  const places = names.map((_, i) => `$${i + 1}`).join(', ');
  await store.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, Object.values(row));
}
async function label(decision: Uint8Array, assessment: string, verdict: string | null = null): Promise<void> {
  const said = { leaf: ++leaf, id: id(9), decision, assessment, verdict, said_by: 'Ada', note: '', arrival_ms: 0 };
  await insert('labels', said);
}

test('a trial counts obligations both decided since it began, differences, money, and who was right', async () => {
  const verdicts: [active: string, beside: string, label?: string][] = [
    ['met', 'breached'],
    ['met', 'met'],
    ['breached', 'met', 'wrong'],
    ['breached', 'breached', 'right'],
    ['met', 'breached', 'right'],
  ];
  for (const [n, [active, beside, said]] of verdicts.entries()) {
    const decision = await decide({ policy: 1, model: 1, n, verdict: active, amount: active === 'breached' ? 5 : 0 });
    await decide({ policy: 2, model: 2, n, verdict: beside, amount: beside === 'breached' ? 5 : 0 });
    if (said) await label(decision, said);
  }
  assert.deepEqual(await trialOf(store, id(1), id(2), 1_000), {
    obligations: 4,
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
  const decision = await decide({ policy: 3, model: 3, n: 0, verdict: 'breached' });
  await label(decision, 'wrong');
  assert.deepEqual(await labelStats(store, id(3), id(3), 0), { labels: 1, wrong: 1 });
  await label(decision, 'corrected', 'breached');
  assert.deepEqual(await labelStats(store, id(3), id(3), 0), { labels: 1, wrong: 0 });
});

test('drift: scores that moved away from those of the first obligations are noticed, noise is not', async () => {
  const noise = (n: number) => 100_000 + ((n * 7_919) % 40_000);
  for (let n = 0; n < 249; n++) await decide({ policy: 4, model: 4, n, verdict: 'met', score: noise(n) });
  assert.equal((await driftOf(store, id(4), id(4))).verdict, 'too-early');
  for (let n = 249; n < 300; n++) await decide({ policy: 4, model: 4, n, verdict: 'met', score: noise(n) });
  const steady = await driftOf(store, id(4), id(4));
  assert.deepEqual([steady.obligations, steady.verdict], [300, 'steady']);
  for (let n = 300; n < 350; n++)
    await decide({ policy: 4, model: 4, n, verdict: 'breached', score: noise(n) + 300_000 });
  const drifting = await driftOf(store, id(4), id(4));
  assert.equal(drifting.verdict, 'drifting');
  assert.equal(drifting.followedNewest, 1_000_000);
});
