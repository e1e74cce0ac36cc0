import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { topics } from './index.ts';

const now = 1_763_884_800_000;
const messages = [
  message('haus/küche/temperature', '21,5'),
  message('haus/keller/feuchte', '48 %'),
  message('wetter/dach', { ts: 1_763_880_000, temp: 4.5, wind: { speed: 3 }, name: 'x' }),
];

checkConnector(topics, messages);

test('a number, and JSON with numbers, as proposals', () => {
  const things = foundIn(topics.start(topics.settings.parse({})), messages);
  const said = messages.flatMap((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now)));
  // Whoever accepts it says whether the units that nobody named are so.
  assert.deepEqual(
    [...things.values()].map(({ assumed }) => assumed),
    [['temperature'], [], ['temperature', 'wind-speed']],
  );
  assert.deepEqual(said, [
    'haus/k~C3~BCche/temperature temperature=21.5 Cel',
    'haus/keller/feuchte feuchte=48 %',
    'wetter/dach temperature=4.5 Cel @2025-11-23T06:40:00.000Z',
    'wetter/dach wind-speed=3 m/s @2025-11-23T06:40:00.000Z',
  ]);
});

test('words, commands, answers and what a broker says of itself are no things', () => {
  const running = topics.start(topics.settings.parse({}));
  for (const [topic, said] of [
    ['a/b', 'open'],
    ['a/b', ''],
    ['a/b', '{"a":"b"}'],
    ['a/b', '[1,2]'],
    ['$SYS/broker/uptime', '7'],
    ['lamp/set', '1'],
    ['plug/cmnd', '1'],
    ['plug/LWT', '1'],
    ['v1/devices/me/telemetry', '{"temperature":1}'],
  ] as const)
    assert.deepEqual(running.discover(message(topic, said)).found, [], `${topic} ${said}`);
});

test('neighbours are things of their own: one does not keep the other from being accepted', () => {
  const neighbours = [
    message('a/b/temperature', '21'),
    message('a/b/humidity', '48'),
    message('a/b', '{"temperature":3}'),
  ];
  const things = foundIn(topics.start(topics.settings.parse({})), neighbours);
  const subjects = [...things.values()].flatMap(({ mappings }) => mappings.map(({ subject }) => subject));
  assert.equal(new Set(subjects).size, neighbours.length);
});
