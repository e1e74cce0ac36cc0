// What crosses into the sandbox comes out as it went in, and its UTF-8 is that of the machine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { fromWire, HOLE, toWire } from './wire.ts';

test('data crosses as it is: signs of zero, what is no number, bytes, maps, names of any kind', () => {
  for (const value of [
    [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-320, 2 ** 53],
    { $: 'b', v: 'no bytes', a: { $: undefined } },
    new Map<unknown, unknown>([['a', new Map([[1, Uint8Array.of(0, 255)]])]]),
    [undefined, null, '', '\u{1f6b2}\ud800'],
    { constructor: 1, toString: 2 },
  ])
    assert.deepStrictEqual(fromWire(toWire(value)), value);
  const odd = fromWire('{"__proto__":{"a":1}}') as { a?: number };
  assert.deepEqual([odd.a, Object.keys(odd)], [undefined, ['__proto__']]);
});

test('property: any data crosses as it is', () => {
  const leaf = fc.oneof(
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(undefined),
    fc.uint8Array(),
  );
  const data = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('any')),
      fc.dictionary(fc.string(), tie('any'), { noNullPrototype: true }),
    ),
  })).any;
  fc.assert(fc.property(data, (value) => assert.deepStrictEqual(fromWire(toWire(value)), value)));
});

test('functions, symbols, big integers and data that nests too deep are no data; of a trigger a function leaves a hole', () => {
  for (const value of [() => 1, Symbol('x'), 1n, [[() => 1]]]) assert.throws(() => toWire(value), TypeError);
  assert.equal((fromWire(toWire({ matches: () => true }, true)) as { matches: unknown }).matches, HOLE);
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = [deep];
  assert.throws(() => toWire(deep), /nests too deep/);
  assert.throws(
    () => fromWire(JSON.stringify(Array.from({ length: 200 }).reduce((inner) => [inner], 1))),
    /nests too deep/,
  );
  for (const text of ['{"$":"x"}', '{"$":"m","v":[1]}', '{"$":"b","v":"0"}', '{"$":"b","v":"zz"}'])
    assert.throws(() => fromWire(text), TypeError);
});

test('property: UTF-8 as the machine has it, of any text and any bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.deepEqual(encodeUtf8(text), new TextEncoder().encode(text));
    }),
  );
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc
      .array(
        fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xbb, 0xf0, 0xf4, 0xf5, 0x9f, 0xa0, 0x90, 0x8f),
      )
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, fc.boolean(), (given, ignoreBOM) => {
      assert.equal(decodeUtf8(given, false, ignoreBOM), new TextDecoder('utf-8', { ignoreBOM }).decode(given));
      const decode = (run: () => string) => {
        try {
          return run();
        } catch {
          return undefined;
        }
      };
      const strict = decode(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM }).decode(given));
      assert.equal(
        decode(() => decodeUtf8(given, true, ignoreBOM)),
        strict,
      );
    }),
    { numRuns: 2_000 },
  );
});
