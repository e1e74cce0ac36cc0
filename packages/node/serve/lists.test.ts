// Lists: paging through any of them gives each row once, whatever arrives meanwhile; counts are of the whole filter.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseDidKey } from '@trine/protocol';
import fc from 'fast-check';
import { KeyDirectory, type KeyEntry } from '../projections/keys.ts';
import { SequenceTracker } from '../projections/sequences.ts';
import { openStore, type Store, type StoreBatch } from '../projections/tables/store.ts';
import { alert, append, decisionRow, hex, id, intentRow, settlement, status } from './testing/tables.ts';
import { Views } from './views.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-lists-'));
const keyDirectory = new KeyDirectory();
let store: Store;
let views: Views;
let leaf = 0;

const verdicts = ['met', 'breached', 'unknown'] as const;
const outcomes = ['none', 'pay', 'hold'] as const;

/** More of everything: decisions, payments, alerts, things and their readings. */
async function arrive(count: number): Promise<void> {
  const first = leaf;
  const rows = Array.from({ length: count }, (_, i) => {
    const n = 1 + ((first + i) % 250);
    const at = leaf++;
    const more = {
      decision: Buffer.from(String(at).padStart(64, '0'), 'hex'),
      verdict: verdicts[at % 3],
      outcome: outcomes[at % 3],
      subject: `thing/${at % 7}`,
      amount: at % 4,
      gate: at % 3 === 2 ? 'The log slept' : '',
      ...(at % 5 === 0 && { agreement: undefined }),
    };
    return decisionRow(at, n, more);
  });
  const ordered = Array.from({ length: Math.ceil(count / 2) }, (_, i) => {
    const at = leaf++;
    return {
      ...intentRow(at, 0, 0, at % 3),
      values: { ...intentRow(at, 0, 0, at % 3).values, ...intentOf(at, first + i) },
    };
  });
  const raised = Array.from({ length: Math.ceil(count / 3) }, (_, i) => alert(leaf++, 1 + (i % 3), `thing/${i % 5}`));
  await append(store, leaf, [...rows, ...ordered, ...raised], packs(count));
}

const intentOf = (at: number, decided: number) => ({
  digest: Buffer.from(String(at).padStart(64, 'a'), 'hex'),
  decision: Buffer.from(String(decided).padStart(64, '0'), 'hex'),
});

const quantities = ['flow', 'level'];

/** Packs of five things, with two readings at one time among them. */
function packs(count: number): Partial<StoreBatch> {
  const from = leaf;
  leaf += count;
  const leaves = Float64Array.from({ length: count }, (_, i) => from + i);
  const isFirst = from < 1_000 && store.position === 0;
  return {
    sequences: isFirst
      ? Array.from({ length: 5 }, (_, i) => ({ sequence: i, keyOwner: `thing/${i}`, subject: `thing/${i}` }))
      : [],
    streams: isFirst ? quantities.map((quantity, stream) => ({ stream, subject: 'thing/0', quantity, unit: 'm' })) : [],
    statements: {
      leaf: leaves,
      ids: new Uint8Array(32 * count).map((_, i) => (from + Math.floor(i / 32)) >> (i % 4 === 0 ? 8 : 0)),
      kind: new Uint8Array(count).fill(1),
      sequence: Uint32Array.from(leaves, (at) => at % 5),
      epoch: new Float64Array(count),
      seq: leaves,
      arrivalMs: leaves.map((at) => at * 100),
      class: new Uint8Array(count).fill(1),
      flag: new Uint8Array(count),
      readings: new Uint32Array(count).fill(2),
      firstMs: leaves,
      lastMs: leaves,
    },
    readings: {
      stream: Uint32Array.from({ length: 2 * count }, (_, i) => i % 2),
      // Several at one time, also of one stream and in one leaf.
      timeMs: Float64Array.from({ length: 2 * count }, (_, i) => Math.floor((from + i / 2) / 4)),
      leaf: Float64Array.from({ length: 2 * count }, (_, i) => from + (i >> 1)),
      value: Float64Array.from({ length: 2 * count }, (_, i) => i % 3),
    },
    texts: [{ stream: 0, timeMs: 1, leaf: from, value: '=cmd' }],
  };
}

