// The tables in an engine that starts at once and answers within microseconds, for simulations of many rounds: what runs on the
// real one runs here and has the same rows. It knows of the real one's dialect what the node asks while it runs, no more.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { atOnce } from '@trine/system/transactions.ts';
import { schema, schemaVersion } from '../projections/tables/schema.ts';
import type { Row, StoreBatch } from '../projections/tables/store.ts';
import type { Tables } from './memory-store.ts';

type Value = SQLInputValue;

const isText = (value: Value): value is string => typeof value === 'string';

/** What the other engine has besides; `string_split` leaves the list to `list_contains`. */
const FUNCTIONS: Readonly<Record<string, (...given: Value[]) => Value>> = {
  hex: (bytes) => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex').toUpperCase() : null),
  starts_with: (text, start) => (isText(text) && isText(start) ? Number(text.startsWith(start)) : null),
  string_split: (text, by) => (isText(text) ? JSON.stringify(text.split(by as string)) : null),
  list_contains: (list, one) =>
    isText(list) && one !== null ? Number((JSON.parse(list) as unknown[]).includes(one)) : null,
};

export class LightTables implements Tables {
  readonly #db = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, StatementSync>();
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    for (const [name, work] of Object.entries(FUNCTIONS)) this.#db.function(name, { deterministic: true }, work);
    this.#db.exec(schema);
    this.#db.exec(`INSERT INTO version VALUES (${schemaVersion})`);
  }

  inTurn<T>(work: (tables: this) => Promise<T>): Promise<T> {
    const done = this.#last.catch(() => undefined).then(() => work(this));
    this.#last = done;
    return done;
  }

  #statement(sql: string): StatementSync {
    // Here what follows `$1::` would be of the parameter's name, and nothing is bound to that.
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql.replaceAll(/(?<=\$\d+)::\w+/g, ''));
    this.#statements.set(sql, known);
    return known;
  }

  #insert(table: string, values: Readonly<Record<string, unknown>>): void {
    const columns = Object.keys(values);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    this.#statement(sql).run(...columns.map((name) => (values[name] ?? null) as Value));
  }

  async append(batch: StoreBatch): Promise<void> {
    const { statements: s, readings: r, sequences, streams, texts, rows, snapshot } = batch;
    atOnce(this.#db, () => {
      for (const { sequence, keyOwner, subject } of sequences)
        this.#insert('sequences', { sequence, key_owner: keyOwner, subject });
      for (const stream of streams) this.#insert('streams', { ...stream });
      s.leaf.forEach((leaf, i) => {
        this.#insert('statements', {
          ...{ leaf, id: s.ids.slice(32 * i, 32 * i + 32), kind: s.kind[i], sequence: s.sequence[i] },
          ...{ epoch: s.epoch[i], seq: s.seq[i], arrival_ms: s.arrivalMs[i], class: s.class[i], flag: s.flag[i] },
          ...{ readings: s.readings[i], first_ms: s.firstMs[i], last_ms: s.lastMs[i] },
        });
      });
      r.stream.forEach((stream, i) => {
        this.#insert('readings', { stream, event_ms: r.timeMs[i], leaf: r.leaf[i], value: r.value[i] });
      });
      for (const { stream, timeMs, leaf, value } of texts)
        this.#insert('texts', { stream, event_ms: timeMs, leaf, value });
      for (const { table, values } of rows) this.#insert(table, values);
      if (snapshot) {
        this.#db.exec('DELETE FROM snapshots');
        this.#insert('snapshots', { ...snapshot });
      }
      this.#db.exec('DELETE FROM position');
      this.#insert('position', { leaf: batch.next });
    });
  }

  async query(sql: string, values: readonly unknown[]): Promise<Row[]> {
    const given = Object.fromEntries(values.map((value, i) => [`$${i + 1}`, (value ?? null) as Value]));
    return this.#statement(sql)
      .all(given)
      .map((row) => ({ ...row }));
  }

  async erase(leaves: Float64Array): Promise<void> {
    atOnce(this.#db, () => {
      for (const leaf of leaves) {
        for (const table of ['readings', 'texts', 'rows', 'states', 'links'])
          this.#statement(`DELETE FROM ${table} WHERE leaf = ?`).run(leaf);
        this.#statement(
          'UPDATE statements SET readings = 0, first_ms = arrival_ms, last_ms = arrival_ms WHERE leaf = ?',
        ).run(leaf);
      }
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
