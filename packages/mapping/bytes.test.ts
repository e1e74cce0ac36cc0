import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex, toUtf8 } from '@trine/protocol';
import fc from 'fast-check';
import { bytesOf, numberTypes, readBytes, textOf } from './bytes.ts';

const read = (hex: string, type: string, more: object = {}) => readBytes(fromHex(hex), { type, offset: 0, ...more });

test('numbers of every width, both ways round', () => {
  for (const [hex, type, value] of [
    ['41ac0000', 'float32', 21.5],
    ['4035800000000000', 'float64', 21.5],
    ['4d60', 'float16', 21.5],
    ['0001', 'float16', 2 ** -24],
    ['fc00', 'float16', Number.NEGATIVE_INFINITY],
    ['7e00', 'float16', Number.NaN],
    ['ffff', 'int16', -1],
    ['ffff', 'uint16', 65_535],
    ['80', 'int8', -128],
    ['fffffe', 'int24', -2],
    ['010203', 'uint24', 66_051],
    ['ffffffff', 'uint32', 4_294_967_295],
    ['001fffffffffffff', 'uint64', Number.MAX_SAFE_INTEGER],
    ['12345678', 'bcd32', 12_345_678],
  ] as const) {
    assert.equal(read(hex, type), value, type);
    const turned = toHex(fromHex(hex).reverse());
    assert.equal(read(turned, type, { isLittleEndian: true }), value, `${type}, turned`);
  }
  assert.equal(read('00aa0102', 'uint16', { offset: 2 }), 258);
});

test('bits of a whole number', () => {
  assert.equal(read('b4', 'uint8', { bits: { first: 2, count: 3 } }), 5);
  assert.equal(read('b4', 'int8', { bits: { first: 2, count: 3 } }), -3);
  assert.equal(read('34b4', 'uint16', { isLittleEndian: true, bits: { first: 15, count: 1 } }), 1);
});

test('what is not there is said', () => {
  for (const [hex, type, more, words] of [
    ['00', 'float32', {}, /needs 4 bytes; the payload has 1/],
    ['00', 'float33', {}, /no type/],
    ['00', 'toString', {}, /no type/],
    ['00', 'uint8', { offset: -1 }, /offset/],
    ['00', 'uint8', { bits: { first: 7, count: 2 } }, /not in uint8/],
    ['41ac0000', 'float32', { bits: { first: 0, count: 1 } }, /no bits/],
    ['0020000000000001', 'uint64', {}, /2\^53/],
    ['1a', 'bcd8', {}, /decimal/],
  ] as const)
    assert.match(String(read(hex, type, more)), words, type);
});

test('hex and base64 as they are sent; what is neither is none; bytes that are no UTF-8 are no text', () => {
  const hexOf = (text: string, encoding: 'hex' | 'base64') => {
    const bytes = bytesOf(toUtf8(text), encoding);
    return bytes && toHex(bytes);
  };
  for (const text of ['1F2E', '0x1f2e', '1f 2e', '1F:2E', '1f-2e\n']) assert.equal(hexOf(text, 'hex'), '1f2e', text);
  for (const text of ['AACsQQ==', 'AACsQQ', 'AACs\nQQ==']) assert.equal(hexOf(text, 'base64'), '0000ac41', text);
  assert.equal(hexOf('-_8', 'base64'), 'fbff');
  for (const text of ['1f2', 'xy']) assert.equal(hexOf(text, 'hex'), undefined);
  for (const text of ['A', 'a*b=']) assert.equal(hexOf(text, 'base64'), undefined);
  assert.equal(textOf(fromHex('0000ac41')), undefined);
  assert.equal(textOf(toUtf8('21,5 °C')), '21,5 °C');
});

test('property: what a DataView writes is read; base64 is what Node writes', () => {
  const types = ['Int8', 'Uint8', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'] as const;
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 24 }),
      fc.constantFrom(...types),
      fc.boolean(),
      (bytes, type, isLittleEndian) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        assert.equal(
          readBytes(bytes, { type: type.toLowerCase(), offset: 0, isLittleEndian }),
          view[`get${type}`](0, isLittleEndian),
        );
        for (const encoding of ['base64', 'base64url', 'hex'] as const) {
          const text = toUtf8(Buffer.from(bytes).toString(encoding));
          assert.deepEqual(bytesOf(text, encoding === 'hex' ? 'hex' : 'base64'), Uint8Array.from(bytes));
        }
        for (const numberType of numberTypes) readBytes(bytes, { type: numberType, offset: 0 });
      },
    ),
  );
});
