import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toUtf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import { FormatError } from '../errors.ts';
import type { Reading } from './reading.ts';
import { contentTypes, decodePack, encodePack } from './senml.ts';
import { units } from './units.ts';

const cbor = contentTypes.senmlCbor;
const json = contentTypes.senmlJson;

test('RFC 8428 §5.1.3: base fields resolve to the published records', () => {
  const pack = [
    { bn: 'urn:dev:ow:10e2073a0108006:', bt: 1.276020076001e9, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
    { n: 'current', t: -5, v: 1.2 },
    { n: 'current', t: -4, v: 1.3 },
  ];
  const decoded = decodePack(toUtf8(JSON.stringify(pack)), json, 'urn:dev:ow:10e2073a0108006:');
  assert.deepEqual(decoded, [
    { quantity: 'voltage', unit: 'V', timeMs: 1_276_020_076_001, value: 120.1 },
    { quantity: 'current', unit: 'A', timeMs: 1_276_020_071_001, value: 1.2 },
    { quantity: 'current', unit: 'A', timeMs: 1_276_020_072_001, value: 1.3 },
  ]);
});

test('RFC 8428 §4.1, §4.4: bases in a record of their own, names that begin alike, fields of later versions', () => {
  const subject = 'urn:dev:ow:10e2073a01080063';
  const t = 1_320_067_464;
  const pack = [
    { bn: `${subject}:`, bt: t, bver: 10, bs: 0 },
    { n: 'temperature', u: 'Cel', v: 23.1, sampling: { by: ['hand'] } },
    { bn: `${subject}:energy/`, n: 'import', u: 'Wh', v: 12, s: 3_600 },
    { bn: `${subject}:switch`, vb: true },
    { bn: subject, n: 'rssi', t: 1, v: -70 },
  ];
  const expected = [
    { quantity: 'temperature', unit: 'Cel', timeMs: t * 1000, value: 23.1 },
    { quantity: 'energy/import', unit: 'Wh', timeMs: t * 1000, value: 12 },
    { quantity: 'switch', unit: '', timeMs: t * 1000, value: true },
    { quantity: 'rssi', unit: '', timeMs: (t + 1) * 1000, value: -70 },
  ];
  assert.deepEqual(decodePack(toUtf8(JSON.stringify(pack)), json, subject), expected);
});

test('RFC 8428 §6: labels and fields that are not known are passed over in CBOR as well, whatever form their floats have', () => {
  const records = [
    new Map<number | string, unknown>([
      [0, 'x'],
      [2, 1],
      [6, 1_700_000_000],
      [42, [1, { a: 'b' }]],
      ['quality', 0.5],
    ]),
  ];
  const bytes = encodeCbor(records);
  assert.deepEqual(decodePack(bytes, cbor, 's')[0]?.value, 1);
  const wide = fromHex('81a4006178020106' + '1a6553f100' + '6171fb3fe0000000000000');
  assert.deepEqual(decodePack(wide, cbor, 's')[0]?.value, 1);
  const must = encodeCbor([
    new Map<number | string, unknown>([...(records[0] as Map<number, unknown>), ['quality_', 1]]),
  ]);
  assert.throws(() => decodePack(must, cbor, 's'), { refusal: 'malformed' });
});

test('decimal fractions and floats of every width read as numbers', () => {
  const record = (value: string) => fromHex(`81a3221a65920080006174${'02'}${value}`);
  for (const [value, expected] of [
    ['c4822018d7', 21.5],
    ['f94d60', 21.5],
    ['fa41ac0000', 21.5],
    ['fb4035800000000000', 21.5],
    ['15', 21],
  ] as const)
    assert.equal(decodePack(record(value), cbor, 's')[0]!.value, expected);
});

test('what is no reading is refused by reason', () => {
  const at = 1.7e9;
  const cases: [unknown, string][] = [
    [[{ n: 'x', u: 'furlong', t: at, v: 1 }], 'wrong-unit'],
    [[{ n: 'x', t: 12, v: 1 }], 'absurd-time'],
    [[{ n: 'x', t: -5, v: 1 }], 'absurd-time'],
    [[{ n: 'x', t: at }], 'malformed'],
    [[{ t: at, v: 1 }], 'malformed'],
    [[{ n: 'x', t: at, v: 1, vs: 'a' }], 'malformed'],
    [[{ n: 'x', t: at, v: 1, extra_: 2 }], 'malformed'],
    [[{ n: 'x', t: at, s: 2 }], 'malformed'],
    [[{ n: 'x', t: at, vd: 'aGkg' }], 'malformed'],
    [[{ n: 'x', t: at, v: 1, bver: 11 }], 'malformed'],
    [[{ bn: 's2/', n: 'x', t: at, v: 1 }], 'malformed'],
    [[{ bn: 's/', bt: at }], 'malformed'],
    [[{ n: 'bad name', t: at, v: 1 }], 'malformed'],
    [[{ bn: 'other', n: 'x', t: at, v: 1 }], 'malformed'],
    [[], 'malformed'],
    [{}, 'malformed'],
    [[{ n: 'x', t: at, vs: 'a'.repeat(2000) }], 'too-large'],
  ];
  for (const [pack, refusal] of cases)
    assert.throws(() => decodePack(toUtf8(JSON.stringify(pack)), json, 's'), { refusal }, JSON.stringify(pack));
  assert.throws(
    () =>
      decodePack(
        encodeCbor([
          new Map<number, unknown>([
            [0, 'x'],
            [2, Number.NaN],
            [6, at],
          ]),
        ]),
        cbor,
        's',
      ),
    { refusal: 'bad-value' },
  );
  assert.equal(decodePack(toUtf8('[{"n":"x","t":12.5,"v":1}]'), json, 's', 'none')[0]!.timeMs, 12_500);
});

const readings = fc.array(
  fc.record(
    {
      quantity: fc.constantFrom('temperature', 'load/1', 'a-b.c'),
      unit: fc.constantFrom(...Object.keys(units), ''),
      timeMs: fc.integer({ min: 631_152_000_000, max: 4_102_444_800_000 }),
      value: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => v + 0),
        fc.integer(),
        fc.boolean(),
        fc.string({ maxLength: 20 }),
      ),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 20 },
);

