import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgementTopic, matchTopic, toUtf8 } from '@trine/protocol';
import fc from 'fast-check';
import { MappingError } from './error.ts';
import { type MappedPack, mapMessage } from './map.ts';
import { mappingHash, mappingSchema, plainMapping } from './mapping.ts';

const now = 1_763_884_800_000;
const plain = { topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] };
const zigbee = {
  topic: 'zigbee2mqtt/+',
  subject: 'zigbee/{1}',
  unit: '',
  time: 'last_seen',
  fields: [
    { path: 'temperature', quantity: 'temperature', unit: 'Cel' },
    { path: 'battery.level', quantity: 'battery', unit: '%EL' },
    { path: 'contact', quantity: 'contact', unit: '' },
  ],
};

/** What comes of a message, of one thing at one time. */
const read = (rule: object, topic: string, given: string | Uint8Array) => {
  const payload = typeof given === 'string' ? toUtf8(given) : given;
  const mapped = mapMessage(mappingSchema.parse(rule), { topic, payload }, now);
  if (mapped === undefined) return undefined;
  const { packs, ...rest } = mapped;
  assert.ok(packs.length <= 1);
  const none: Partial<MappedPack> & Pick<MappedPack, 'readings'> = { readings: [] };
  return { ...(packs[0] ?? none), ...rest };
};
/** What comes of one plain payload on a temperature in Cel. */
const temperature = (payload: string | Uint8Array) => {
  const { readings = [], noValue, refused } = read(plain, 'home/kitchen/temp', payload) ?? {};
  return readings[0]?.value ?? (noValue === 1 ? 'no value' : refused?.[0]);
};

test('a number in a topic becomes a reading', () => {
  assert.deepEqual(read(plain, 'home/kitchen/temp', ' 21.5 '), {
    subject: 'home/kitchen',
    readings: [{ quantity: 'temperature', unit: 'Cel', timeMs: now, value: 21.5 }],
    noValue: 0,
    refused: [],
  });
});

test('JSON members become readings with their own time; absent ones are left out', () => {
  const payload = '{"temperature":20.1,"contact":false,"last_seen":"2025-01-02T03:04:05Z"}';
  assert.deepEqual(read(zigbee, 'zigbee2mqtt/front door', payload), {
    subject: 'zigbee/front~_door',
    readings: [
      { quantity: 'temperature', unit: 'Cel', timeMs: Date.parse('2025-01-02T03:04:05Z'), value: 20.1 },
      { quantity: 'contact', unit: '', timeMs: Date.parse('2025-01-02T03:04:05Z'), value: false },
    ],
    noValue: 0,
    refused: [],
    isDated: true,
  });
});

test('what a rule cannot read is an error in words; what no rule is for is left alone', () => {
  assert.equal(read(plain, 'other/topic', '1'), undefined);
  for (const rule of [plain, zigbee])
    assert.equal(read(rule, 'home/x/temp', new Uint8Array()), undefined, 'a retained message is cleared');
  for (const payload of ['not json', ' ', '{}'])
    assert.throws(() => read(zigbee, 'zigbee2mqtt/x', payload), MappingError, payload);
});

test('a dead sensor says that it has no value, and that is no reading', () => {
  for (const word of [
    'nan',
    'unavailable',
    'Offline',
    'N/A',
    '--',
    'null',
    ' \n',
    '\0',
    'error',
    '<0.5',
    'disconnected',
  ])
    assert.equal(temperature(word), 'no value', word);
  const states = { topic: 'a/+', subject: 'a/{1}', quantity: 'state' };
  assert.deepEqual(
    ['unavailable', 'open', 'ON', '7'].map((word) => read(states, 'a/x', word)?.readings[0]?.value),
    [...[undefined, 'open', true, 7]],
  );
});

