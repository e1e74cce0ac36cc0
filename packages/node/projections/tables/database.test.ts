// The tables themselves: in memory and in a file they keep and forget the same.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LightTables } from '../../testing/light-tables.ts';
import { TableDatabase } from './database.ts';
import type { StoreBatch } from './store.ts';

const numbers = (...values: number[]) => Float64Array.from(values);

/** Two statements of one thing, each with a reading and a state. */
function batch(next = 2): StoreBatch {
  const leaves = [next - 2, next - 1];
  return {
    next,
    sequences: next === 2 ? [{ sequence: 0, keyOwner: 'thing/1', subject: 'thing/1' }] : [],
    streams: next === 2 ? [{ stream: 0, subject: 'thing/1', quantity: 'q', unit: '' }] : [],
    statements: {
      ...{ leaf: numbers(...leaves), ids: new Uint8Array(64).fill(next), kind: Uint8Array.of(1, 1) },
      ...{ sequence: Uint32Array.of(0, 0), epoch: numbers(0, 0), seq: numbers(...leaves) },
      ...{ arrivalMs: numbers(100, 200), class: Uint8Array.of(2, 2), flag: Uint8Array.of(0, 0) },
      ...{ readings: Uint32Array.of(1, 1), firstMs: numbers(10, 20), lastMs: numbers(10, 20) },
    },
    readings: {
      ...{ stream: Uint32Array.of(0, 0), timeMs: numbers(10, 20), leaf: numbers(...leaves), value: numbers(1.5, 2.5) },
    },
    texts: [],
    rows: leaves.map((leaf) => ({
      table: 'states',
      values: { leaf, policy: new Uint8Array(32), key: 'thing/1', commitment: new Uint8Array(32), until_ms: 30 },
    })),
    snapshot: { leaf: next, data: Uint8Array.of(next) },
  };
}

/** In memory: the real ones, and those of simulations. */
const kinds = { real: () => new TableDatabase(':memory:', 128), light: () => new LightTables() };

for (const where of ['memory', 'light memory', 'a file'] as const)
  test(`in ${where}: what is erased is gone with its readings, everything else stays`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'trine-tables-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const inFile = () => new TableDatabase(join(folder, 'views.duckdb'), 128);
    const tables = { memory: kinds.real, 'light memory': kinds.light, 'a file': inFile }[where]();
    await tables.append(batch());
    await tables.append(batch(4));
    await tables.erase(numbers(0, 3));
    const rows = (sql: string) => tables.query(sql, []);
    assert.deepEqual(await rows('SELECT leaf, value FROM readings ORDER BY leaf'), [
      { leaf: 1, value: 2.5 },
      { leaf: 2, value: 1.5 },
    ]);
    assert.deepEqual(await rows('SELECT leaf FROM states ORDER BY leaf'), [{ leaf: 1 }, { leaf: 2 }]);
    assert.deepEqual(await rows('SELECT leaf, readings, first_ms FROM statements ORDER BY leaf'), [
      { leaf: 0, readings: 0, first_ms: 100 },
      { leaf: 1, readings: 1, first_ms: 20 },
      { leaf: 2, readings: 1, first_ms: 10 },
      { leaf: 3, readings: 0, first_ms: 200 },
    ]);
    assert.deepEqual(await rows('SELECT leaf FROM position'), [{ leaf: 4 }]);
    assert.deepEqual(structuredClone(await rows('SELECT leaf, data FROM snapshots')), [
      { leaf: 4, data: Uint8Array.of(4) },
    ]);
    await tables.close();
    assert.equal(existsSync(':memory:'), false, 'nothing is written where there is no file');
    assert.deepEqual(readdirSync(folder), where === 'a file' ? ['views.duckdb'] : []);
  });

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: a batch that cannot be taken leaves nothing behind, and the next one is taken`, async () => {
    const tables = open();
    await assert.rejects(tables.append({ ...batch(), rows: [{ table: 'nowhere', values: { leaf: 1 } }] }));
    assert.deepEqual(await tables.query('SELECT leaf FROM statements', []), []);
    await tables.append(batch());
    assert.deepEqual(await tables.query('SELECT leaf FROM position', []), [{ leaf: 2 }]);
    await tables.close();
  });

  test(`${kind}: what the node asks of lists, bytes, texts and what is not there`, async () => {
    const tables = open();
    await tables.append(batch());
    const one = async (expression: string, ...values: unknown[]) => {
      const [row] = await tables.query(`SELECT ${expression} AS value FROM position`, values);
      return row?.value;
    };
    const held = async (condition: string, ...values: unknown[]) =>
      (await tables.query(`SELECT leaf FROM position WHERE ${condition}`, values)).length === 1;
    assert.equal(await one('lower(hex($1))', Uint8Array.of(0xab, 1)), 'ab01');
    assert.equal(
      await held("list_contains(string_split($1, ','), lower(hex($2)))", 'ab,cd', Uint8Array.of(0xcd)),
      true,
    );
    assert.equal(
      await held("list_contains(string_split($1, ','), lower(hex($2)))", 'abcd', Uint8Array.of(0xcd)),
      false,
    );
    assert.equal(await held("NOT list_contains(string_split($1, ','), $2)", '', 'ab'), true);
    assert.equal(await held('starts_with($1, $2)', 'a%b', 'a%'), true);
    assert.equal(await held('starts_with($1, $2)', 'ab', 'a%'), false);
    const left = await tables.query(
      'SELECT lower(hex(digest)) AS digest, value FROM readings LEFT JOIN intents USING (leaf) WHERE (stream, event_ms) < ($1, $2)',
      [0, 20],
    );
    assert.deepEqual(left, [{ digest: null, value: 1.5 }]);
    assert.deepEqual(await tables.query('SELECT max(leaf) AS leaf, count(*) AS n FROM intents', []), [
      { leaf: null, n: 0 },
    ]);
    await tables.close();
  });
}

for (const kind of ['real', 'light'] as const)
  test(`${kind} tables: what is given under a type is given`, async (t) => {
    const tables = kinds[kind]();
    t.after(() => tables.close());
    const rows = await tables.query('SELECT $1::BIGINT + 1 AS leaf', [41]);
    assert.deepEqual(structuredClone(rows), [{ leaf: 42 }]);
  });
