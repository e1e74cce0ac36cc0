// Parquet as a table: DuckDB, which keeps the tables of a node, reads it; its flat columns are read as those of CSV.
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { JsonRow } from '@trine/mapping/formats/json-rows.ts';
import { CommandError } from '../../output.ts';
import type { Given, LeftOut } from '../mapping.ts';
import type { SourceFile } from '../source.ts';
import { csvOf, ofTable, type TableMade } from './tables.ts';

const MEMORY = '512MB';

interface Column {
  readonly name: string;
  readonly type: string;
}

/**
 * Makes a table of a Parquet file.
 * @returns undefined where the file is none
 * @throws CommandError where it cannot be read
 */
export async function tableOfParquet(file: SourceFile, given: Given): Promise<TableMade | undefined> {
  if ((await file.kind()) !== 'parquet') return undefined;
  const columns: Column[] = [];
  for await (const [name, type] of rowsOf(file.path, (table) => `DESCRIBE SELECT * FROM ${table}`))
    columns.push({ name: name as string, type: type as string });
  const isFlat = ({ type }: Column) =>
    !/[[(]|^(?:BLOB|MAP|STRUCT|UNION|INTERVAL|BIT)/.test(type) || /^(?:DECIMAL|ENUM)/.test(type);
  const flat = columns.filter(isFlat);
  if (flat.length === 0) throw new CommandError('The Parquet file has no flat column.');
  const nested = columns.filter((column) => !isFlat(column));
  const left: LeftOut[] = nested.map(({ name, type }) => ({
    position: -1,
    heading: name,
    why: `its cells are of the type ${type.slice(0, 40)}: flat columns alone are read`,
    numbers: 0,
    isLoss: !given.skip.includes(name),
  }));
  const names = flat.map(({ name }) => name);
  file.becomes(async () => Readable.from(csvOf(names, cells(file.path, flat)), { objectMode: false }));
  const skip = given.skip.filter((name) => !nested.some((column) => column.name === name));
  return {
    given: { ...ofTable(given, false), skip },
    notes: [{ what: 'format', value: 'Parquet, as a table', from: 'inferred' }],
    left,
  };
}

async function* cells(path: string, columns: readonly Column[]): AsyncGenerator<JsonRow> {
  const list = columns.map(sqlOf).join(', ');
  for await (const row of rowsOf(path, (table) => `SELECT ${list} FROM ${table}`))
    yield new Map(columns.map(({ name }, i) => [name, row[i] as string | null]));
}

/** Its text; a moment with its zone, which is UTC. */
function sqlOf({ name, type }: Column): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  return type === 'TIMESTAMP WITH TIME ZONE'
    ? `make_timestamp(epoch_us(${column}))::VARCHAR || 'Z'`
    : `${column}::VARCHAR`;
}

/** Rows of a question about a file, in the order of the file, with access to nothing else. */
async function* rowsOf(path: string, sql: (table: string) => string): AsyncGenerator<unknown[]> {
  const whole = resolve(path);
  if (/[*?[\]]/.test(whole)) throw new CommandError('The path has one of * ? [ ] in it: rename the file.');
  const text = `'${whole.replaceAll("'", "''")}'`;
  // Loaded where it is needed: it is large.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: MEMORY,
    threads: '1',
  });
  const connection = await instance.connect();
  try {
    await connection.run(`SET allowed_paths = [${text}]`);
    await connection.run('SET enable_external_access = false');
    const result = await connection.stream(sql(`read_parquet(${text})`));
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
      yield* chunk.getRows();
  } catch (error) {
    throw new CommandError(`The Parquet file cannot be read: ${(error as Error).message.split('\n', 1)[0]}`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
