import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { fromHex, toHex } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { writeCbor } from './writer.ts';

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.float(),
  // Of subnormal ones cborg finds the short form of powers of two only: see the test of all floats of 16 bits.
  fc.integer({ min: 0, max: 0xffff }).map((bits) => halfFloat((bits & 0x7c00) === 0 ? bits & 0x8000 : bits)),
  fc.constantFrom(0, -0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 53), 1e300, 65_504),
);
const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }));
const leaf = fc.oneof(
  number,
  text,
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
  fc.uint8Array({ maxLength: 300 }),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(text, tie('value'), { maxKeys: 30 }),
    fc.uniqueArray(fc.tuple(fc.integer(), tie('value')), { selector: ([key]) => key }).map((all) => new Map(all)),
  ),
}));

/** The value of a float of 16 bits, finite or not (IEEE 754). */
function halfFloat(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1_023];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : (fraction + 1_024) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

test('the bytes are those of an independent encoder', () => {
  fc.assert(
    fc.property(value, (given) => {
      assert.equal(toHex(encodeCbor(given)), toHex(encode(given, rfc8949EncodeOptions)));
    }),
    { numRuns: 2_000 },
  );
});

test('every float of 16 bits is written in 16 bits, or as the integer it is', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const given = halfFloat(bits);
    const hex = toHex(encodeCbor(given));
    if (Number.isInteger(given)) assert.equal(hex, toHex(encode(given, rfc8949EncodeOptions)));
    else if (Number.isNaN(given)) assert.equal(hex, 'f97e00');
    else assert.equal(hex, `f9${bits.toString(16).padStart(4, '0')}`);
    assert.deepEqual(decodeCbor(fromHex(hex)), given === 0 ? 0 : given);
  }
  assert.equal(toHex(encodeCbor(3 * 2 ** -24)), 'f90003');
  assert.equal(decodeCbor(fromHex('f90003')), 3 * 2 ** -24);
});

