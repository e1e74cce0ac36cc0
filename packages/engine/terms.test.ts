import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '@trine/protocol';
import fc from 'fast-check';
import { z } from 'zod';
import { formatDuration, formatMinor, terms, termsInWords, toLearn } from './terms.ts';

const parts = z.strictObject({
  name: z.string().meta({ title: 'Name' }),
  share: z.int().meta({ title: 'Share', kind: 'ppm' }),
});
const toy = terms(
  z.strictObject({
    thing: z.string().min(1).meta({ title: 'Thing', kind: 'subject' }),
    everyMs: z.int().min(1).default(5_400_000).meta({ title: 'Every', kind: 'duration' }),
    fee: z.int().min(0).default(0).meta({ title: 'Fee', kind: 'money' }),
    sinceMs: z.int().optional().meta({ title: 'Since', kind: 'time' }),
    parts: z.array(parts).default([]).meta({ title: 'Parts' }),
    isStrict: z.boolean().default(true).meta({ title: 'Strict' }),
    plain: z.int().optional(),
  }),
  ({ parts: all }) => (all.length > 10 ? 'terms.parts: too many.' : undefined),
);
const euro = { code: 'EUR', digits: 2 };

test('what was left out is filled in; what was filled in stays', () => {
  const parsed = toy.parse({ thing: 'pump/1' });
  assert.deepEqual(parsed, { thing: 'pump/1', everyMs: 5_400_000, fee: 0, parts: [], isStrict: true });
  assert.deepEqual(toy.parse(parsed), parsed);
});

test('a refusal names the field, what was expected and what was got', () => {
  const refused = (given: unknown, says: RegExp) =>
    assert.throws(
      () => toy.parse(given),
      (error: unknown) => error instanceof FormatError && error.code === 'malformed' && says.test(error.message),
    );
  refused({}, /^terms\.thing: /);
  refused({ thing: 'a', fee: -1 }, /^terms\.fee: .*>=0/);
  refused({ thing: 'a', fee: 0.5 }, /^terms\.fee: .*int/);
  refused({ thing: 'a', stranger: 1 }, /stranger/);
  refused({ thing: 'a', parts: [{ name: 'x' }] }, /^terms\.parts\.0\.share: /);
  refused(
    { thing: 'a', parts: Array.from({ length: 11 }, () => ({ name: 'x', share: 1 })) },
    /^terms\.parts: too many\.$/,
  );
  refused(null, /^terms: /);
});

test('the schema for forms has fields in their order, with titles, kinds, limits and defaults', () => {
  assert.deepEqual(Object.keys(toy.schema.properties ?? {}), [
    'thing',
    'everyMs',
    'fee',
    'sinceMs',
    'parts',
    'isStrict',
    'plain',
  ]);
  assert.deepEqual(toy.schema.required, ['thing'], 'what has a default need not be given');
  const { everyMs } = toy.schema.properties ?? {};
  assert.deepEqual(
    [everyMs?.title, everyMs?.kind, everyMs?.default, everyMs?.minimum],
    ['Every', 'duration', 5_400_000, 1],
  );
});

test('terms in words, in the order of the schema', () => {
  const given = {
    thing: 'pump/1',
    everyMs: 90_000,
    fee: 1_250,
    sinceMs: 1_767_225_600_000,
    parts: [
      { name: 'north', share: 250_000 },
      { name: 'south', share: 750_000 },
    ],
    isStrict: false,
    plain: 7,
  };
  assert.deepEqual(
    termsInWords(toy.schema, given, euro).map(({ title, value }) => `${title}: ${value}`),
    [
      'Thing: pump/1',
      'Every: 1 min 30 s',
      'Fee: 12.50 EUR',
      'Since: 2026-01-01T00:00:00Z',
      'Parts: Name north, Share 25 %; Name south, Share 75 %',
      'Strict: no',
      'plain: 7',
    ],
  );
  assert.deepEqual(
    termsInWords(toy.schema, { sinceMs: Number.MAX_SAFE_INTEGER }, undefined).map(({ value }) => value),
    ['9007199254740991 ms since 1970'],
    'no calendar has it',
  );
  assert.deepEqual(termsInWords(toy.schema, { thing: 'a' }, undefined).length, 1, 'what is not given is not said');
  assert.deepEqual(termsInWords(toy.schema, null, undefined), []);
});

