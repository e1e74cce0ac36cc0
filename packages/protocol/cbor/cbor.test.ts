import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { fromHex, toHex } from '../bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.float(),
  fc.integer({ min: 0, max: 0xffff }).map(halfFloat),
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

test('every float of 16 bits', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const given = halfFloat(bits);
    assert.equal(toHex(encodeCbor(given)), toHex(encode(given, rfc8949EncodeOptions)));
  }
});

test('examples of RFC 8949 appendix A', () => {
  const examples: [unknown, string][] = [
    [1_000_000_000_000, '1b000000e8d4a51000'],
    [18_446_744_073_709_551_615n, '1bffffffffffffffff'],
    [-18_446_744_073_709_551_616n, '3bffffffffffffffff'],
    [1.1, 'fb3ff199999999999a'],
    [1.5, 'f93e00'],
    [3.4028234663852886e38, 'fa7f7fffff'],
    [2 ** -24, 'f90001'],
    [-4.1, 'fbc010666666666666'],
    ['ü水𐅑', '69c3bce6b0b4f0908591'],
    [{ b: [2, 3], a: 1 }, 'a26161016162820203'],
    [
      new Map<number, unknown>([
        [-1, 1],
        [10, 2],
      ]),
      'a20a022001',
    ],
  ];
  for (const [given, hex] of examples) assert.equal(toHex(encodeCbor(given)), hex);
});

test('what has no encoding is refused, and the encoder works on', () => {
  for (const given of [[1, undefined], { a: new Date() }, new Set(), Symbol('s'), () => 1, [new Float64Array(1)]])
    assert.throws(() => encodeCbor(given), TypeError);
  assert.throws(() => encodeCbor(['a', 2n ** 64n]), RangeError);
  assert.equal(toHex(encodeCbor([1])), '8101');
});

test('decoding takes nothing but what encoding gives', () => {
  for (const hex of ['1801', 'fb3ff8000000000000', 'a2616201616102', 'f7', 'f818'])
    assert.throws(() => decodeCbor(fromHex(hex)), { name: 'FormatError' });
  assert.deepEqual(decodeCbor(fromHex('a26161016162820203')), { a: 1, b: [2, 3] });
});
