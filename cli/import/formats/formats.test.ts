// Files of record formats, in the shape of each format's own documentation: what `trine import` makes of them, before
// anything is sent, and read back from what a node has sealed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Bench } from '../../testing.ts';
import type { ImportSummary } from '../run.ts';
import { espi, planOf, readingsOf, usage, wattHours } from './testing.ts';

const bench = new Bench();
before(() => bench.up());
after(() => bench.close());

const planned = (name: string, content: string | Uint8Array, ...flags: string[]) =>
  planOf(bench.file(name, content), flags);
const readings = (name: string, content: string | Uint8Array, ...flags: string[]) =>
  readingsOf(bench.file(name, content), flags);

interface Imported {
  readonly status: number | null;
  readonly words: string;
  readonly summary: ImportSummary;
}

async function imported(name: string, content: string | Uint8Array, ...flags: string[]): Promise<Imported> {
  const { status, words, out } = await bench.trine(['import', bench.file(name, content), ...flags, '--json']);
  return { status, words, summary: out === '' ? (undefined as never) : (JSON.parse(out) as ImportSummary) };
}

/** Status, sealed readings, numbers lost. */
const short = ({ status, summary }: Imported) => [status, summary.acknowledged, summary.files[0]?.lost];

const lines = `# DML
weather,location=us-midwest temperature=82,humidity=71i,raining=f,sky="partly cloudy" 1465839830100400200
weather,location=us-east temperature=75.5 1465839830100400200
`;
test('line protocol', async () => {
  assert.deepEqual(await readings('points.lp', lines), [
    '2016-06-13T17:43:50.100Z import/points/weather/location:us-midwest temperature 82',
    '2016-06-13T17:43:50.100Z import/points/weather/location:us-midwest humidity 71',
    '2016-06-13T17:43:50.100Z import/points/weather/location:us-midwest raining false',
    '2016-06-13T17:43:50.100Z import/points/weather/location:us-midwest sky "partly cloudy"',
    '2016-06-13T17:43:50.100Z import/points/weather/location:us-east temperature 75.5',
  ]);
  assert.deepEqual(
    await readings('points.txt', 'm t=82 1465839830', '--subject', 'roof', '--quantity', 't=temperature:F'),
    ['2016-06-13T17:43:50Z roof temperature 82 F'],
  );
  const { questions } = await planned('one.lp', lines, '--subject', 'roof');
  assert.match(questions.join(), /2 things would become the one subject roof: write \{subject\}/);
  await assert.rejects(
    planned('flags.lp', lines, '--time', 'x'),
    /--time is of tables, and this file is InfluxDB line/,
  );
});

test('line protocol, sealed: nothing twice, and what is lost is told', async () => {
  const many = Array.from({ length: 300 }, (_, i) => `power,meter=A value=${i} ${1_700_000_000 + 60 * i}`).join('\n');
  assert.deepEqual(short(await imported('power.lp.gz', gzipSync(many))), [0, 300, 0]);
  const again = await imported('power.lp.gz', gzipSync(many));
  assert.deepEqual([again.status, again.summary.readings, again.summary.alreadyImported], [0, 0, 300]);
  const bad = await imported('bad.lp', `${many}\npower,meter=A value=oops 1700000000\npower value=NaN 1700000000`);
  assert.deepEqual(short(bad), [1, 300, 1]);
  assert.deepEqual(
    Object.entries(bad.summary.files[0]?.left ?? {}).map(([why, { count }]) => [why, count]),
    [
      ['line that has a field that is of no type', 1],
      ['no value', 1],
    ],
  );
  const { status, out } = await bench.trine(['import', bench.file('dry.lp', many), '--dry-run']);
  assert.equal(status, 0);
  assert.match(out, /2023-11-14T22:13:20.000Z +import\/dry\/power\/meter:A +value +0/);
});

const hours = (count: number) =>
  Array.from({ length: count }, (_, i) => new Date(Date.UTC(2024, 5, 1, i)).toISOString());

