import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentTypes, decodePack, encodePack, readPack } from '@trine/protocol';
import fc from 'fast-check';
import { Columns, type VerifyRequest } from './verify-columns.ts';

const reading = fc.record({
  quantity: fc.constantFrom('temperature', 'humidity', 'state'),
  unit: fc.constantFrom('', 'Cel', '%RH'),
  timeMs: fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 }),
  value: fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.boolean(), fc.constantFrom('on', 'off')),
});
const statement = fc.record({ readings: fc.array(reading, { minLength: 1, maxLength: 12 }), refused: fc.boolean() });

test('columns hold the readings of the statements kept, as the pack has them, and none of those refused', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 12 }), (statements) => {
      const columns = new Columns(statements.length);
      const packs = statements.map(({ readings }) => encodePack(readings));
      packs.forEach((pack, i) => {
        columns.startReadings(i);
        readPack(pack, contentTypes.senmlCbor, 's', 'synchronised', columns.addReading);
        const newest = Math.max(...decodePack(pack, contentTypes.senmlCbor, 's').map(({ timeMs }) => timeMs));
        assert.equal(columns.newestMs(i), newest);
        if (!statements[i]?.refused) return;
        columns.dropReadings(i);
        columns.refuse(i, 1, 'refused');
      });
      const result = columns.finish(requestOf(statements.length));
      const texts = new Map(result.texts);
      statements.forEach(({ refused }, i) => {
        const found = [];
        for (let r = result.readingStart[i] as number; r < (result.readingStart[i + 1] as number); r++) {
          const [quantity, unit] = (result.words[result.readingName[r] as number] as string).split('\n');
          const value = texts.get(r) ?? result.readingValue[r];
          found.push({ quantity, unit, timeMs: result.readingTimeMs[r], value });
        }
        const kept = refused ? [] : decodePack(packs[i] as Uint8Array, contentTypes.senmlCbor, 's');
        const expected = kept.map((one) =>
          typeof one.value === 'boolean' ? { ...one, value: Number(one.value) } : one,
        );
        assert.deepEqual(found, expected);
      });
      assert.equal(result.readingName.length, result.readingStart[statements.length]);
      assert.ok([...texts.keys()].every((r) => r < result.readingName.length));
    }),
  );
});

test('a device without a clock: all readings of the statement get one date', () => {
  const columns = new Columns(2);
  for (const i of [0, 1]) {
    columns.startReadings(i);
    columns.addReading('a', '', 5, 1);
    columns.addReading('a', '', 6, 2);
  }
  columns.dateReadings(1, 99);
  assert.deepEqual([...columns.finish(requestOf(2)).readingTimeMs], [5, 6, 99, 99]);
});

function requestOf(count: number): VerifyRequest {
  return {
    type: 'verify',
    mayLackBodies: false,
    batch: 0,
    arrivalMs: new Float64Array(count),
    buffer: new ArrayBuffer(0),
    offsets: new Uint32Array(3 * count),
  };
}
