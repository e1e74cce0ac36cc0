// Views over a real store: what is one alert, what belongs to one obligation, what counts once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KeyDirectory } from '../projections/keys.ts';
import type { Row } from '../projections/projection.ts';
import { SequenceTracker } from '../projections/sequences.ts';
import { openStore, type Store } from '../projections/tables/store.ts';
import { EventBus, type NodeEvent } from './events.ts';
import { alert, append, decisionRow, hex, id, intentRow, settlement, status } from './testing/tables.ts';
import { Views } from './views.ts';

describe('views', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-views-'));
  let store: Store;
  let views: Views;
  let next = 0;

  before(async () => {
    store = await openStore(join(folder, 'views.duckdb'));
    views = new Views(store, new KeyDirectory(), new SequenceTracker());
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function add(...rows: Row[]): Promise<void> {
    next += 100;
    await append(store, next, rows);
  }

  test('a decision is told with what it orders, what replaced it, and the payment', async () => {
    await add(
      decisionRow(1, 1),
      decisionRow(2, 2, { outcome: 'hold', gate: 'asleep\nforked', score_ppm: undefined, threshold_ppm: undefined }),
      decisionRow(3, 3, { obligation: id(51), base: id(51), supersedes: id(1), verdict: 'poor' }),
      decisionRow(4, 4, { agreement: undefined, policy: id(203), outcome: 'advice', currency: undefined }),
      intentRow(5, 90, 1),
      settlement(6),
      settlement(7),
    );
    const first = await views.decision(id(1));
    assert.equal(first?.payment, hex(90));
    assert.equal(first?.supersededBy, hex(3));
    assert.deepEqual(first?.score, { ppm: 700_000, thresholdPpm: 800_000 });
    assert.deepEqual(
      first?.entries.map(({ from, to }) => [from, to]),
      [['payer', 'recipient']],
    );
    assert.deepEqual(
      (await views.chainOf(first)).map((one) => one.id),
      [hex(1), hex(3)],
    );
    const held = await views.decision(id(2));
    assert.deepEqual([held?.gate, held?.score, held?.payment], [['asleep', 'forked'], undefined, undefined]);
    const under = await views.decisions({ limit: 10, policy: hex(203), subject: 's' });
    assert.deepEqual(
      under.items.map((one) => [one.id, one.currency, one.agreement]),
      [[hex(4), '', undefined]],
    );
    assert.equal(await views.decision(id(9)), undefined);
  });

  test('a payment that two members vouch for is one', async () => {
    const {
      items: [one, ...others],
    } = await views.payments({ limit: 10 });
    assert.deepEqual(others, []);
    assert.deepEqual([one?.state, one?.paidMs, one?.currency], ['paid', 3_000, 'EUR']);
    assert.equal((await views.payment(id(90)))?.decision, hex(1));
  });

  test('totals: what is held is told apart from its verdict', async () => {
    assert.deepEqual(await views.totals(), {
      decisions: 3,
      advice: 1,
      held: 1,
      ordered: 1,
      paid: 1,
      verdicts: [
        { domain: 'd', verdict: 'fine', count: 1 },
        { domain: 'd', verdict: 'poor', count: 1 },
      ],
    });
  });

  test('an alert that goes on is one, until someone resolves it', async () => {
    await add(alert(110, 1), alert(111, 2), alert(112, 2, 'other'));
    const told = async () =>
      (await views.alerts({ limit: 10 })).items.map(({ subject, times, status: word, lastMs }) => [
        subject,
        times,
        word,
        lastMs,
      ]);
    assert.deepEqual(await told(), [
      ['other', 1, 'raised', 1_120],
      ['s', 2, 'raised', 1_110],
    ]);
    await add(status(200, 1, 'acknowledged'), alert(201, 3));
    assert.deepEqual((await told())[0], ['s', 3, 'acknowledged', 2_010]);
    await add(status(300, 3, 'resolved'), alert(301, 4));
    assert.deepEqual((await told()).slice(0, 2), [
      ['s', 1, 'raised', 3_010],
      ['s', 3, 'resolved', 2_010],
    ]);
    const [again, before] = (await views.alerts({ limit: 10 })).items;
    assert.equal(before?.said?.by, 'Ada');
    assert.deepEqual([before?.raisedBy, before?.decision], [hex(1), hex(3)], 'its name stays while it goes on');
    assert.equal(again?.raisedBy, hex(4), 'raised again, it is another');
  });

  test('lines of parties are found by the obligation', async () => {
    const values = {
      leaf: 400,
      statement: id(60),
      commitment: id(61),
      policy: id(201),
      obligation: id(51),
      base: undefined,
      key: 'home/1',
      from_ms: 10,
      to_ms: 20,
      verdict: 'fine',
      outcome: 'pay',
      amount: 2,
      reason: 'r',
      gate: '',
      facts: '{}',
      entries: '[]',
    };
    await add({ table: 'rows', values });
    const decision = await views.decision(id(1));
    assert.deepEqual(
      (decision ? (await views.rowsOf(decision, { limit: 5 })).items : []).map(({ key, amount }) => [key, amount]),
      [['home/1', 2]],
    );
  });
});

test('events carry the rows as they were committed, and none where nobody listens', () => {
  const bus = new EventBus(() => 5);
  const heard: NodeEvent[] = [];
  bus.committed({ next: 9, batches: [], rows: [decisionRow(1, 1)] });
  bus.listen((event) => heard.push(event));
  bus.committed({
    next: 9,
    batches: [],
    rows: [decisionRow(2, 2), intentRow(5, 90, 1), alert(3, 2), { table: 'keys', values: {} }],
  });
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['decision', 'payment', 'alert'],
  );
  assert.equal((heard.at(0)?.data as { id: string } | undefined)?.id, hex(2));
  assert.equal((heard.at(1)?.data as { id: string } | undefined)?.id, hex(90));
});
