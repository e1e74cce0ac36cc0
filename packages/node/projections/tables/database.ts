// The tables in DuckDB: what the store's thread works with.
import { renameSync, rmSync } from 'node:fs';
import {
  BIGINT,
  BLOB,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  UTINYINT,
} from '@duckdb/node-api';
import { schema, schemaVersion } from './schema.ts';
import type { Row, StoreBatch } from './store.ts';

const CHUNK_ROWS = 2_048;
/** As the engine names a database without a file. */
const IN_MEMORY = ':memory:';

/** Appends columns of equal length in chunks of the engine's own vector size. */
async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  columns: readonly ((from: number, to: number) => DuckDBValue[])[],
  count: number,
): Promise<void> {
  const appender = await connection.createAppender(table);
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    const to = Math.min(count, from + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create(types, to - from);
    columns.forEach((column, i) => {
      chunk.setColumnValues(i, column(from, to));
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

const bigints = (column: Float64Array) => (from: number, to: number) => {
  const out: bigint[] = new Array(to - from);
  for (let i = from; i < to; i++) out[i - from] = BigInt(column[i] as number);
  return out;
};
const numbers = (column: Float64Array | Uint32Array | Uint8Array) => (from: number, to: number) => {
  const out: number[] = new Array(to - from);
  for (let i = from; i < to; i++) out[i - from] = column[i] as number;
  return out;
};

interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

async function isOutdated(connection: DuckDBConnection): Promise<boolean> {
  const tables = await connection.runAndReadAll('SELECT table_name FROM information_schema.tables');
  const names = tables.getRows().map(([name]) => name);
  if (names.length === 0) return false;
  if (!names.includes('version')) return true;
  const versions = await connection.runAndReadAll('SELECT version FROM version');
  return versions.getRows()[0]?.[0] !== schemaVersion;
}

async function create(database: Database): Promise<Database> {
  const { connection } = database;
  await connection.run("SET checkpoint_threshold = '64MB'");
  for (const statement of schema.split(';')) if (statement.trim() !== '') await connection.run(statement);
  await connection.run(`INSERT INTO version SELECT ${schemaVersion} WHERE NOT EXISTS (SELECT 1 FROM version)`);
  return database;
}

async function insert(db: DuckDBConnection, table: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const columns = Object.keys(values);
  const places = columns.map((_, i) => `$${i + 1}`).join(', ');
  await db.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, Object.values(values).map(toDuck));
}

function blob(bytes: Uint8Array): DuckDBValue {
  return toDuck(bytes);
}

function toDuck(value: unknown): DuckDBValue {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value);
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 31 - 1) return BigInt(value);
  return (value ?? null) as DuckDBValue;
}

function fromDuck(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof DuckDBBlobValue) return value.bytes;
  return value;
}

function close({ instance, connection }: Database): void {
  connection.closeSync();
  instance.closeSync();
}

/** The tables of a store. One call at a time: {@link TableDatabase.inTurn}. */
export class TableDatabase {
  readonly #path: string;
  readonly #memoryLimitMb: number;
  /** Another one after each time that the file is written anew. */
  #database: Promise<Database>;
  #last: Promise<unknown>;

  /** @param path the file, made where absent; `:memory:` for none */
  constructor(path: string, memoryLimitMb: number) {
    this.#path = path;
    this.#memoryLimitMb = memoryLimitMb;
    this.#database = this.#open();
    this.#last = this.#database;
  }

  /** One piece of work after the other, in the order they came: a query sees every batch given before it. */
  inTurn<T>(work: (database: this) => Promise<T>): Promise<T> {
    const done = this.#last.catch(() => undefined).then(() => work(this));
    this.#last = done;
    return done;
  }

  async #open(): Promise<Database> {
    const found = await this.#connect();
    if (await isOutdated(found.connection)) {
      // A view of the log in tables of another version: it is read anew.
      close(found);
      for (const file of [this.#path, `${this.#path}.wal`]) rmSync(file, { force: true });
      return create(await this.#connect());
    }
    return create(found);
  }

  async #connect(): Promise<Database> {
    const instance = await DuckDBInstance.create(this.#path, {
      threads: '1',
      memory_limit: `${this.#memoryLimitMb}MB`,
    });
    return { instance, connection: await instance.connect() };
  }

