import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StateReader, statesIn } from './home-assistant.ts';
import { timeReader } from './record.ts';

const items = (json: unknown) => {
  const reader = new StateReader(timeReader({ timezone: 'UTC' }));
  return [...statesIn(json)].map((state) => {
    const item = reader.item(state, 1);
    return 'why' in item ? [item.why, item.isLoss] : [item.thing[0], item.timeMs, item.value, item.unit ?? ''];
  });
};
const at = Date.UTC(2024, 5, 1);

test('states as the history gives them, the entity and its unit in the first alone', () => {
  assert.deepEqual(
    items([
      {
        entity_id: 'sensor.t',
        state: '21.0',
        attributes: { unit_of_measurement: '°C' },
        last_changed: '2024-06-01T00:00:00+00:00',
      },
      { state: 'unavailable', last_changed: '2024-06-01T00:01:00+00:00' },
      { state: '21.5', last_changed: '2024-06-01T00:02:00+00:00' },
      { state: 'hot 5', last_changed: '2024-06-01T00:02:00+00:00' },
    ]),
    [
      ['sensor.t', at, 21, '°C'],
      ['no value', false],
      ['sensor.t', at + 120_000, 21.5, '°C'],
      ['no number', true],
    ],
  );
});

test('states without a unit: truths, texts and numbers', () => {
  const time = { last_changed: '2024-06-01T00:00:00.000Z' };
  assert.deepEqual(
    ['on', 'off', 'heating', '3', 'unknown', '', '1,234'].map((state) =>
      items({ entity_id: 'x.y', state, ...time })[0]?.at(-2),
    ),
    [true, false, 'heating', 3, 'no value', 'no value', '1,234'],
  );
  assert.deepEqual(items({ state: 'on', entity_id: '', ...time }), [['no entity_id', true]]);
  assert.deepEqual(items({ state: 'on', entity_id: 'a.b' }), [['no time', true]]);
});

test('states as the WebSocket API shortens them', () => {
  assert.deepEqual(
    items({
      'sensor.p': [
        { s: '5', a: { unit_of_measurement: 'W' }, lu: at / 1000 },
        { s: '6', lu: at / 1000 + 1.5, lc: at / 1000 + 1 },
      ],
    }),
    [
      ['sensor.p', at, 5, 'W'],
      ['sensor.p', at + 1000, 6, 'W'],
    ],
  );
});