/** RFC 8949 appendix A, what has an encoding here: integers have one form, so 0.0, -0.0, 1.0 and such are not it. */
const examples: readonly (readonly [unknown, string])[] = [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1_000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [18_446_744_073_709_551_615n, '1bffffffffffffffff'],
  [-18_446_744_073_709_551_616n, '3bffffffffffffffff'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1_000, '3903e7'],
  [1.1, 'fb3ff199999999999a'],
  [1.5, 'f93e00'],
  [3.4028234663852886e38, 'fa7f7fffff'],
  [1e300, 'fb7e37e43c8800759c'],
  [2 ** -24, 'f90001'],
  [0.00006103515625, 'f90400'],
  [-4.1, 'fbc010666666666666'],
  [Number.POSITIVE_INFINITY, 'f97c00'],
  [Number.NaN, 'f97e00'],
  [Number.NEGATIVE_INFINITY, 'f9fc00'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [new Uint8Array(), '40'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['', '60'],
  ['a', '6161'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\ud800\udd51', '64f0908591'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [Array.from({ length: 25 }, (_, i) => i + 1), '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [['a', { b: 'c' }], '826161a161626163'],
  [{ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, 'a56161614161626142616361436164614461656145'],
];

test('examples of RFC 8949 appendix A are written and read', () => {
  for (const [given, hex] of examples) {
    assert.equal(toHex(encodeCbor(given)), hex);
    assert.deepEqual(decodeCbor(fromHex(hex)), given);
  }
  const map = new Map([
    [1, 2],
    [3, 4],
  ]);
  assert.equal(toHex(encodeCbor(map)), 'a201020304');
});

test('examples of RFC 8949 appendix A that are not deterministic here are refused', () => {
  const tags = ['c074323031332d30332d32315432303a30343a30305a', 'c11a514b67b0', 'd74401020304', 'd818456449455446'];
  const bignums = ['c249010000000000000000', 'c349010000000000000000'];
  const simple = ['f7', 'f0', 'f818', 'f8ff'];
  const floats = ['f90000', 'f98000', 'f93c00', 'f97bff', 'fa47c35000', 'fa7f800000', 'fa7fc00000', 'fa7fc00000'];
  const doubles = ['fb7ff0000000000000', 'fb7ff8000000000000', 'fbfff0000000000000'];
  const indefinite = [
    '5f42010243030405ff',
    '7f657374726561646d696e67ff',
    '9fff',
    '9f018202039f0405ffff',
    'bf61610161629f0203ffff',
  ];
  for (const hex of [...tags, ...bignums, ...simple, ...floats, ...doubles, ...indefinite])
    assert.throws(() => decodeCbor(fromHex(hex)), { name: 'FormatError', refusal: 'malformed' }, hex);
});

test('what has no encoding is refused, and the encoder works on', () => {
  for (const given of [[1, undefined], { a: new Date() }, new Set(), Symbol('s'), () => 1, [new Float64Array(1)]])
    assert.throws(() => encodeCbor(given), TypeError);
  assert.throws(() => encodeCbor(['a', 2n ** 64n]), RangeError);
  assert.equal(toHex(encodeCbor([1])), '8101');
});

test('an encoder called within an encoder spoils nothing', () => {
  const inner = { toJSON: 1 };
  const value = {
    a: 1,
    get b() {
      return encodeCbor([inner, 'x'.repeat(5_000)]).length;
    },
    c: [2],
  };
  assert.deepEqual(decodeCbor(encodeCbor(value)), { a: 1, b: 5_013, c: [2] });
  const nested = writeCbor((outer) => {
    outer.list(2);
    outer.bytes(writeCbor((within) => within.text('within')));
    assert.throws(() => encodeCbor([1, undefined]), TypeError);
    outer.number(7);
  });
  assert.equal(toHex(nested), '82476677697468696e07');
  // Keys that are themselves lists or Maps are written by the same encoder.
  const keyed = new Map<unknown, unknown>([
    [['k', new Map([['x', 1]])], 1],
    ['plain', 2],
  ]);
  assert.equal(toHex(encodeCbor(keyed)), toHex(encodeCbor(new Map([...keyed].reverse()))));
  const twice = new Map<unknown, unknown>([
    [1, 'a'],
    [1n, 'b'],
  ]);
  assert.throws(() => encodeCbor(twice), RangeError);
});

test('nesting is limited before it is followed', () => {
  const nested = (levels: number) => `${'81'.repeat(levels - 1)}80`;
  assert.ok(Array.isArray(decodeCbor(fromHex(nested(8)))));
  assert.throws(() => decodeCbor(fromHex(nested(9))), { refusal: 'too-deep' });
  assert.throws(() => decodeCbor(new Uint8Array(1_000_000).fill(0x81)), { refusal: 'too-deep' });
  let deep: unknown = [];
  for (let i = 1; i < 9; i++) deep = [deep];
  assert.throws(() => encodeCbor(deep), RangeError);
  const circle: unknown[] = [];
  circle.push(circle);
  assert.throws(() => encodeCbor(circle), RangeError);
});

test('decoding takes nothing but what encoding gives', () => {
  const bad = [
    ...['', '18', '1801', '190017', '1a0000ffff', '1b00000000ffffffff', 'f818', 'f7', 'fc', '1c', 'ff', 'c100'],
    ...[
      'a2616201616102',
      'a2616101616102',
      'a10102',
      '5f4100ff',
      '9f01ff',
      '4201',
      '9a00010000',
      '0000',
      '61ff',
      '62c080',
    ],
    ...[
      'fb3ff8000000000000',
      'fa3fc00000',
      'f97e01',
      'fa7fc00001',
      'ba80000000',
      '9bffffffffffffffff',
      'f90000',
      'fb7ff8000000000000',
    ],
  ];
  for (const hex of bad) assert.throws(() => decodeCbor(fromHex(hex)), FormatError, hex);
  const own = decodeCbor(fromHex('a1695f5f70726f746f5f5fa16161f5')) as object;
  assert.deepEqual(Object.keys(own), ['__proto__']);
  assert.equal(Object.getPrototypeOf(own), Object.prototype);
});

test('property: no bytes make it throw anything but FormatError, and what it takes is written as the same bytes', () => {
  const heads = fc.constantFrom(
    0x18,
    0x1b,
    0x3b,
    0x41,
    0x61,
    0x81,
    0x82,
    0xa1,
    0xa2,
    0xf4,
    0xf6,
    0xf9,
    0xfa,
    0xfb,
    0x9f,
    0xc1,
  );
  const mutated = fc
    .tuple(value, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat())
    .map(([given, changes, cut]) => {
      const bytes = encodeCbor(given).slice();
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return cut % 3 === 0 ? bytes.slice(0, cut % (bytes.length + 1)) : bytes;
    });
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.oneof(heads, fc.nat(255)), { maxLength: 40 }).map((all) => Uint8Array.from(all)),
    mutated,
  );
  fc.assert(
    fc.property(any, (bytes) => {
      let decoded: unknown;
      try {
        decoded = decodeCbor(bytes);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        return;
      }
      assert.equal(toHex(encodeCbor(decoded)), toHex(bytes));
    }),
    { numRuns: 20_000 },
  );
});

test('a text of megabytes takes no more memory than it has characters', () => {
  const SIZE = 8_000_000;
  const bytes = new Uint8Array(5 + SIZE).fill(0x61);
  bytes.set([0x7a, SIZE >>> 24, (SIZE >>> 16) & 255, (SIZE >>> 8) & 255, SIZE & 255]);
  const before = process.memoryUsage().heapUsed;
  const text = decodeCbor(bytes) as string;
  assert.ok(process.memoryUsage().heapUsed - before < 8 * SIZE);
  assert.equal(text.length, SIZE);
});
