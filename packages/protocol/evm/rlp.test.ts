import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RLP } from '@ethereumjs/rlp';
import fc from 'fast-check';
import { equalBytes, fromHex, toHex, toUtf8 } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { decodeRlp, encodeRlp, type RlpItem, rlpInteger } from './rlp.ts';

const bytes = fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 1, maxLength: 1 }));
const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof({ maxDepth: 5 }, bytes, fc.array(tie('item'), { maxLength: 20 })),
}));

test('examples of the Ethereum wiki', () => {
  const examples: [RlpItem, string][] = [
    [toUtf8('dog'), '83646f67'],
    [[toUtf8('cat'), toUtf8('dog')], 'c88363617483646f67'],
    [new Uint8Array(), '80'],
    [[], 'c0'],
    [Uint8Array.of(0), '00'],
    [Uint8Array.of(15), '0f'],
    [rlpInteger(0), '80'],
    [rlpInteger(1_024), '820400'],
    [[[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
    [
      toUtf8('Lorem ipsum dolor sit amet, consectetur adipisicing elit'),
      `b838${toHex(toUtf8('Lorem ipsum dolor sit amet, consectetur adipisicing elit'))}`,
    ],
  ];
  for (const [value, hex] of examples) {
    assert.equal(toHex(encodeRlp(value)), hex);
    assert.deepEqual(plain(decodeRlp(fromHex(hex))), plain(value));
  }
  assert.throws(() => rlpInteger(-1), RangeError);
});

function plain(value: RlpItem): unknown {
  return value instanceof Uint8Array ? toHex(value) : value.map(plain);
}

test('property: the bytes are those of an independent encoder, and are read back', () => {
  fc.assert(
    fc.property(item, (value) => {
      const encoded = encodeRlp(value);
      assert.equal(toHex(encoded), toHex(RLP.encode(value as never)));
      assert.deepEqual(plain(decodeRlp(encoded)), plain(value));
    }),
    { numRuns: 1_000 },
  );
  for (const length of [55, 56, 255, 256, 65_535, 65_536, 70_000]) {
    const long = new Uint8Array(length).fill(7);
    assert.ok(equalBytes(encodeRlp([long, long]), RLP.encode([long, long])));
    assert.deepEqual(plain(decodeRlp(encodeRlp(long))), plain(long));
  }
  for (const n of [0, 1, 127, 128, 255, 256, 2 ** 32, Number.MAX_SAFE_INTEGER])
    assert.deepEqual(encodeRlp(rlpInteger(n)), RLP.encode(n));
});

test('what is not the one encoding is refused', () => {
  for (const hex of [
    '',
    '8100',
    '817f',
    '83646f',
    'b800',
    'b80161',
    'b837',
    'c180'.slice(0, 2),
    'c28100',
    'c3c0',
    '8080',
    'f800',
    'f90001c0',
    'bf0000000000000001',
    'ffffffffffffffffff',
    'b9003801',
    'c201c1',
  ])
    assert.throws(() => decodeRlp(fromHex(hex)), { name: 'FormatError', refusal: 'malformed' }, hex);
  let nested: RlpItem = [];
  for (let i = 1; i < 8; i++) nested = [nested];
  assert.ok(Array.isArray(decodeRlp(encodeRlp(nested))));
  assert.throws(() => decodeRlp(encodeRlp([nested])), { refusal: 'too-deep' });
});

test('property: no bytes make it throw anything but FormatError, and what it takes is written as the same bytes', () => {
  const heads = fc.constantFrom(0x80, 0x81, 0x82, 0xb8, 0xb9, 0xc0, 0xc1, 0xc2, 0xc4, 0xf8, 0xf9, 0x01);
  const mutated = fc.tuple(item, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const encoded = encodeRlp(value);
    encoded[at % encoded.length] = byte;
    return encoded;
  });
  const any = fc.oneof(
    fc.array(fc.oneof(heads, fc.nat(255)), { maxLength: 60 }).map((all) => Uint8Array.from(all)),
    mutated,
  );
  fc.assert(
    fc.property(any, (given) => {
      let decoded: RlpItem;
      try {
        decoded = decodeRlp(given);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        return;
      }
      assert.equal(toHex(encodeRlp(decoded)), toHex(given));
    }),
    { numRuns: 10_000 },
  );
});