  async append(batch: StoreBatch): Promise<void> {
    const { connection: db } = await this.#database;
    const { statements: s, readings: r } = batch;
    await db.run('BEGIN');
    try {
      for (const { sequence, keyOwner, subject } of batch.sequences)
        await db.run('INSERT INTO sequences VALUES ($1, $2, $3)', [sequence, keyOwner, subject]);
      for (const { stream, subject, quantity, unit } of batch.streams)
        await db.run('INSERT INTO streams VALUES ($1, $2, $3, $4)', [stream, subject, quantity, unit]);
      const ids = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => blob(s.ids.subarray(32 * (from + i), 32 * (from + i) + 32)));
      await appendColumns(
        db,
        'statements',
        [BIGINT, BLOB, UTINYINT, INTEGER, BIGINT, BIGINT, BIGINT, UTINYINT, UTINYINT, INTEGER, BIGINT, BIGINT],
        [
          bigints(s.leaf),
          ids,
          numbers(s.kind),
          numbers(s.sequence),
          bigints(s.epoch),
          bigints(s.seq),
          bigints(s.arrivalMs),
          numbers(s.class),
          numbers(s.flag),
          numbers(s.readings),
          bigints(s.firstMs),
          bigints(s.lastMs),
        ],
        s.leaf.length,
      );
      await appendColumns(
        db,
        'readings',
        [INTEGER, BIGINT, BIGINT, DOUBLE],
        [numbers(r.stream), bigints(r.timeMs), bigints(r.leaf), numbers(r.value)],
        r.stream.length,
      );
      for (const { stream, timeMs, leaf, value } of batch.texts)
        await db.run('INSERT INTO texts VALUES ($1, $2, $3, $4)', [stream, timeMs, leaf, value].map(toDuck));
      for (const { table, values } of batch.rows) await insert(db, table, values);
      if (batch.snapshot) {
        await db.run('DELETE FROM snapshots');
        await insert(db, 'snapshots', { ...batch.snapshot });
      }
      await db.run('DELETE FROM position');
      await db.run('INSERT INTO position VALUES ($1)', [BigInt(batch.next)]);
      await db.run('COMMIT');
    } catch (error) {
      await db.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async query(sql: string, values: readonly unknown[]): Promise<Row[]> {
    const { connection: db } = await this.#database;
    const reader = await db.runAndReadAll(sql, values.map(toDuck));
    const names = reader.columnNames();
    return reader
      .getRows()
      .map((row) => Object.fromEntries(row.map((value, i) => [names[i] as string, fromDuck(value)])));
  }

  async erase(leaves: Float64Array): Promise<void> {
    const { connection: db } = await this.#database;
    await db.run('CREATE OR REPLACE TEMP TABLE erased (leaf BIGINT NOT NULL)');
    await appendColumns(db, 'erased', [BIGINT], [bigints(leaves)], leaves.length);
    await db.run('BEGIN');
    try {
      for (const table of ['readings', 'texts', 'rows', 'states', 'links'])
        await db.run(`DELETE FROM ${table} WHERE leaf IN (SELECT leaf FROM erased)`);
      // As if they were read from the log now: without a value, a statement stands at its arrival.
      await db.run(
        'UPDATE statements SET readings = 0, first_ms = arrival_ms, last_ms = arrival_ms WHERE leaf IN (SELECT leaf FROM erased)',
      );
      await db.run('COMMIT');
    } catch (error) {
      await db.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
    await db.run('DROP TABLE erased');
    await this.#writeAnew();
  }

  /** Copies the tables to a new file in place of this one: deleting leaves what was deleted in free blocks. */
  async #writeAnew(): Promise<void> {
    if (this.#path === IN_MEMORY) return;
    const old = await this.#database;
    const fresh = `${this.#path}.new`;
    for (const file of [fresh, `${fresh}.wal`]) rmSync(file, { force: true });
    const [[name]] = (await old.connection.runAndReadAll('SELECT current_database()')).getRows() as [[string]];
    await old.connection.run(`ATTACH '${fresh.replaceAll("'", "''")}' AS fresh`);
    try {
      await old.connection.run(`COPY FROM DATABASE "${name.replaceAll('"', '""')}" TO fresh`);
      await old.connection.run('CHECKPOINT fresh');
    } finally {
      await old.connection.run('DETACH fresh');
    }
    await old.connection.run('CHECKPOINT');
    close(old);
    rmSync(`${this.#path}.wal`, { force: true });
    renameSync(fresh, this.#path);
    this.#database = this.#connect().then(create);
    await this.#database;
  }

  async close(): Promise<void> {
    close(await this.#database);
  }
}