test('JSON lines: a table by the paths of members', async () => {
  const text = hours(30)
    .map((time, i) =>
      JSON.stringify({
        device: i % 2 ? 'A1' : 'B2',
        time,
        temp_c: 20 + i / 10,
        bme: { humidity: 40 + i },
        ok: i % 3 === 0,
      }),
    )
    .join('\n');
  const found = await readings(
    'log.jsonl',
    text,
    '--quantity',
    'temp_c=temperature:Cel',
    '--quantity',
    'bme.humidity=humidity:%RH',
  );
  assert.equal(found.length, 60);
  assert.deepEqual(found.slice(2, 4), [
    '2024-06-01T01:00:00Z import/log/A1 temperature 20.1 Cel',
    '2024-06-01T01:00:00Z import/log/A1 humidity 41 %RH',
  ]);
  const broken = await imported('cut.jsonl', `${text}\n{"device":"A1","time":"2024-06-`, '--skip', 'ok');
  assert.deepEqual([broken.status, broken.summary.acknowledged], [1, 60]);
  assert.match(broken.words, /1 of them no JSON \(31: \{"device":"A1"/);
  assert.equal(
    (await imported('cut.jsonl', `${text}\n{"device":"A1","time":"2024-06-`, '--skip', 'ok')).summary.readings,
    0,
  );
});

test('JSON: a list of objects, in a wrapper, pretty or not; NaN and null are no value', async () => {
  const rows = hours(24).map((ts, i) => ({ ts: Date.parse(ts), value: i === 3 ? null : i / 2 }));
  const expected = (await readings('a.json', JSON.stringify(rows))).map((one) => one.replace('/a ', '/b '));
  assert.equal(expected.length, 23);
  assert.equal(expected[1], '2024-06-01T01:00:00Z import/b value 0.5');
  for (const text of [
    JSON.stringify({ data: rows, source: 'x' }, null, 2),
    JSON.stringify(rows, null, 1).replace('null', 'NaN'),
    JSON.stringify({ columns: ['ts', 'value'], data: rows.map(({ ts, value }) => [ts, value]) }),
    JSON.stringify({ hourly: { ts: rows.map(({ ts }) => ts), value: rows.map(({ value }) => value) } }),
  ])
    assert.deepEqual(await readings('b.json', text), expected, text.slice(0, 40));
});

test('JSON: numbers say nothing of how texts beside them are written', async () => {
  const rows = (text: string) =>
    JSON.stringify(
      [1.5, -0.25, 1e-7, 12, 3.75]
        .map((v, i) => ({ ts: hours(5)[i], v }))
        .concat({ ts: '2026-01-05T12:00:00Z', v: text as never }),
    );
  // Is it seventeen hundred, or one and seven tenths? Nobody is asked here.
  await assert.rejects(readings('mixed.json', rows('1,700')), /1,700/);
  const said = await readings('comma.json', rows('2,5'));
  assert.deepEqual(said.map((one) => Number(/(\S+)$/.exec(one)?.[1])).slice(0, 3), [1.5, -0.25, 1e-7]);
});

test('history of Home Assistant: CSV and JSON', async () => {
  const csv = [
    'entity_id,state,last_changed',
    'sensor.kitchen_temperature,21.0,2024-06-01T00:00:00.123Z',
    'binary_sensor.front_door,on,2024-06-01T00:00:00.456Z',
    'sensor.kitchen_temperature,unavailable,2024-06-01T00:03:00.123Z',
    'climate.living,heating,2024-06-01T00:04:00.123Z',
  ].join('\n');
  const expected = [
    '2024-06-01T00:00:00.123Z ha/sensor.kitchen_temperature state 21',
    '2024-06-01T00:00:00.456Z ha/binary_sensor.front_door state true',
    '2024-06-01T00:04:00.123Z ha/climate.living state "heating"',
  ];
  assert.deepEqual(await readings('history.csv', csv, '--subject', 'ha/{subject}'), expected);
  const flags = ['--value', 'state', '--subject-column', 'entity_id', '--subject', 'ha/{subject}'];
  assert.deepEqual(await readings('history.csv', csv, ...flags), expected);
  const states = (entity: string, ...list: string[]) =>
    list.map((state, i) => ({
      ...(i === 0 && { entity_id: entity, attributes: { unit_of_measurement: '°F' } }),
      state,
      last_changed: `2024-06-01T0${i}:00:00+00:00`,
    }));
  const json = JSON.stringify([states('sensor.out', '70.7', 'unknown', '69.8')]);
  assert.deepEqual(await readings('history.json', json), [
    '2024-06-01T00:00:00Z import/history/sensor.out state 21.5 Cel',
    '2024-06-01T02:00:00Z import/history/sensor.out state 21 Cel',
  ]);
  const sealed = await imported('sealed.csv', csv, '--subject', 'ha2/{subject}');
  assert.deepEqual([...short(sealed), sealed.summary.files[0]?.left['no value']?.count], [0, 3, 0, 1]);
});

test('CSV of InfluxDB: annotated, and the export of 1.x', async () => {
  const annotated = [
    '#datatype,string,long,dateTime:RFC3339,double,string,string,string',
    '#group,false,false,false,false,true,true,true',
    '#default,_result,,,,,,',
    ',result,table,_time,_value,_field,_measurement,room',
    ',,0,2024-06-01T00:00:00Z,21.5,temp,home,Küche',
    ',,0,2024-06-01T01:00:00Z,21.6,temp,home,Küche',
    '',
    '#datatype,string,long,dateTime:RFC3339,long,string,string,string',
    '#group,false,false,false,false,true,true,true',
    '#default,_result,,,,,,',
    ',result,table,_time,_value,_field,_measurement,room',
    ',,1,2024-06-01T00:00:00Z,400,co2,home,Küche',
    '',
  ].join('\r\n');
  assert.deepEqual(
    await readings('flux.csv', annotated, '--quantity', 'temp=temperature:Cel', '--quantity', 'co2=co2:ppm'),
    [
      '2024-06-01T00:00:00Z import/flux/home/room:K~C3~BCche temperature 21.5 Cel',
      '2024-06-01T01:00:00Z import/flux/home/room:K~C3~BCche temperature 21.6 Cel',
      '2024-06-01T00:00:00Z import/flux/home/room:K~C3~BCche co2 400 ppm',
    ],
  );
  assert.deepEqual(short(await imported('flux.csv', annotated)), [0, 3, 0]);
  const old = `name,tags,time,value\n${[0, 1, 2].map((i) => `attempts,"host=a,zone=b",${1548893400 + 600 * i}000000000,${7000 + i}`).join('\n')}`;
  assert.deepEqual((await readings('old.csv', old)).slice(0, 1), [
    '2019-01-31T00:10:00Z import/old/attempts/host:a/zone:b value 7000',
  ]);
});

test('Green Button', async () => {
  assert.deepEqual(await readings('usage.xml', espi(usage(2), wattHours)), [
    '2024-06-01T00:00:00Z import/usage/7 energy 450 Wh',
    '2024-06-01T01:00:00Z import/usage/7 energy 500 Wh',
  ]);
  const plain = `<UsagePoint xmlns="http://naesb.org/espi">${/<espi:ReadingType>.*<\/espi:ReadingType>/.exec(wattHours)}${/<espi:IntervalBlock>.*<\/espi:IntervalBlock>/.exec(usage(1))}</UsagePoint>`;
  assert.deepEqual(await readings('plain.xml', plain.replaceAll('espi:', '')), [
    '2024-06-01T00:00:00Z import/plain energy 450 Wh',
  ]);
  const sealed = await imported('usage.xml', espi(wattHours, usage(24)));
  assert.deepEqual(
    [...short(sealed), sealed.summary.files[0]?.marked],
    [0, 24, 0, { 'estimated by interpolation': 1 }],
  );
});

test('NEM12', async () => {
  const day = (date: string, quality: string) =>
    `300,${date},${Array.from({ length: 48 }, (_, i) => (i / 10).toFixed(3)).join(',')},${quality},,,20240604000000,`;
  const text = `100,NEM12,202406041149,MDP1,Retailer\n200,6123456789,E1B1,E1,E1,N1,METSER123,kWh,30,\n${day('20240601', 'A')}\n${day('20240602', 'S53')}\n900\n`;
  assert.deepEqual((await readings('nem.csv', text)).slice(0, 2), [
    '2024-05-31T14:00:00Z import/nem/6123456789 E1 0 kWh',
    '2024-05-31T14:30:00Z import/nem/6123456789 E1 0.1 kWh',
  ]);
  const sealed = await imported('nem.csv', text);
  assert.deepEqual([...short(sealed), sealed.summary.files[0]?.marked], [0, 96, 0, { 'substituted (S)': 48 }]);
});

test('NGSI: entities, temporal or not, and notifications in lines', async () => {
  const no2 = (value: number, hour: number) => ({
    type: 'Property',
    value,
    unitCode: 'GQ',
    observedAt: `2024-06-01T0${hour}:00:00Z`,
  });
  const entity = (station: string, ...values: number[]) => ({
    id: `urn:ngsi-ld:AirQualityObserved:${station}`,
    type: 'AirQualityObserved',
    no2: values.map(no2),
  });
  const text = JSON.stringify([entity('N', 20, 21), entity('S', 30)], null, 2);
  const expected = [
    '2024-06-01T00:00:00Z import/air/urn:ngsi-ld:AirQualityObserved:N no2 20 ug/m3',
    '2024-06-01T01:00:00Z import/air/urn:ngsi-ld:AirQualityObserved:N no2 21 ug/m3',
    '2024-06-01T00:00:00Z import/air/urn:ngsi-ld:AirQualityObserved:S no2 30 ug/m3',
  ];
  assert.deepEqual(await readings('air.jsonld', text), expected);
  const notified = [entity('N', 20, 21), entity('S', 30)].map((one) =>
    JSON.stringify({ id: 'urn:ngsi-ld:Notification:1', type: 'Notification', data: [one] }),
  );
  assert.deepEqual(await readings('air.ndjson', notified.join('\n')), expected);
  assert.deepEqual(short(await imported('air.json', text)), [0, 3, 0]);
});

test('SensorThings', async () => {
  const Datastream = {
    name: 'T',
    unitOfMeasurement: { symbol: '°F' },
    Thing: { name: 'Nord' },
    ObservedProperty: { name: 'Temp' },
  };
  const value = hours(5).map((phenomenonTime, i) => ({
    '@iot.id': i,
    phenomenonTime,
    result: i === 4 ? null : 32 + i * 9,
    Datastream,
  }));
  const text = JSON.stringify({ '@iot.count': 5, value });
  assert.equal((await readings('sta.json', text))[1], '2024-06-01T01:00:00Z import/sta/Nord Temp 5 Cel');
  const sealed = await imported('sta.json', text);
  assert.deepEqual([...short(sealed), sealed.summary.files[0]?.left['no value']?.count], [0, 4, 0, 1]);
});

test('SenML', async () => {
  const pack = [
    { bn: 'urn:dev:ow:10e2:', bt: 1_717_200_000, n: 'temp', u: 'Cel', v: 21.5 },
    { n: 'charge', u: 'C', v: 2, t: 60 },
  ];
  const expected = [
    '2024-06-01T00:00:00Z import/pack/urn:dev:ow:10e2 temp 21.5 Cel',
    '2024-06-01T00:01:00Z import/pack/urn:dev:ow:10e2 charge 2 C',
  ];
  assert.deepEqual(await readings('pack.json', JSON.stringify(pack)), expected);
  assert.deepEqual(short(await imported('pack.json', JSON.stringify(pack, null, 1))), [0, 2, 0]);
});

test('Parquet: flat columns as those of CSV', async () => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const path = bench.file('made.parquet', '');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `COPY (SELECT TIMESTAMPTZ '2024-06-01 00:00:00+00' + INTERVAL 1 HOUR * i AS at, 'S' || (i % 2) AS sensor, (20 + i / 10)::FLOAT AS "Temp (°C)",
      IF(i = 5, NULL, i) AS count, [i] AS list FROM range(48) AS t(i)) TO '${path}'`,
  );
  connection.closeSync();
  const bytes = readFileSync(path);
  const found = await readings('made.parquet', bytes, '--skip', 'list');
  assert.equal(found.length, 95);
  assert.deepEqual(found.slice(2, 4), [
    '2024-06-01T01:00:00Z import/made/S1 Temp 20.1 Cel',
    '2024-06-01T01:00:00Z import/made/S1 count 1',
  ]);
  const sealed = await imported('made.parquet', bytes);
  assert.deepEqual([sealed.status, sealed.summary.acknowledged], [1, 95]);
  assert.match(sealed.words, /"list" is left out: its cells are of the type BIGINT\[\]/);
  await assert.rejects(planned('cut.parquet', bytes.subarray(0, 300)), /The Parquet file cannot be read/);
});