before(async () => {
  store = await openStore(join(folder, 'views.duckdb'));
  views = new Views(store, keyDirectory, new SequenceTracker());
  await arrive(60);
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

type Page = { readonly items: readonly object[]; readonly next?: string | undefined };
type Ask = (page: { limit: number; after?: string }) => Promise<Page>;

/** Every list in every order, and what names a row of it. */
const lists: Readonly<Record<string, { ask: (sort: string) => Ask; sorts: readonly string[] }>> = {
  decisions: {
    ask: (sort) => (page) => views.decisions({ ...page, sort: sort as 'newest' }),
    sorts: ['newest', 'oldest', 'amount', 'score'],
  },
  payments: {
    ask: (sort) => (page) => views.payments({ ...page, sort: sort as 'newest' }),
    sorts: ['newest', 'oldest', 'amount'],
  },
  alerts: {
    ask: (sort) => (page) => views.alerts({ ...page, sort: sort as 'newest' }),
    sorts: ['newest', 'oldest', 'severity'],
  },
  devices: {
    ask: (sort) => (page) => views.devices({ ...page, sort: sort as 'name' }),
    sorts: ['subject', 'name', 'newest', 'silent'],
  },
  seals: { ask: (sort) => (page) => views.seals({ ...page, sort }), sorts: ['newest', 'oldest'] },
  readings: {
    ask: (sort) => (page) => views.readings({ ...page, subject: 'thing/0', sort: sort as 'newest' }),
    sorts: ['newest', 'oldest'],
  },
};

for (const [name, { ask, sorts }] of Object.entries(lists))
  test(`property: paging through ${name} gives each row once, in one order, while more arrive`, async () => {
    for (const sort of sorts)
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.boolean(), async (wanted, more) => {
          const page = ask(sort);
          const whole = (await page({ limit: 100_000 })).items;
          // Of a long list no more than a few dozen pages.
          const limit = Math.max(wanted, Math.floor(whole.length / 25));
          const seen: object[] = [];
          let next: string | undefined;
          do {
            const found = await page({ limit, ...(next !== undefined && { after: next }) });
            assert.ok(found.items.length <= limit);
            seen.push(...found.items);
            next = found.next;
            if (more && seen.length % 3 === 0 && leaf < 1_500) await arrive(2);
          } while (next !== undefined);
          assert.deepEqual(seen, whole);
        }),
        { numRuns: 4 },
      );
  });

test('a cursor of another list or order is refused, and so is junk', async () => {
  const { next } = await views.decisions({ limit: 1 });
  for (const wrong of [
    views.payments({ limit: 1, after: next }),
    views.decisions({ limit: 1, after: next, sort: 'oldest' }),
    views.decisions({ limit: 1, after: 'x' }),
    views.decisions({ limit: 1, after: Buffer.from('["decisions","newest",9,{},1]').toString('base64url') }),
  ])
    await assert.rejects(wrong, { code: 'invalid' });
});

test('property: no cursor that somebody writes is anything but refused, or a place', async () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(2 ** 60), fc.constant('x\u0000'));
  const sort = fc.constantFrom('newest', 'oldest', 'amount', 'name');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(lists)),
      sort,
      fc.integer(),
      value,
      value,
      async (name, ...rest) => {
        const after = Buffer.from(JSON.stringify([name, ...rest])).toString('base64url');
        const { ask, sorts } = lists[name] as (typeof lists)[string];
        if (!sorts.includes(rest[0])) return;
        await ask(rest[0])({ limit: 2, after }).catch((error) => assert.equal(error.code, 'invalid', String(error)));
      },
    ),
    { numRuns: 600 },
  );
});

test('decisions: the filter is kept by the node, and counts say what each choice would show', async () => {
  const { counts } = await views.decisions({ limit: 1, verdict: 'breached' });
  for (const { domain, verdict, count, held, advice } of counts.verdicts) {
    const of = { limit: 1, domain, verdict };
    assert.equal((await views.decisions(of)).counts.total, count);
    assert.equal((await views.decisions({ ...of, held: true })).counts.total, held);
    assert.equal((await views.decisions({ ...of, advice: true })).counts.total, advice);
  }
  assert.equal(counts.verdicts.length, 3);
  const held = await views.decisions({ limit: 1_000, gate: 'log SLEPT', subject: 'thing/1' });
  assert.ok(held.items.length > 0);
  assert.ok(held.items.every((one) => one.subject === 'thing/1' && one.gate.length === 1));
  const { items } = await views.decisions({ limit: 1_000, from: 100, to: 110, policy: hex(201) });
  assert.ok(items.length > 0 && items.every(({ fromMs, toMs }) => toMs > 100 && fromMs < 110));
  assert.equal((await views.decisions({ limit: 1, policy: hex(9) })).counts.total, 0);
});

test('what was replaced is left out where it is asked to be', async () => {
  const replaced = (await views.decisions({ limit: 1 })).items[0]?.id as string;
  const before = (await views.decisions({ limit: 1, standing: true })).counts.total;
  const newer = decisionRow(leaf++, 251, { supersedes: Buffer.from(replaced, 'hex'), decision: id(251) });
  await append(store, leaf, [newer]);
  assert.equal((await views.decisions({ limit: 1, standing: true })).counts.total, before);
  assert.deepEqual(
    (await views.decisions({ limit: 9, standing: false })).items.map((one) => one.id),
    [replaced],
  );
});