test('the price of one unit is said in money, as fine as it is; a list of nothing is none', () => {
  const priced = terms(
    z.strictObject({
      steps: z
        .array(z.strictObject({ price: z.int().meta({ title: 'Price', kind: 'price' }) }))
        .meta({ title: 'Steps' }),
    }),
  );
  const words = (price: number, currency: typeof euro | undefined) =>
    termsInWords(priced.schema, { steps: [{ price }] }, currency)[0]?.value;
  const yen = { code: 'JPY', digits: 0 };
  assert.deepEqual(
    [32_570_000, 30_000_000, 1, 0].map((price) => words(price, euro)),
    ['Price 0.3257 EUR', 'Price 0.30 EUR', 'Price 0.00000001 EUR', 'Price 0.00 EUR'],
  );
  assert.deepEqual(
    [32_570_000, 7_000_000].map((price) => words(price, yen)),
    ['Price 32.57 JPY', 'Price 7 JPY'],
  );
  assert.equal(words(5, undefined), 'Price 5 minor units for 1000000');
  assert.deepEqual(termsInWords(priced.schema, { steps: [] }, euro)[0]?.value, 'none');
});

test('of a long list the first are said, and how many there are', () => {
  const many = { parts: Array.from({ length: 9 }, (_, i) => ({ name: `${i}`, share: 0 })) };
  const [line] = termsInWords(toy.schema, many, euro);
  assert.match(line?.value ?? '', /Name 7, Share 0 %; … 9 in all$/);
});

test('money has the digits of its currency: none, two or three', () => {
  assert.equal(formatMinor(1_234, { code: 'JPY', digits: 0 }), '1234 JPY');
  assert.equal(formatMinor(1_234, euro), '12.34 EUR');
  assert.equal(formatMinor(5, euro), '0.05 EUR');
  assert.equal(formatMinor(1_234, { code: 'KWD', digits: 3 }), '1.234 KWD');
  assert.equal(formatMinor(1_234, { code: 'XTS', digits: 1 }), '123.4 XTS');
  assert.equal(formatMinor(-7, { code: 'KWD', digits: 3 }), '-0.007 KWD');
  assert.equal(formatMinor(0, { code: 'JPY', digits: 0 }), '0 JPY');
  assert.equal(formatMinor(12, undefined), '12 minor units');
});

test('property: an amount in words is the amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom(0, 2, 3), (minor, digits) => {
      const [number] = formatMinor(minor, { code: 'XXX', digits }).split(' ');
      assert.equal(Math.round(Number(number) * 10 ** digits) + 0, minor);
    }),
  );
});

test('a duration is said in its two greatest units', () => {
  assert.deepEqual([0, 1, 999, 1_000, 61_000, 5_400_000, 90_061_001, 86_400_000].map(formatDuration), [
    '0 s',
    '1 ms',
    '999 ms',
    '1 s',
    '1 min 1 s',
    '1 h 30 min',
    '1 d 1 h',
    '1 d',
  ]);
});

test('what the past of a thing proposes is asked once thing and window are known, of the quantities that count', () => {
  const learnt = { from: 'statements', of: 'thing', windowMs: 'everyMs', quantities: 'names', texts: 'words' } as const;
  const schema = {
    properties: {
      thing: { type: 'string' },
      everyMs: { type: 'integer', default: 60_000 },
      due: { type: 'integer', default: 1, learnt },
      names: { type: 'array', default: [] },
      words: { type: 'boolean', default: false },
    },
  };
  assert.deepEqual(toLearn(schema, { thing: 'pump/1' }), [{ name: 'due', subject: 'pump/1', windowMs: 60_000 }]);
  assert.deepEqual(toLearn(schema, { thing: 'pump/1', everyMs: 5_000, names: ['flow', 'head'], words: true }), [
    { name: 'due', subject: 'pump/1', windowMs: 5_000, quantities: 'flow,head', texts: 'true' },
  ]);
  assert.deepEqual(
    [toLearn(schema, {}), toLearn(schema, { thing: '' }), toLearn({}, { thing: 'pump/1' })],
    [[], [], []],
  );
});