test('a quantity with a unit takes numbers as people write them, and refuses the rest in words', () => {
  for (const payload of ['21.5', '21,5', '21.5 °C', '21,5°C', '70.7 °F', '21.5\0', '+21.50', '0021.5', '\ufeff21.5'])
    assert.equal(temperature(payload), 21.5, payload);
  for (const payload of [
    '0x1F',
    '12E5',
    '1E5A',
    '00E1',
    '1,234',
    'open',
    'true',
    '9007199254740993',
    '3 bar',
    '{"a":1}',
    '1F',
  ])
    assert.match(String(temperature(payload)), /^Topic home\/kitchen\/temp: the payload: ./, payload);
  assert.throws(() => temperature(Buffer.from('AACsQQ==', 'base64')), /no text \(UTF-8\)/);
  assert.throws(() => temperature(new Uint8Array(300_000).fill(49)), /at most 262144/);
});

test('numbers as texts are numbers where there is a unit; elsewhere a text stays one', () => {
  const rule = { topic: 'z/+', subject: 'z/{1}', fields: [...zigbee.fields, { path: 'state', quantity: 'state' }] };
  const { readings } = read(rule, 'z/1', '{"temperature":"21.5","battery":{"level":"40"},"state":"12E5"}') ?? {
    readings: [],
  };
  assert.deepEqual(
    readings.map(({ quantity, value }) => [quantity, value]),
    [
      ['temperature', 21.5],
      ['battery', 40],
      ['state', '12E5'],
    ],
  );
});

test('one bad member costs the others nothing, and is said', () => {
  const { readings, noValue, refused } =
    read(zigbee, 'zigbee2mqtt/x', '{"temperature":NaN,"battery":{"level":{}},"contact":true,"last_seen":1700000000}') ??
    assert.fail();
  assert.deepEqual([readings.map(({ quantity }) => quantity), noValue, refused.length], [['contact'], 1, 1]);
  assert.match(refused[0] as string, /battery\.level: an object is no value/);
  const big = {
    topic: 'z/+',
    subject: 'z/{1}',
    fields: [
      { path: 'n', quantity: 'n', unit: 'Wh' },
      { path: 'id', quantity: 'id' },
    ],
  };
  const { readings: kept, refused: not } =
    read(big, 'z/1', '{"n":9007199254740993,"id":9007199254740993}') ?? assert.fail();
  assert.deepEqual(
    kept.map(({ value }) => value),
    ['9007199254740993'],
  );
  assert.match(not[0] as string, /2\^53/);
  const dead = read(zigbee, 'zigbee2mqtt/x', '{"temperature":null,"contact":"unavailable","last_seen":1700000000}');
  assert.deepEqual([dead?.readings, dead?.noValue], [[], 2]);
});

test('values are converted exactly: the unit of the rule, of the payload, or of a member', () => {
  const tasmota = {
    topic: 'tele/+/SENSOR',
    subject: 'tasmota/{1}',
    fields: [{ path: 'DS18B20.Temperature', quantity: 'temperature', unit: 'Cel' }],
  };
  const of = (rule: object, topic: string, payload: string) => {
    const { readings, refused } = read(rule, topic, payload) ?? assert.fail();
    return readings[0] ? [readings[0].quantity, readings[0].value, readings[0].unit] : refused[0];
  };
  assert.deepEqual(of(tasmota, 'tele/p/SENSOR', '{"DS18B20":{"Temperature":70.7},"TempUnit":"F"}'), [
    'temperature',
    21.5,
    'Cel',
  ]);
  assert.deepEqual(of(tasmota, 'tele/p/SENSOR', '{"DS18B20":{"Temperature":21.5},"TempUnit":"C"}'), [
    'temperature',
    21.5,
    'Cel',
  ]);
  assert.match(
    String(of(tasmota, 'tele/p/SENSOR', '{"DS18B20":{"Temperature":21.5},"TempUnit":"X"}')),
    /in X, and the rule says Cel/,
  );
  assert.deepEqual(of({ ...plain, unit: '°F' }, 'home/x/temp', '70.7'), ['temperature', 21.5, 'Cel']);
  const tagged = {
    topic: 'GrII/IoT',
    subject: 'plant/IoT',
    fields: [{ path: 'Value', quantity: '{json:Tag}', unit: '{json:Unit}' }],
  };
  assert.deepEqual(of(tagged, 'GrII/IoT', '{"Value":"0.6919946","Unit":"MWH","Tag":"ElecUsine"}'), [
    'ElecUsine',
    691.9946,
    'kWh',
  ]);
  assert.match(String(of(tagged, 'GrII/IoT', '{"Value":1,"Unit":"MWH"}')), /names no quantity/);
  assert.match(String(of(tagged, 'GrII/IoT', '{"Value":1,"Tag":"a"}')), /its unit, which is not there/);
  assert.match(String(of({ ...plain, missing: [85] }, 'home/x/temp', '85')), /undefined/);
});

