import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reading } from '@trine/protocol';
import { entry } from './domain.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { ORIGIN, Scene } from './testing/scene.ts';
import { outcome, toyDomain } from './testing/toy.ts';

/** 2026-01-01. */
const T0 = 1_767_225_600_000;
const WINDOW = { trigger: 'window', fromMs: T0, toMs: T0 + 1_000 };
const reading = (ms: number): Reading => ({ quantity: 'q', unit: '', timeMs: T0 + ms, value: 1 });

test('a fork holds what began before it was recovered from, and nothing later; what was said in between is no value', async () => {
  const domain = toyDomain({
    engine: {
      decide: ({ inputs }) => {
        const { readings = [] } = inputs.get('said') ?? {};
        return outcome({ facts: { values: readings.length }, effects: [entry('payer', 'recipient', 5, 'EUR')] });
      },
    },
  });
  const scene = new Scene({ domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000 });
  const first = await scene.say('thing/1', [reading(1)]);
  const one = await scene.say('thing/1', [reading(10)], { seq: 1, prev: first.statement.id });
  const two = await scene.say('thing/1', [reading(11)], { seq: 1, prev: first.statement.id });
  // Dated into the time after the recovery, and in the place of what was said before the fork.
  const ahead = { seq: 2, prev: two.statement.id, atMs: T0 + 12, supersedes: first.statement.id };
  await scene.say('thing/1', [reading(1_500)], ahead);
  const recovery = { keyOwner: 'thing/1', subject: 'thing/1', from: { epoch: 0, seq: 1 }, epoch: 1 };
  const recoveries = [{ ...recovery, origin: ORIGIN, index: scene.log.length, arrivalMs: T0 + 500 }];
  await scene.say('thing/1', [reading(600)], { epoch: 1, seq: 0, prev: new Uint8Array(32) });
  await scene.say('thing/1', [reading(1_600)], { epoch: 1, seq: 1 });
  const decide = async (fromMs: number, given: Partial<Evaluation> = {}) => {
    const obligation = { ...WINDOW, fromMs, toMs: fromMs + 1_000 };
    const evaluation = await scene.evaluation(obligation, scene.log.length, obligation.toMs + 100);
    const forks = scene.opened().filter(({ index }) => index === one.index || index === two.index);
    const { decision } = evaluate({ ...evaluation, forks, ...given });
    return [decision.outcome, decision.facts.values];
  };
  // In the first window the fork holds whatever there is; its two sides, and the one ahead of it, have no value.
  assert.deepEqual(await decide(T0, { recoveries }), ['hold', 2]);
  assert.deepEqual(await decide(T0 + 1_000), ['hold', 2]);
  assert.deepEqual(await decide(T0 + 1_000, { recoveries }), ['pay', 1]);
});
