import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { readOrigin } from './origin.ts';
import { contentTypes, decodePack, encodePack } from './senml.ts';

const readings = [
  { quantity: 'temperature', unit: 'Cel', timeMs: 1_700_000_000_000, value: 21.5 },
  { quantity: 'open', unit: '', timeMs: 1_700_000_001_000, value: true },
];
const mapping = new Uint8Array(32).fill(1);
const raw = new Uint8Array(32).fill(2);

test('a pack names the mapping and the bytes that it was made of, and says the same readings', () => {
  for (const origin of [
    { mapping, raw },
    { mapping, raw, source: 'mqtt user pump-7' },
    { mapping, raw, rows: [2, 97] as const, source: 'x' },
  ]) {
    const body = encodePack(readings, origin);
    assert.deepEqual(readOrigin(body), origin);
    assert.deepEqual(decodePack(body, contentTypes.senmlCbor, 'a'), readings);
    // RFC 8949 §4.2.1: whoever encodes it anew gets the same bytes.
    const again = encode(decode(body, { useMaps: true }), rfc8949EncodeOptions);
    assert.deepEqual(Buffer.from(again), Buffer.from(body));
  }
  assert.equal(readOrigin(encodePack(readings)), undefined);
});

test('what stands in fields of that name and is no origin is none', () => {
  const body = (fields: object) => encode([new Map<unknown, unknown>([[0, 'a'], [2, 1], ...Object.entries(fields)])]);
  for (const fields of [{ raw: 1 }, { raw, mapping: 'x' }, { raw: raw.slice(1), mapping }, { raw }])
    assert.equal(readOrigin(body(fields)), undefined);
  assert.deepEqual(readOrigin(body({ raw, mapping, source: 7, rows: [0, 1] })), { raw, mapping });
  assert.equal(readOrigin(new TextEncoder().encode('[{"n":"a","v":1}]')), undefined);
});
