// The small subscriber a team would write: MQTT in, rows into PostgreSQL in batches, as many as have come while the
// last batch was being committed; with INSERT of many rows, or with COPY.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mqtt from 'mqtt';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

interface SenmlRecord {
  readonly bn?: string;
  readonly n: string;
  readonly u: string;
  readonly t: number;
  readonly v: number;
}

const [brokerPort, postgresPort, user, way] = process.argv.slice(2) as [string, string, string, 'insert' | 'copy'];
/** PostgreSQL takes 65,535 parameters at most. */
const ROWS_PER_INSERT = 5_000;
const database = new pg.Client({ host: '127.0.0.1', port: Number(postgresPort), user, database: 'postgres' });
await database.connect();
await database.query(`DROP TABLE IF EXISTS readings;
  CREATE TABLE readings (stream integer NOT NULL, event_ms bigint NOT NULL, value double precision)`);

const streams = new Map<string, number>();
type Row = readonly [stream: number, timeMs: number, value: number];
let rows: Row[] = [];
let committed = 0;
let committing = false;

function take(payload: Buffer): void {
  for (const pack of JSON.parse(payload.toString()) as SenmlRecord[][]) {
    let base = '';
    for (const { bn, n, u, t, v } of pack) {
      base = bn ?? base;
      const name = `${base}${n}\n${u}`;
      let stream = streams.get(name);
      if (stream === undefined) {
        stream = streams.size;
        streams.set(name, stream);
      }
      rows.push([stream, Math.round(t * 1000), v]);
    }
  }
  if (!committing) void commit();
}

async function commit(): Promise<void> {
  committing = true;
  while (rows.length > 0) {
    const batch = way === 'copy' ? rows : rows.slice(0, ROWS_PER_INSERT);
    rows = rows.slice(batch.length);
    if (way === 'copy') await copy(batch);
    else await insert(batch);
    committed += batch.length;
    process.send?.(committed);
  }
  committing = false;
}

async function copy(batch: readonly Row[]): Promise<void> {
  const text = batch.map((row) => `${row.join('\t')}\n`).join('');
  await pipeline(Readable.from([text]), database.query(copyFrom('COPY readings FROM STDIN')));
}

async function insert(batch: readonly Row[]): Promise<void> {
  const places = batch.map((_, i) => `($${3 * i + 1},$${3 * i + 2},$${3 * i + 3})`);
  await database.query(`INSERT INTO readings VALUES ${places.join(',')}`, batch.flat());
}

const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${brokerPort}`, { clientId: 'subscriber' });
client.on('message', (_topic, payload) => take(payload));
await client.subscribeAsync('plain/#', { qos: 1 });
process.send?.('ready');
process.on('SIGTERM', () => process.exit());