test('payments: a sum for each state, and what was ordered is paid once its settlement is in', async () => {
  const paid = (await views.payments({ limit: 1 })).items[0];
  await append(store, ++leaf, [
    {
      ...settlement(leaf - 1),
      values: { ...settlement(leaf - 1).values, intent: Buffer.from(paid?.id as string, 'hex') },
    },
  ]);
  const { items, counts } = await views.payments({ limit: 1_000, state: 'paid' });
  assert.deepEqual(
    items.map((one) => one.id),
    [paid?.id],
  );
  assert.deepEqual(
    counts.states.map(({ state, count }) => [state, count]),
    [
      ['ordered', counts.states[0]?.count],
      ['paid', 1],
    ],
  );
  const [month] = counts.months;
  assert.deepEqual([counts.months.length, month?.state, month?.count, month?.amount], [1, 'paid', 1, paid?.amount]);
  assert.match(month?.month as string, /^\d{4}-\d{2}$/);
  const whole = (await views.payments({ limit: 1 })).counts;
  const added = whole.months.reduce((sum, { count }) => sum + count, 0);
  assert.equal(added, whole.total);
  assert.equal((await views.payments({ limit: 1, agreements: [hex(9)] })).counts.total, 0);
  assert.equal((await views.payments({ limit: 1, agreements: [hex(9), hex(200)] })).counts.total > 1, true);
});

test('alerts: by status, subject and severity', async () => {
  const { items } = await views.alerts({ limit: 1_000, subject: 'thing/1' });
  assert.ok(items.length > 0 && items.every(({ subject }) => subject === 'thing/1'));
  await append(store, ++leaf, [status(leaf - 1, 1, 'acknowledged')]);
  const { counts } = await views.alerts({ limit: 1, status: 'acknowledged' });
  assert.ok(counts.total > 0);
  const open = async () => (await views.alerts({ limit: 9, subject: 'thing/own', status: 'open' })).counts.total;
  const [own, seen, over] = [
    alert(leaf, 77, 'thing/own'),
    status(leaf + 1, 77, 'acknowledged'),
    status(leaf + 2, 77, 'resolved'),
  ];
  const counted: number[] = [];
  for (const row of [own, seen, over]) {
    await append(store, ++leaf, [row]);
    counted.push(await open());
  }
  assert.deepEqual(counted, [1, 1, 0]);
  const { items: all, counts: now } = await views.alerts({ limit: 1_000 });
  assert.equal(
    now.statuses.reduce((sum, { count }) => sum + count, 0),
    all.length,
  );
  assert.equal((await views.alerts({ limit: 1, severity: 'critical' })).counts.total, 0);
});

test('things: by part of a name, kind, class and silence; one that never spoke is silent', async () => {
  const did = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';
  const enrolled: KeyEntry = {
    did,
    key: parseDidKey(did),
    keyOwner: 'pump/9',
    owner: did,
    name: 'Rain pump',
    isMember: false,
    class: 'software',
    subjects: ['pump/9'],
    thing: 'd/pump',
    enrolledAt: 3,
  };
  keyDirectory.restore([enrolled]);
  const named = await views.devices({ limit: 9, name: 'RAIN' });
  assert.deepEqual(
    named.items.map(({ subject, name, kind, lastArrivalMs }) => [subject, name, kind, lastArrivalMs]),
    [['pump/9', 'Rain pump', 'd/pump', undefined]],
  );
  assert.deepEqual(named.counts.kinds, [{ kind: 'd/pump', count: 1 }]);
  const one = await views.devices({ limit: 9, subject: 'thing/1' });
  assert.deepEqual([one.items.map(({ subject }) => subject), one.counts.total], [['thing/1'], 1]);
  const enrolledOnes = await views.devices({ limit: 9, enrolled: true });
  assert.deepEqual(
    enrolledOnes.items.map(({ subject }) => subject),
    ['pump/9'],
  );
  assert.equal((await views.devices({ limit: 9, enrolled: false, subject: 'pump/9' })).counts.total, 0);
  const all = await views.devices({ limit: 99, sort: 'silent' });
  assert.equal(all.items[0]?.subject, 'pump/9');
  const newest = all.items.at(-1)?.lastArrivalMs as number;
  const { counts } = await views.devices({ limit: 99, silentSince: newest });
  assert.equal(counts.total, all.counts.total - 1);
  assert.equal((await views.devices({ limit: 99, heardSince: newest })).counts.total, 1);
  assert.equal((await views.devices({ limit: 99, class: 'simulated' })).counts.total, 0);
});