test('property: packs survive the round trip to the millisecond and the last bit', () => {
  fc.assert(
    fc.property(readings, (given: Reading[]) => {
      assert.deepEqual(decodePack(encodePack(given), cbor, 's'), given);
    }),
    { numRuns: 500 },
  );
});

test('property: a pack is the deterministic CBOR of its records (RFC 8428 §6)', () => {
  const labelOf = { number: 2, string: 3, boolean: 4 };
  fc.assert(
    fc.property(readings, (given: Reading[]) => {
      const base = given[0]!.timeMs;
      const records = given.map(({ quantity, unit, timeMs, value }, i) => {
        const record = new Map<number, unknown>([
          [0, quantity],
          [labelOf[typeof value as keyof typeof labelOf], value],
        ]);
        if (unit !== '') record.set(1, unit);
        if (timeMs !== base) record.set(6, (timeMs - base) / 1000);
        if (i === 0) record.set(-3, base / 1000);
        return record;
      });
      assert.deepEqual(encodePack(given), encodeCbor(records));
    }),
    { numRuns: 500 },
  );
});

test('property: noise throws FormatError only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(cbor, json), (noise, type) => {
      try {
        decodePack(noise, type, 's');
      } catch (error) {
        assert.ok(error instanceof FormatError);
      }
    }),
    { numRuns: 3000 },
  );
});

test('texts and numbers read the same whatever was read before them', () => {
  const quantity = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:._~/-]{0,40}$/);
  const reading = fc.record({
    quantity: fc.oneof(quantity, fc.constantFrom('a', 'b', 'temperature')),
    unit: fc.constantFrom('', ...Object.keys(units)),
    timeMs: fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 }),
    value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.string({ maxLength: 30 })),
  });
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 20 }), (readings) => {
      const given = readings.map((one) => ({ ...one, value: one.value === 0 ? 0 : one.value }));
      const decoded = decodePack(encodePack(given), cbor, 's');
      assert.deepEqual(
        decoded.map(({ quantity, unit, value }) => [quantity, unit, value]),
        given.map(({ quantity, unit, value }) => [quantity, unit, value]),
      );
      given.forEach(({ timeMs }, i) => {
        assert.ok(Math.abs((decoded[i]?.timeMs as number) - timeMs) <= 1);
      });
    }),
  );
});