test('topics that differ are things that differ', () => {
  const names = ['客厅', '卧室', 'Küche', 'Kuche', 'a b', 'a_b', 'a~_b'];
  const subjects = names.map((name) => read(plain, `home/${name}/temp`, '1')?.subject);
  assert.equal(new Set(subjects).size, names.length, subjects.join());
  const whole = { ...plain, topic: '#', subject: '{topic}' };
  assert.equal(read(whole, 'a b/c', '1')?.subject, 'a~_b/c');
  assert.match(read(plain, `home/${'客'.repeat(60)}/temp`, '1')?.subject ?? '', /~~[0-9a-f]{10}$/);
});

test('a rule that cannot mean anything is refused in words, before any message comes', () => {
  for (const [change, words] of [
    [{ unit: 'celcius' }, /"celcius" is no unit known here/],
    [{ unit: 'mmol/L' }, /no unit/],
    [{ quantity: undefined }, /neither a quantity.*nor fields/],
    [{ subject: 'home/{2}' }, /\{2\} needs 2 \+ or # in the topic "home\/\+\/temp", which has 1/],
    [{ subject: 'home/{name}' }, /\{name\} means nothing/],
    [{ subject: 'home/{json:a}' }, /no fields/],
    [{ unit: '{json:Unit}' }, /no fields/],
    [{ quantity: undefined, fields: [{ path: 'a', quantity: 'a', unit: 'furlong' }] }, /furlong/],
    [{ quantity: undefined, fields: [{ path: 'a', quantity: '{9}' }] }, /\{9\} needs 9/],
  ] as const) {
    const parsed = mappingSchema.safeParse({ ...plain, ...change });
    assert.match(parsed.error?.issues[0]?.message ?? '', words);
  }
  assert.ok(mappingSchema.safeParse({ ...plain, unit: 'kwh', subject: '{topic}' }).success);
});

const seen = (lastSeen: string, rule: object = {}) => {
  const mapped = read({ ...zigbee, ...rule }, 'zigbee2mqtt/t', `{"temperature":5${lastSeen}}`);
  assert.ok(mapped);
  return { iso: new Date(mapped.readings[0]?.timeMs ?? 0).toISOString(), arrival: mapped.arrival };
};

test('the time of a message: the strict reader, whatever zone the machine is in', () => {
  for (const [text, iso, rule] of [
    ['"1763880000376"', '2025-11-23T06:40:00.376Z'],
    ['1763880000.376', '2025-11-23T06:40:00.376Z'],
    ['1763880000376000000', '2025-11-23T06:40:00.376Z'],
    ['"2025-11-23T07:00:00Z/2025-11-23T07:05:00Z"', '2025-11-23T07:05:00.000Z'],
    ['"2025-11-23T08:00:00"', '2025-11-23T07:00:00.000Z', { timezone: 'Europe/Berlin' }],
    ['"2025-11-23 02:00:00"', '2025-11-23T07:00:00.000Z', { timezone: 'America/New_York' }],
    ['"05/11/2025 10:00:00"', '2025-11-05T10:00:00.000Z', { timeFormat: 'day-first', timezone: 'UTC' }],
    ['"23.11.25, 06h"', '2025-11-23T06:00:00.000Z', { timeFormat: "dd.MM.yy, HH'h'", timezone: 'UTC' }],
  ] as const)
    assert.deepEqual(seen(`,"last_seen":${text}`, rule), { iso, arrival: undefined }, text);
});

test('a time that is missing, none, or impossible: the arrival counts, and it is said why', () => {
  for (const [member, words] of [
    ['', /no time was given/],
    [',"last_seen":null', /no time was given/],
    [',"last_seen":1.42', /since the device started/],
    [',"last_seen":188', /since the device started/],
    [',"last_seen":"1970-01-01T00:00:08Z"', /before 1990/],
    [',"last_seen":"2031-01-01T00:00:00Z"', /ahead of its arrival/],
    [',"last_seen":"2025-11-23T07:00:00"', /names no time zone/],
    [',"last_seen":"Sensor 1"', /is no time/],
    [',"last_seen":"12"', /since the device started/],
    [',"last_seen":"05/11/2025 10:00:00"', /is no time/],
    [',"last_seen":{}', /is no time/],
  ] as const) {
    const { iso, arrival } = seen(member);
    assert.equal(iso, new Date(now).toISOString(), member);
    assert.match(arrival ?? '', words);
    assert.match(arrival ?? '', /^Topic zigbee2mqtt\/t: /);
  }
});

test('property: no payload makes a mapping throw anything else', () => {
  const several = {
    topic: 'zigbee2mqtt/#',
    each: '*.*',
    subject: 'z/{each:1}',
    fields: [{ path: 'a', quantity: 'a' }],
  };
  const bytes = {
    topic: '#',
    encoding: 'hex',
    subject: 's',
    fields: [{ bytes: { type: 'uint8', offset: 0 }, quantity: 'q' }],
  };
  const rules = [plain, zigbee, several, bytes].map((rule) => mappingSchema.parse(rule));
  fc.assert(
    fc.property(
      fc.oneof(fc.json().map(toUtf8), fc.uint8Array({ maxLength: 50 })),
      fc.string({ maxLength: 20 }),
      (payload, name) => {
        try {
          for (const rule of rules)
            mapMessage(rule, { topic: `zigbee2mqtt/${name.replaceAll('/', '')}`, payload }, now);
        } catch (error) {
          assert.ok(error instanceof MappingError);
        }
      },
    ),
  );
});

test('MQTT 5 §4.7: topic filters', () => {
  assert.deepEqual(matchTopic('sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon'), ['score/wimbledon']);
  assert.deepEqual(matchTopic('sport/+/player1', 'sport/tennis/player1'), ['tennis']);
  assert.equal(matchTopic('sport/+', 'sport/tennis/player1'), undefined);
  assert.equal(matchTopic('sport/+', 'sport'), undefined);
  assert.deepEqual(matchTopic('#', 'a/b'), ['a/b']);
  assert.equal(acknowledgementTopic('trine/v1/statements/a/b'), 'trine/v1/acks/a/b');
});

test('no payload of the largest size keeps the node busy: each of these would take half a minute, were it looked at from each of its places', () => {
  const long = (part: string) => part.repeat(Math.floor(262_000 / part.length));
  for (const payload of [`x${long(' ')}x`, `x${long('\0')}x`, `1${long(' ')}x`])
    assert.match(temperature(payload) as string, /at most 1024 characters/);
  const json = { topic: 'a', subject: 's', fields: [{ path: 'v', quantity: 'q', unit: 'Cel' }], time: 't' };
  assert.throws(() => read(json, 'a', long('"\\"')), /not JSON/);
  assert.match(read(json, 'a', `{"v":"x${long(' ').slice(9)}x"}`)?.refused[0] ?? '', /at most 1024 characters/);
  const units = { topic: 'a', subject: 's', fields: [{ path: 'v', quantity: 'q', unit: '{json:u}' }] };
  assert.match(read(units, 'a', `{"v":1,"u":"x${long(' ').slice(20)}x"}`)?.refused[0] ?? '', /its unit/);
  assert.match(read(json, 'a', `{"v":1,"t":"${long('1-').slice(20)}"}`)?.arrival ?? '', /is no time/);
});

test('values in bytes, in hexadecimal and base64, in bits, in words, in parts of a text, scaled exactly', () => {
  const one = (rule: object, payload: string | Uint8Array) => {
    const { readings, refused, noValue } = read({ topic: 't', subject: 's', ...rule }, 't', payload) ?? assert.fail();
    return readings.length > 0 ? readings.map(({ value }) => value) : (refused[0] ?? noValue);
  };
  const float = [{ bytes: { type: 'float32', offset: 0, isLittleEndian: true }, quantity: 'temperature', unit: 'Cel' }];
  assert.deepEqual(one({ encoding: 'binary', fields: float }, Buffer.from('AACsQQ==', 'base64')), [21.5]);
  assert.deepEqual(one({ encoding: 'base64', fields: float }, 'AACsQQ=='), [21.5]);
  assert.deepEqual(one({ encoding: 'binary', fields: float }, Buffer.from('0000c07f', 'hex')), 1, 'not a number');
  assert.match(String(one({ encoding: 'hex', fields: float }, '00ac')), /needs 4 bytes/);
  assert.throws(() => one({ encoding: 'hex', fields: float }, 'xyz'), /no text in hex/);
  const frame = {
    frame: { path: 'data', encoding: 'hex' },
    fields: [
      { bytes: { type: 'int16', offset: 0 }, quantity: 'temperature', unit: 'Cel', scale: 0.01 },
      { bytes: { type: 'uint8', offset: 2, bits: { first: 7, count: 1 } }, quantity: 'alarm' },
    ],
  };
  assert.deepEqual(one(frame, '{"data":"FF9C 80"}'), [-1, 1]);
  assert.throws(() => one(frame, '{"data":7}'), /no text in hex/);
  const position = {
    fields: [
      { path: 'gps', quantity: 'latitude', unit: 'lat', split: { by: ',', part: 0 } },
      { path: 'gps', quantity: 'longitude', unit: 'lon', split: { by: ',', part: 1 } },
    ],
  };
  assert.deepEqual(one(position, '{"gps":"52.52, 13.405"}'), [52.52, 13.405]);
  assert.match(String(one({ fields: [{ ...position.fields[1] }] }, '{"gps":"52.52"}')), /it has 1 parts/);
  const words = { fields: [{ path: 's', quantity: 'open', words: { OPEN: true, closed: false, 'unknown yet': 7 } }] };
  assert.deepEqual(
    ['OPEN', 'closed', 'unknown'].map((s) => one(words, JSON.stringify({ s }))),
    [[true], [false], 1],
  );
  assert.deepEqual(one({ quantity: 'q', unit: '°F', scale: '1/10' }, '707'), [21.5]);
  assert.deepEqual(one({ quantity: 'q', offset: 1, scale: 3, hex: true }, '1F'), [94]);
  const valid = { fields: [{ path: 'v', quantity: 'v', valid: { path: 'q', is: ['good', 192] } }] };
  assert.deepEqual(
    ['"good"', 192, '"bad"', 0].map((q) => one(valid, `{"v":1,"q":${q}}`)),
    [[1], [1], 1, 1],
  );
});

test('a mapping is named by the hash of what it says, and nothing else', () => {
  const parsed = mappingSchema.parse({ ...plain, time: null });
  const { fields: _, ...written } = plain;
  assert.deepEqual(plainMapping(parsed), written);
  assert.equal(mappingHash(parsed), mappingHash(mappingSchema.parse(plainMapping(parsed))));
  assert.notEqual(mappingHash(parsed), mappingHash(mappingSchema.parse({ ...plain, unit: 'K' })));
});
