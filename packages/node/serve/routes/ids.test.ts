// Ids by their beginning: found wherever they stand, and never guessed.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TrineError } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { openStore, type Store } from '../../projections/tables/store.ts';
import { append, decisionRow, intentRow } from '../testing/tables.ts';
import { idOf } from './ids.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-ids-'));
const bytes = (start: string) => Buffer.from(start.padEnd(64, '7'), 'hex');
let store: Store;
let node: Node;

before(async () => {
  store = await openStore(join(folder, 'views.duckdb'));
  node = { store } as unknown as Node;
  const payment = intentRow(4, 1, 1);
  const rows = [
    decisionRow(1, 1, { decision: bytes('abcdef01') }),
    decisionRow(2, 2, { decision: bytes('abcdef02') }),
    // The same decision by another decider is one thing.
    decisionRow(3, 2, { decision: bytes('abcdef02') }),
    decisionRow(5, 3, { decision: bytes('ffffff') }),
    { ...payment, values: { ...payment.values, digest: bytes('abcdef02ff') } },
  ];
  await append(store, 10, rows);
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const whole = (start: string) => start.padEnd(64, '7');

test('a beginning stands for one thing of the kinds that are meant', async () => {
  assert.equal(await idOf(node, 'abcdef01', 'decision'), whole('abcdef01'));
  assert.equal(await idOf(node, 'abcdef02', 'decision'), whole('abcdef02'));
  assert.equal(await idOf(node, 'abcdef02f', 'payment'), whole('abcdef02ff'));
  assert.equal(await idOf(node, 'ffffff'), whole('ffffff'));
  assert.equal(await idOf(node, '0'.repeat(64)), '0'.repeat(64), 'a whole id is whatever it is');
});

test('of several, each is named with what it is; of none, that there is none', async () => {
  const found = (error: unknown) => {
    assert.ok(error instanceof TrineError);
    assert.deepEqual([error.code, error.status], ['ambiguous', 409]);
    assert.deepEqual(error.facts, { [whole('abcdef02')]: 'decision', [whole('abcdef02ff')]: 'payment' });
    return true;
  };
  await assert.rejects(idOf(node, 'abcdef02'), found);
  await assert.rejects(idOf(node, 'abcdef', 'decision'), { code: 'ambiguous' });
  await assert.rejects(idOf(node, 'abcdef03'), { code: 'not-found' });
  await assert.rejects(idOf(node, 'abcdef01', 'payment'), { code: 'not-found' });
});
