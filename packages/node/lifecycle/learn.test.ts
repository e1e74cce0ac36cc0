// Learning from what people said: with its effect on what was labelled, on what was held out, and on everything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionId, type Label, labelPayload, toHex } from '@trine/protocol';
import type { LoggedPolicy } from '../projections/policies.ts';
import { installedCounting, Parts, type PartsOptions } from '../testing/parts.ts';
import { teachable } from '../testing/teachable.ts';
import { learnFromLabels } from './learn.ts';

/** Six windows, each with one of two statements; as an agreement each costs 5 cents. */
async function missing(options: PartsOptions = { installed: [teachable] }): Promise<[Parts, LoggedPolicy]> {
  const parts = await Parts.open(options);
  const logged = await parts.propose(parts.agreement());
  await parts.say(Array.from({ length: 6 }, (_, n) => ({ atMs: n * 10_000 + 2_000 })));
  await parts.decideAt(61_000);
  assert.equal(parts.decided.length, 6);
  return [parts, logged];
}

type Word = Pick<Label, 'assessment'> & Partial<Label>;
async function say(parts: Parts, n: number, word: Word): Promise<void> {
  const decision = decisionId(parts.decided[n] ?? assert.fail());
  const payload = labelPayload.encode({ trine: 'label/1', decision, by: 'Ada', note: '', ...word });
  await parts.does(parts.identities.member.issue('label', 'thing/1', payload));
}

async function learnt(parts: Parts, logged: LoggedPolicy) {
  await parts.does(parts.projections.runner.flush());
  const { model } = parts.decider.standing(logged) ?? assert.fail();
  return parts.does(learnFromLabels(parts.sources, logged, model, parts.log.size));
}

test('what most labels say is learnt, with figures of its effect', async (t) => {
  const [parts, logged] = await missing();
  t.after(() => parts.close());
  for (const n of [1, 2, 3]) await say(parts, n, { assessment: 'wrong' });
  await say(parts, 4, { assessment: 'corrected', verdict: 'missed' });
  const { parameters, card, learnt: of } = await learnt(parts, logged);
  assert.deepEqual(parameters, { lenient: 1 });
  assert.deepEqual(of.effect, {
    ...{ labels: 4, rightBefore: 1, rightAfter: 3, heldOut: 4, rightHeldOut: 3, rightHeldOutBefore: 1 },
    ...{ others: 2, differences: 2, amountBefore: 10, amountAfter: 0 },
  });
  assert.deepEqual([of.labels.length, of.asOf], [4, parts.log.size]);
  assert.match(card.result, /^3 of 4 \(before: 1\); held out 3 of 4 \(before: 1\); elsewhere 2 of 2/);
});

test('of one person the newest word on a decision counts', async (t) => {
  const [parts, logged] = await missing();
  t.after(() => parts.close());
  await say(parts, 1, { assessment: 'right' });
  await say(parts, 1, { assessment: 'wrong' });
  const { learnt: of } = await learnt(parts, logged);
  assert.deepEqual([of.effect.labels, of.effect.rightBefore, of.effect.rightAfter], [1, 0, 1]);
});

test('without labels, with such that change nothing, and where a domain does not learn, it is said why', async (t) => {
  const [parts, logged] = await missing();
  t.after(() => parts.close());
  await assert.rejects(learnt(parts, logged), /Nobody has labelled/);
  await say(parts, 1, { assessment: 'wrong', row: 'thing/1' });
  await assert.rejects(learnt(parts, logged), /Nobody has labelled/, 'of one line alone');
  await say(parts, 2, { assessment: 'right' });
  await assert.rejects(learnt(parts, logged), /1 label changes nothing/);
  const [dull, terms] = await missing({ installed: [installedCounting] });
  t.after(() => dull.close());
  await assert.rejects(learnt(dull, terms), { code: 'unsupported' });
});

test('labels under another policy teach nothing here', async (t) => {
  const [parts, logged] = await missing();
  t.after(() => parts.close());
  const other = await parts.propose(parts.monitor());
  await parts.decideAt(62_000);
  const first = parts.decided.findIndex(({ policy }) => toHex(policy) === other.hash);
  assert.notEqual(first, -1);
  await say(parts, first, { assessment: 'wrong' });
  await assert.rejects(learnt(parts, logged), /Nobody has labelled/);
  assert.deepEqual((await learnt(parts, other)).parameters, { lenient: 1 });
});
