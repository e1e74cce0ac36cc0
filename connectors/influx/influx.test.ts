import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, saidBy } from '../testing/checks.ts';
import { influx } from './index.ts';

const now = 1_763_884_800_000;
const push = (path: string, body: string) =>
  influx
    .start({})
    .messages?.({ method: 'POST', path, query: new URLSearchParams(), headers: new Headers(), body: toUtf8(body) }) ??
  assert.fail();
/** Two series, as Telegraf writes them. */
const lines = `cpu,cpu=cpu0,host=a\\ b usage_idle=91.5,ok=t 1763880000000000000
cpu,cpu=cpu0,host=a\\ b usage_idle=92 1763880010000000000
# a remark
weather,city=Köln temperature=21.5,note="sunny" 1763880000000000000
`;
const { messages, answer } = push('api/v2/write', lines);

checkConnector(influx, messages);

test('each series is a thing, its lines stand as they came', () => {
  assert.deepEqual([messages.length, answer.status], [2, 204]);
  const things = foundIn(influx.start({}), messages);
  assert.deepEqual(
    [...things.values()].map(({ name, kind, unknown, assumed }) => [name, kind, unknown, assumed]),
    [
      ['cpu cpu:cpu0 host:a b', 'cpu', ['usage_idle', 'ok'], []],
      ['weather city:Köln', 'weather', [], ['temperature']],
    ],
  );
  assert.deepEqual(
    messages.flatMap((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now))),
    [
      'influx/cpu/cpu:cpu0/host:a~_b usage_idle=91.5 @2025-11-23T06:40:00.000Z',
      'influx/cpu/cpu:cpu0/host:a~_b ok=true @2025-11-23T06:40:00.000Z',
      'influx/cpu/cpu:cpu0/host:a~_b usage_idle=92 @2025-11-23T06:40:10.000Z',
      'influx/weather/city:K~C3~B6ln temperature=21.5 Cel @2025-11-23T06:40:00.000Z',
    ],
  );
});

test('series that differ are things that differ, however long their names', () => {
  const long = 'x'.repeat(200);
  const bodies = ['a,t=b/c v=1', 'a/t:b/c v=1', `m,t=${long}1 v=1`, `m,t=${long}2 v=1`];
  const tags = 'abcdef'.replace(/./g, (tag) => `,${tag}=${'y'.repeat(30)}`);
  bodies.push(`m${tags},g=1 v=1`, `m${tags},g=2 v=1`);
  const things = foundIn(
    influx.start({}),
    bodies.flatMap((body) => push('write', body).messages),
  );
  assert.equal(new Set([...things.values()].map(({ mappings }) => mappings[0]?.subject)).size, bodies.length);
});

test('a line that is none, and another path, are refused in words', () => {
  assert.throws(() => push('write', 'cpu 1'), /The line "cpu 1" has/);
  assert.throws(() => push('query', lines), /Points are posted to/);
});
