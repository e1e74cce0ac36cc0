import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { homeassistant } from './index.ts';
import { memberOfTemplate } from './template.ts';

const now = 1_763_884_800_000;
const device = { ids: ['d8a01d'], name: 'Keller', mf: 'Espressif', mdl: 'esp32dev' };
/** As ESPHome announces a sensor and a binary sensor, with short keys and a base topic. */
const esphome = [
  message('homeassistant/sensor/keller/temperature/config', {
    ...{ '~': 'keller', name: 'Temperature', uniq_id: 'ESPsensortemperature', stat_t: '~/sensor/temperature/state' },
    ...{ dev_cla: 'temperature', unit_of_meas: '°C', dev: device },
  }),
  message('homeassistant/binary_sensor/keller/window/config', {
    ...{
      name: 'Window',
      uniq_id: 'ESPbinarywindow',
      stat_t: 'keller/binary_sensor/window/state',
      dev_cla: 'window',
      dev: device,
    },
    ...{ pl_on: 'open', pl_off: 'closed' },
  }),
];
/** A gateway with one state topic of JSON, all at once. */
const whole = message('homeassistant/device/meter1/config', {
  dev: { ids: 'meter1', name: 'Zähler', mf: 'Own', mdl: 'P1' },
  o: { name: 'own' },
  state_topic: 'p1/state',
  cmps: {
    power: {
      p: 'sensor',
      device_class: 'power',
      unit_of_measurement: 'kW',
      value_template: '{{ value_json.power.now | float }}',
      unique_id: 'p',
    },
    power_l2: {
      p: 'sensor',
      device_class: 'power',
      unit_of_measurement: 'W',
      value_template: "{{ value_json['power']['l2'] }}",
      unique_id: 'p2',
    },
    odd: { p: 'sensor', value_template: '{{ (value_json.a * 2) | round(1) }}', unique_id: 'o' },
    button: { p: 'button', command_topic: 'x', unique_id: 'b' },
  },
});
const data = [
  message('keller/sensor/temperature/state', '21.5'),
  message('keller/binary_sensor/window/state', 'open'),
  message('p1/state', { power: { now: 1.25, l2: 300 } }),
];

checkConnector(homeassistant, [...esphome, whole]);

test('entities of a device are one thing, in the units and words that they announce', () => {
  const things = foundIn(homeassistant.start(homeassistant.settings.parse({})), [...esphome, whole]);
  assert.deepEqual(
    [...things.values()].map(({ id, name, kind, unknown }) => [id, name, kind, unknown]),
    [
      ['d8a01d', 'Keller', 'Espressif esp32dev', []],
      ['meter1', 'Zähler', 'Own P1', ['odd: its template does more than name a member']],
    ],
  );
  assert.deepEqual(
    data.flatMap((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now))),
    [
      'homeassistant/d8a01d temperature=21.5 Cel',
      'homeassistant/d8a01d window=true',
      'homeassistant/meter1 active-power=1250 W',
      'homeassistant/meter1 active-power.p2=300 W',
    ],
  );
});

test('an announcement that is taken back takes its entity along, the last one its device', () => {
  const running = homeassistant.start(homeassistant.settings.parse({}));
  const cleared = esphome.map(({ topic }) => ({ topic, payload: new Uint8Array() }));
  assert.deepEqual(foundIn(running, [...esphome, ...cleared.slice(0, 1)]).get('d8a01d')?.mappings.length, 1);
  assert.equal(foundIn(running, [...esphome, ...cleared]).size, 0);
});

test('in whatever order entities are announced, they are the same thing; two of one quantity are told apart alike', () => {
  const power = (id: string, topic = `m/${id}`) =>
    message(`homeassistant/sensor/m/${id}/config`, {
      ...{ unique_id: id, state_topic: topic, device_class: 'power', unit_of_measurement: 'W', device: { ids: ['m'] } },
    });
  const thingOf = (...said: ReturnType<typeof power>[]) =>
    foundIn(homeassistant.start(homeassistant.settings.parse({})), said).get('m');
  const [a, b] = [power('a'), power('b')];
  assert.deepEqual(thingOf(a, b), thingOf(b, a));
  // ESPHome announces all of it again whenever it connects.
  assert.deepEqual(thingOf(a, b, a), thingOf(a, b));
  // Another that says that it is the same entity takes nothing from it.
  const forged = message('homeassistant/sensor/forged/config', {
    ...JSON.parse(new TextDecoder().decode(a.payload)),
    state_topic: 'f',
  });
  const said = thingOf(a, forged)?.mappings.map(({ topic, quantity }) => [topic, quantity]) ?? [];
  assert.deepEqual(new Set(said.map(([topic]) => topic)), new Set(['m/a', 'f']));
  assert.equal(new Set(said.map(([, quantity]) => quantity)).size, 2);
});

test('a unit that an announcement leaves out is assumed, and said to be', () => {
  const sensor = (more: object) =>
    message('homeassistant/sensor/x/config', {
      ...{ uniq_id: 'x', stat_t: 'x/state', dev_cla: 'temperature', dev: { ids: ['x'] } },
      ...more,
    });
  const assumedOf = (more: object) =>
    foundIn(homeassistant.start(homeassistant.settings.parse({})), [sensor(more)]).get('x')?.assumed;
  assert.deepEqual([assumedOf({}), assumedOf({ unit_of_meas: '°F' })], [['temperature'], []]);
});

test('a template that names a member is read, one that computes is not', () => {
  for (const [template, member] of [
    ['{{ value }}', ''],
    ['{{value_json.temperature}}', 'temperature'],
    ["{{ value_json['DS18B20'].Temperature | float(0) | int }}", 'DS18B20.Temperature'],
    ['{{ value_json.list[0].x }}', 'list.0.x'],
    ['{{ value_json.a + 1 }}', undefined],
    ['{{ value_json.a if value_json.b else 0 }}', undefined],
    ['{% if value %}1{% endif %}', undefined],
    ['{{ value_json }}', undefined],
    ['{{ states("x") }}', undefined],
    ['{{ value_json.a | round(1) }}', undefined],
  ] as const)
    assert.equal(memberOfTemplate(template), member, template);
});
