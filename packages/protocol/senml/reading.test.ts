import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { checkReading, type Reading } from './reading.ts';
import { contentTypes, decodePack, encodePack } from './senml.ts';
import { units } from './units.ts';

const nowMs = Date.UTC(2026, 10, 27);
const good: Reading = { quantity: 't', unit: 'Cel', timeMs: nowMs, value: 4 };

test('what is no reading is refused by reason, in words that say what to do', () => {
  const cases: [Partial<Record<keyof Reading, unknown>>, string, RegExp][] = [
    [{ unit: 'bar' }, 'wrong-unit', /"bar" of t is no SenML unit symbol/],
    [{ unit: undefined }, 'wrong-unit', /undefined/],
    [{ value: null }, 'bad-value', /null is no value of t/],
    [{ value: Number.NaN }, 'bad-value', /NaN/],
    [{ value: Number.POSITIVE_INFINITY }, 'bad-value', /Infinity/],
    [{ value: { v: 1 } }, 'bad-value', /a finite number, a text or a boolean/],
    [{ value: 'a'.repeat(1025) }, 'too-large', /more than 1024 characters/],
    [{ quantity: 'air temp' }, 'malformed', /"air temp" names no quantity/],
    [{ quantity: '' }, 'malformed', /""/],
    [{ timeMs: Math.floor(nowMs / 1000) }, 'absurd-time', /seems to be in seconds, and should be in milliseconds/],
    [{ timeMs: 12 }, 'absurd-time', /is before 1990\./],
    [{ timeMs: nowMs + limits.eventTimeAheadMsMax + 1 }, 'absurd-time', /ten minutes ahead/],
    [{ timeMs: '2026-11-27' }, 'absurd-time', /no number of milliseconds/],
  ];
  for (const [wrong, refusal, message] of cases)
    assert.throws(() => checkReading({ ...good, ...wrong } as Reading, 'synchronised', nowMs), { refusal, message });
  assert.throws(() => checkReading(undefined as unknown as Reading, 'synchronised', nowMs), { refusal: 'malformed' });
  checkReading(good, 'synchronised', nowMs);
  checkReading({ ...good, timeMs: 12_000 }, 'none', nowMs);
  assert.throws(() => checkReading(good, 'none', nowMs), { refusal: 'absurd-time' });
});

test('property: what passes is read from a pack as it was said', () => {
  const anything = fc.record({
    quantity: fc.oneof(fc.string(), fc.constantFrom('a', 'load/1')),
    unit: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('', ...Object.keys(units))),
    timeMs: fc.oneof(fc.integer(), fc.integer({ min: 0, max: nowMs * 2 })),
    value: fc.oneof(fc.double(), fc.boolean(), fc.string()),
  });
  fc.assert(
    fc.property(anything, (given) => {
      const reading = { ...given, value: given.value === 0 ? 0 : given.value };
      try {
        checkReading(reading, 'synchronised', nowMs);
      } catch {
        return;
      }
      assert.deepEqual(decodePack(encodePack([reading]), contentTypes.senmlCbor, 's'), [reading]);
    }),
    { numRuns: 2_000 },
  );
});
