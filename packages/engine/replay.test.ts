import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionPayload, NotChecked, type ReplayInput, rowPayload, withParameters } from '@trine/protocol';
import { entry } from './domain.ts';
import { evaluate } from './evaluate.ts';
import { Domains, replayWith } from './replay.ts';
import { Scene, testIdentity } from './testing/scene.ts';
import { outcome, type ToyParts, toyDomain } from './testing/toy.ts';

/** 2026-01-01. */
const T0 = 1_767_225_600_000;
const WINDOW = { trigger: 'window', fromMs: T0, toMs: T0 + 1_000 };
const parts: ToyParts = {
  rows: ({ things }) => things,
  inputs: ({ things }, { fromMs, toMs }) =>
    things.map((thing) => ({ name: 'said', subjects: [thing], kinds: ['pack'] as const, fromMs, toMs, row: thing })),
  engine: {
    decide: () => outcome({ facts: { price: 2 } }),
    row: ({ key, common, inputs }) => ({
      ...outcome(),
      effects: [entry(key, 'recipient', Number(common.facts.price) * Number(inputs.get('said')?.statements), 'EUR')],
    }),
  },
};
const domain = toyDomain(parts);
const identity = testIdentity('toy');

/** A decision, and what a file about it holds. */
async function decided(): Promise<{ made: ReturnType<typeof evaluate>; given: ReplayInput }> {
  const scene = new Scene({ domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000 });
  await scene.say('thing/1', [{ quantity: 'q', unit: '', timeMs: T0 + 1, value: 1 }]);
  const evaluation = await scene.evaluation(WINDOW, 1, T0 + 1_100);
  const made = evaluate(evaluation);
  const { agreement, policy, obligation, cuts, heads, continues, corrected } = evaluation;
  const given: ReplayInput = {
    agreement,
    policy,
    sinceMs: 0,
    model: { identity, parameters: {} },
    obligation,
    cuts,
    heads,
    continues,
    states: new Map(),
    inputs: scene.log,
    forks: [],
    recoveries: [],
    salts: new Map([['row thing/1', evaluation.salt('row', 'thing/1')]]),
    corrected: corrected && { ...corrected, seen: [] },
    row: undefined,
    common: undefined,
  };
  return { made, given };
}

const domains = new Domains([{ domain, identity }]);

test('a decision is computed again from what a file holds, and so is one line alone', async () => {
  const { made, given } = await decided();
  const { decision, rows } = await replayWith(domains)(given);
  assert.deepEqual(decision && decisionPayload.encode(decision), decisionPayload.encode(made.decision));
  const line = made.rows.get('thing/1')?.row ?? assert.fail();
  assert.deepEqual(rowPayload.encode(rows?.get('thing/1') ?? assert.fail()), rowPayload.encode(line));
  const alone = await replayWith(domains)({ ...given, row: 'thing/1', common: made.decision });
  assert.equal(alone.decision, undefined);
  assert.deepEqual(rowPayload.encode(alone.row ?? assert.fail()), rowPayload.encode(line));
});

test('without the model that was agreed on nothing is found out, neither for nor against', async () => {
  const { given } = await decided();
  const other = { ...identity, code: 'f'.repeat(64) };
  for (const [input, says] of [
    [{ ...given, model: { identity: other, parameters: {} } }, /Ask a release that has the agreed one/],
    [{ ...given, policy: { ...given.policy, domain: 'stranger' } }, /The domain stranger is not installed here/],
  ] as const)
    await assert.rejects(
      replayWith(domains)(input),
      (error) => error instanceof NotChecked && says.test(error.message),
    );
});

test('a file that lacks a salt is not whole', async () => {
  const { given } = await decided();
  await assert.rejects(replayWith(domains)({ ...given, salts: new Map() }), {
    name: 'StepError',
    message: 'The file lacks the salt of the row of thing/1.',
  });
});

test('a model is prepared once; one that could not be is tried again', async () => {
  let opened = 0;
  const counted = toyDomain({
    open: async () => {
      if (++opened === 1) throw new Error('not yet');
      return { decide: () => outcome() };
    },
  } as never);
  const own = new Domains([{ domain: counted, identity }]);
  await assert.rejects(own.open('toy', identity, {}), /not yet/);
  const [first, second] = [await own.open('toy', identity, {}), await own.open('toy', identity, {})];
  assert.equal(first, second);
  assert.equal(opened, 2);
});

test('domains are found by name; parameters are part of a model’s identity', () => {
  assert.equal(domains.all().length, 1);
  assert.deepEqual([domains.has('toy'), domains.has('stranger')], [true, false]);
  assert.deepEqual(domains.identity('toy'), withParameters(identity, {}));
  assert.notDeepEqual(domains.identity('toy', { a: 1 }), domains.identity('toy'));
});
