import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSubject, limits } from '@trine/protocol';
import fc from 'fast-check';
import { escapeName, nameHeadings, quantityName, unescapeName } from './names.ts';

const long = { charsMax: 100_000 };

test('names keep what may stand, and escape the rest', () => {
  for (const [name, escaped] of [
    ['sensor.kitchen_temperature', 'sensor.kitchen_temperature'],
    ['A-', 'A-'],
    ['A+', 'A~2B'],
    ['Sensor 1', 'Sensor~_1'],
    ['Sensor #1', 'Sensor~_~231'],
    ['Küche', 'K~C3~BCche'],
    ['Ku\u0308che', 'K~C3~BCche'],
    ['客厅', 'u~-~E5~AE~A2~E5~8E~85'],
    ['~7E', 'u~-~7E7E'],
    ['a/b', 'a~2Fb'],
    [' x ', 'x'],
    ['_x', 'u~-_x'],
    ['', 'u~-'],
  ] as const)
    assert.equal(escapeName(name), escaped, name);
  assert.equal(escapeName('a/b c', { keepsSlashes: true }), 'a/b~_c');
  assert.equal(escapeName('客', { isInside: true }), '~E5~AE~A2');
  assert.equal(quantityName(' Leistung  kW '), 'Leistung-kW');
});

test('what is no escaped name is none', () => {
  for (const text of ['~', 'a~', 'a~2', 'a~2b', 'a~C3', '~~0123456789', 'a~zz', 'a~u12'])
    assert.equal(unescapeName(text), undefined, text);
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  // Text with half a surrogate pair, and text that looks escaped.
  fc
    .array(fc.constantFrom('\ud800', '\udc00', '~', '_', ' ', 'u', '-', '/', 'E5', 'é', 'a'))
    .map((parts) => parts.join('')),
);

test('property: every name comes back as it was written (NFC, trimmed), so two are never one', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const name = text.normalize('NFC').trim();
      for (const keepsSlashes of [false, true])
        assert.equal(unescapeName(escapeName(text, { ...long, keepsSlashes })), name);
    }),
    { numRuns: 2_000 },
  );
});

test('property: names are subjects and quantities of the length given; long ones stay apart', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.integer({ min: 20, max: 96 }), (a, b, charsMax) => {
      const [one, other] = [escapeName(a.repeat(30), { charsMax }), escapeName(b.repeat(30), { charsMax })];
      assert.ok(isSubject(one) && one.length <= charsMax, one);
      assert.equal(one === other, a.repeat(30).normalize('NFC').trim() === b.repeat(30).normalize('NFC').trim());
    }),
    { numRuns: 1_000 },
  );
  assert.match(escapeName('é'.repeat(90)), /~[0-9A-F]{2}~~[0-9a-f]{10}$/);
});

test('headings: none is merged, what stands there twice is numbered, an empty one has its place', () => {
  assert.deepEqual(nameHeadings(['time', 'Temperature', 'Humidity', 'Temperature', 'Temperature', '']), [
    ...['time', 'Temperature', 'Humidity', 'Temperature.2', 'Temperature.3', 'column6'],
  ]);
  assert.deepEqual(nameHeadings(['Dew point', 'Dew-point']), ['Dew~_point', 'Dew-point']);
  assert.deepEqual(nameHeadings(['A', 'A.2', 'A']), ['A', 'A.2', 'A.3']);
  assert.deepEqual(nameHeadings(['', 'column1', '']), ['column1.2', 'column1', 'column3']);
  assert.deepEqual(nameHeadings(['+A', '-A']), ['u~-~2BA', 'u~--A']);
});

test('property: as many names as headings, all apart, all quantities', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(anyText, fc.constantFrom('A', 'A.2', 'a b', 'a-b', 'a~_b', '', 'column1', 'column2', 'x'.repeat(96))),
      ),
      (headings) => {
        const names = nameHeadings(headings);
        assert.equal(names.length, headings.length);
        assert.equal(new Set(names).size, names.length, names.join());
        for (const name of names) assert.ok(isSubject(name) && name.length <= limits.quantityCharsMax, name);
      },
    ),
    { numRuns: 2_000 },
  );
});
