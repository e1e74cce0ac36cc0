import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, answersPayload, type Refusal, refusals, toHex } from '@trine/protocol';
import fc from 'fast-check';
import { writeAnswers } from './answer-writer.ts';

const natural = fc.oneof(
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.nat(),
);
const answer = fc.record(
  {
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    verdict: fc.constantFrom('sealed', 'duplicate', 'refused'),
    reason: fc.constantFrom(...(Object.keys(refusals) as Refusal[])),
    index: natural,
    retryAfterMs: natural,
    epoch: natural,
    contiguousSeq: fc.oneof(natural, fc.constant(-1)),
    flag: fc.constantFrom('gap', 'reordered', 'fork', 'clone'),
  },
  { requiredKeys: ['id', 'verdict'] },
) as fc.Arbitrary<Answer>;

test('answers are written as their schema encodes them', () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 40 }), (answers) => {
      assert.equal(toHex(writeAnswers(answers)), toHex(answersPayload.encode(answers)));
    }),
  );
});

test('a message of the greatest length fits', () => {
  const answers = fc.sample(answer, { numRuns: 4_096, seed: 1 });
  assert.equal(toHex(writeAnswers(answers)), toHex(answersPayload.encode(answers)));
});
