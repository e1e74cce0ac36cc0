// What comes late, and what replaces what came: deciding and correcting comes to what deciding over everything at once does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InputStatement, obligationId, type Reading, toHex } from '@trine/protocol';
import fc from 'fast-check';
import { checkArises } from './arises.ts';
import { entry } from './domain.ts';
import { type Evaluated, evaluate } from './evaluate.ts';
import { ORIGIN, Scene, shortEntries } from './testing/scene.ts';
import { outcome, type ToyTerms, toyDomain } from './testing/toy.ts';

const T0 = 1_767_225_600_000;
const SPAN_MS = 6_000;
const reading = (ms: number, value: number): Reading => ({ quantity: 'q', unit: '', timeMs: T0 + ms, value });

/** The payer owes the sum of what was said; every window of a second with a grace of a tenth is decided. */
function sceneOf(): Scene<ToyTerms> {
  const domain = toyDomain({
    engine: {
      decide: ({ inputs }) => {
        const sum = (inputs.get('said')?.readings ?? []).reduce((all, { value }) => all + Number(value), 0);
        return outcome({ facts: { sum }, effects: sum > 0 ? [entry('payer', 'recipient', sum, 'EUR')] : [] });
      },
    },
  });
  const policy = { correctableMs: 600_000 };
  return new Scene({
    domain,
    terms: {},
    subject: 'thing/1',
    startMs: T0,
    endMs: T0 + SPAN_MS,
    policy,
    heartbeatEveryMs: 500,
  });
}

/** One statement: when it arrives, what it speaks of, and which earlier one it replaces, if any. */
const step = fc.record({
  afterMs: fc.nat(1_500),
  atMs: fc.nat(SPAN_MS - 1),
  value: fc.integer({ min: 1, max: 99 }),
  replaces: fc.option(fc.nat(20), { nil: undefined }),
});

interface Told {
  readonly scene: Scene<ToyTerms>;
  readonly endMs: number;
}

async function tell(
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  isLive: boolean,
): Promise<Told> {
  const scene = sceneOf();
  const said: InputStatement[] = [];
  let nowMs = T0;
  for (const { afterMs, atMs, value, replaces } of steps) {
    nowMs += afterMs;
    if (isLive) await scene.decide(nowMs);
    const replaced = replaces === undefined ? undefined : said[replaces % Math.max(1, said.length)];
    const supersedes = replaced && { supersedes: replaced.statement.id };
    said.push(await scene.say('thing/1', [reading(atMs, value)], { atMs: nowMs, ...supersedes }));
  }
  const endMs = Math.max(nowMs, T0 + SPAN_MS) + 10_000;
  // Something that arrives after all graces, so that the log shows that they are over.
  for (const atMs of [endMs, endMs + 5_000]) {
    await scene.decide(atMs);
    await scene.heartbeats(atMs, atMs + 1, 1);
  }
  await scene.decide(endMs + 5_000);
  return { scene, endMs };
}

/** What flowed in each window in all, and the sum that was said last. */
function settled({ scene }: Told): Map<number, { paid: number; sum: unknown }> {
  const found = new Map<number, { paid: number; sum: unknown }>();
  for (const { due, evaluated } of scene.decisions) {
    const { fromMs } = due.obligation;
    const paid = shortEntries(evaluated.decision.effects).reduce((all, text) => {
      const [from, , , amount] = text.split(' ');
      return all + (from === 'payer' ? Number(amount) : -Number(amount));
    }, found.get(fromMs)?.paid ?? 0);
    found.set(fromMs, { paid, sum: evaluated.decision.facts.sum });
  }
  return found;
}

const inputsOf = ({ parts }: Evaluated) => [...parts.values()].flat().sort((a, b) => a.index - b.index);

test('property: decided and corrected is what it would have been over everything at once, whatever replaces what', async () => {
  let corrections = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const live = await tell(steps, true);
      const now = settled(live);
      const { scene, endMs } = live;
      for (const [fromMs, { paid, sum }] of now) {
        const obligation = { trigger: 'window', fromMs, toMs: fromMs + 1_000 };
        const { decision } = evaluate(await scene.evaluation(obligation, scene.log.length, endMs));
        assert.equal(sum, decision.facts.sum, `the window at ${fromMs - T0}`);
        assert.equal(paid, decision.facts.sum);
      }
      corrections += scene.decisions.filter(({ due }) => due.obligation.base).length;
    }),
    { numRuns: 60 },
  );
  assert.ok(corrections > 20, `${corrections} corrections`);
});

test('property: each correction arises by what came late, at its time and at no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const { scene } = await tell(steps, true);
      for (const [i, { due, evaluated }] of scene.decisions.entries()) {
        const { obligation, dueMs } = due;
        const { base } = obligation;
        if (base === undefined) continue;
        const before = scene.decisions
          .slice(0, i)
          .findLast((one) => toHex(one.due.obligation.base ?? obligationId(one.due.obligation)) === toHex(base));
        const seenTo = before?.evaluated.decision.cuts[0]?.index as number;
        const check = (atMs: number, from: number, inputs = inputsOf(evaluated)) =>
          checkArises(
            scene.domain,
            scene.policy,
            { obligation, cuts: [{ atMs }], sinceMs: 0, seen: [{ origin: ORIGIN, index: from, atMs: 0 }] },
            inputs,
          );
        check(dueMs, seenTo);
        for (const off of [-1, 1, 60_000]) assert.throws(() => check(dueMs + off, seenTo), /not decided at its time/);
        const early = inputsOf(evaluated).filter(({ index }) => index < seenTo);
        assert.throws(() => check(dueMs, seenTo, early), /Nothing came late/);
      }
    }),
    { numRuns: 30 },
  );
});

test('what replaces a reading by one of another time corrects both times: where it was and where it is', async () => {
  const scene = sceneOf();
  const wrong = await scene.say('thing/1', [reading(100, 5)]);
  await scene.say('thing/1', [reading(3_100, 7)]);
  await scene.decide(T0 + 4_500);
  await scene.say('thing/1', [reading(3_200, 5)], { atMs: T0 + 5_000, supersedes: wrong.statement.id });
  await scene.decide(T0 + 6_000);
  const corrections = scene.decisions.filter(({ due }) => due.obligation.base);
  assert.deepEqual(
    corrections.map(({ due, evaluated }) => [due.obligation.fromMs - T0, ...shortEntries(evaluated.decision.effects)]),
    [
      [0, 'recipient → payer 5 EUR'],
      [3_000, 'payer → recipient 5 EUR'],
    ],
  );
});
