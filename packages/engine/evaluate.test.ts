import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import {
  commitMap,
  decisionPayload,
  type Effect,
  entriesOf,
  obligationId,
  openDisclosure,
  policyHash,
  type Reading,
  rowPayload,
  toHex,
} from '@trine/protocol';
import { alert, entry, type Outcome, type RowInput } from './domain.ts';
import { type Evaluation, evaluate, evaluateRow, inputOf } from './evaluate.ts';
import { saltsOf } from './states.ts';
import { Scene, type SceneOptions, shortEntries } from './testing/scene.ts';
import { outcome, type ToyParts, type ToyTerms, toyDomain } from './testing/toy.ts';

/** 2026-01-01. */
const T0 = 1_767_225_600_000;
const WINDOW = { trigger: 'window', fromMs: T0, toMs: T0 + 1_000 };
const reading = (ms: number, value: Reading['value'] = 1): Reading => ({
  quantity: 'q',
  unit: '',
  timeMs: T0 + ms,
  value,
});

function sceneOf(parts: ToyParts = {}, given: Partial<SceneOptions<ToyTerms>> = {}): Scene<ToyTerms> {
  const domain = toyDomain(parts);
  return new Scene({ domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000, ...given });
}

/** What a window with one reading rests on. */
async function evaluationOf(parts: ToyParts = {}, given: Partial<SceneOptions<ToyTerms>> = {}): Promise<Evaluation> {
  const scene = sceneOf(parts, given);
  await scene.say('thing/1', [reading(1)]);
  return scene.evaluation(WINDOW, scene.log.length, T0 + 1_100);
}

const deciding = (given: Partial<Outcome>): ToyParts => ({ engine: { decide: () => outcome(given) } });

test('a decision says what it rests on, and is the same for everybody who computes it', async () => {
  const evaluation = await evaluationOf(
    deciding({ facts: { n: 1 }, effects: [entry('payer', 'recipient', 5, 'EUR')] }),
  );
  const { decision, parts } = evaluate(evaluation);
  assert.deepEqual([decision.verdict, decision.outcome, decision.facts.n], ['ok', 'pay', 1]);
  assert.deepEqual(decision.policy, policyHash(evaluation.policy));
  assert.equal(parts.get('')?.length, 1);
  assert.deepEqual(
    [decision.rows, decision.supersedes, decision.continues, decision.agreement],
    Array(4).fill(undefined),
  );
  assert.deepEqual(decisionPayload.encode(evaluate(evaluation).decision), decisionPayload.encode(decision));
  const encoded = decisionPayload.encode(decision);
  assert.deepEqual(decisionPayload.encode(decisionPayload.decode(encoded)), encoded);
});

test('of an agreement on the chain the decision names the agreement', async () => {
  const agreement = new Uint8Array(32).fill(7);
  assert.deepEqual(evaluate({ ...(await evaluationOf()), agreement }).decision.agreement, agreement);
});

test('words that are not the domain’s own are refused: they are an error of the domain', async () => {
  const odd = (code: string) => alert('info', code, 'thing/1', { template: '', arguments: {} });
  for (const [given, says] of [
    [{ verdict: 'fine' }, /decided "fine", which is none of its verdicts/],
    [{ verdict: 'constructor' }, /none of its verdicts/],
    [{ effects: [odd('strange')] }, /raised "strange", which is none of its alerts/],
  ] as const)
    await assert.rejects(async () => evaluate(await evaluationOf(deciding(given))), says);
  assert.equal(evaluate(await evaluationOf(deciding({ effects: [odd('odd')] }))).decision.outcome, 'none');
});

test('an effect that this version does not know holds, with everything beside it', async () => {
  const unknown: Effect = { tag: 'transfer', data: new Uint8Array([1]) };
  const effects = [entry('payer', 'recipient', 5, 'EUR'), unknown];
  const { decision } = evaluate(await evaluationOf(deciding({ effects })));
  assert.deepEqual([decision.gate.verdict, decision.outcome], ['hold', 'hold']);
  assert.deepEqual(decision.effects, effects, 'it is carried along');
  assert.deepEqual(decision.gate.reasons, ['an effect of another version: transfer']);
});

test('amounts are capped by the agreement, and entries that are capped away are not there', async () => {
  const effects = [
    entry('payer', 'recipient', 900_000, 'EUR'),
    entry('payer', 'recipient', 200_000, 'EUR'),
    entry('payer', 'recipient', 1, 'EUR'),
  ];
  const { decision } = evaluate(await evaluationOf(deciding({ effects })));
  assert.deepEqual(shortEntries(decision.effects), ['payer → recipient 900000 EUR', 'payer → recipient 100000 EUR']);
});

test('the engine is given what was selected, the period, the currency and the states; nothing of the engine’s own', async () => {
  const evaluation = await evaluationOf();
  const input = inputOf(evaluation);
  assert.deepEqual([...input.inputs.keys()], ['said']);
  assert.deepEqual(
    [input.currency, input.period, input.opening],
    ['EUR', { startMs: T0, endMs: T0 + 60_000 }, undefined],
  );
  assert.deepEqual(input.state('nobody'), new Uint8Array());
});

test('states: what changed has a new commitment, what did not keeps its own, what is empty was never there', async () => {
  const scene = sceneOf({
    engine: {
      decide: ({ obligation, state }) =>
        outcome({
          states: new Map([
            ['counts', new Uint8Array([(state('counts')[0] ?? 0) + 1])],
            ['stays', new Uint8Array([7])],
            ['empty', new Uint8Array()],
            ...(obligation.fromMs > T0 ? [] : [['once', new Uint8Array([1])] as const]),
          ]),
        }),
    },
  });
  for (const ms of [1, 1_001]) await scene.say('thing/1', [reading(ms)]);
  await scene.heartbeats(T0 + 1_002, T0 + 1_003, 1);
  const [first, second] = await scene.decide(T0 + 9_000);
  assert.deepEqual([...(second?.states.keys() ?? [])].sort(), ['counts', 'once', 'stays']);
  assert.equal(second?.states.get('counts')?.state[0], 2);
  for (const [key, isSame] of [
    ['stays', true],
    ['once', true],
    ['counts', false],
  ] as const)
    assert.equal(first?.states.get(key)?.disclosure === second?.states.get(key)?.disclosure, isSame, key);
  assert.deepEqual(second?.decision.statesBefore, first?.decision.statesAfter);
});

/** A line for each thing, which owes what it said; the common part says how much is too much. */
const rowParts: ToyParts = {
  rows: ({ things }) => things,
  inputs: ({ things }, { fromMs, toMs }) => [
    { name: 'price', subjects: ['market/1'], kinds: ['pack'], fromMs, toMs },
    ...things.map((thing) => ({ name: 'said', subjects: [thing], kinds: ['pack'] as const, fromMs, toMs, row: thing })),
  ],
  engine: {
    decide: ({ inputs }) => outcome({ facts: { price: Number(inputs.get('price')?.readings[0]?.value ?? 1) } }),
    row: ({ key, inputs, common, state }: RowInput<ToyTerms>) => {
      const said = Number(inputs.get('said')?.readings[0]?.value ?? 0);
      const amount = said * Number(common.facts.price);
      return {
        ...outcome({ facts: { said, inputs: inputs.size } }),
        state: new Uint8Array([(state(key)[0] ?? 0) + 1]),
        effects: amount > 0 ? [entry(key, 'recipient', amount, 'EUR')] : [],
      };
    },
    total: (_input, _common, rows) => ({
      verdict: 'bad',
      facts: {
        lines: rows.size,
        price: 99,
        sum: [...rows.values()].reduce((sum, { facts }) => sum + Number(facts.said), 0),
      },
      reason: { template: 'all', arguments: {} },
    }),
  },
};
const three = { terms: { things: ['thing/1', 'thing/2', 'thing/3'] } };

async function rowsOf(parts: ToyParts = rowParts) {
  const scene = sceneOf(parts, three);
  await scene.say('market/1', [reading(1, 10)]);
  for (const [i, thing] of ['thing/1', 'thing/2'].entries()) await scene.say(thing, [reading(2 + i, 3 + i)]);
  return scene.evaluation(WINDOW, scene.log.length, T0 + 1_100);
}

test('rows: each sees its own and what is common; the decision names them by one root', async () => {
  const { decision, rows, states } = evaluate(await rowsOf());
  const shown = [...rows].map(([key, { row }]) => [key, row.outcome, ...shortEntries(row.effects)]);
  assert.deepEqual(shown, [
    ['thing/1', 'pay', 'thing/1 → recipient 30 EUR'],
    ['thing/2', 'pay', 'thing/2 → recipient 40 EUR'],
    ['thing/3', 'none'],
  ]);
  assert.ok([...rows.values()].every(({ row }) => row.facts.inputs === 1));
  assert.deepEqual(decision.rows, commitMap(new Map([...rows].map(([key, { commitment }]) => [key, commitment]))));
  assert.equal(decision.outcome, 'pay', 'where a line pays the decision does');
  assert.deepEqual(entriesOf(decision), []);
  assert.deepEqual(
    [...states].map(([key, { state }]) => [key, state[0]]),
    [
      ['thing/1', 1],
      ['thing/2', 1],
      ['thing/3', 1],
    ],
  );
  const { row, disclosure } = rows.get('thing/2') ?? assert.fail();
  assert.deepEqual(rowPayload.encode(rowPayload.decode(openDisclosure(disclosure))), rowPayload.encode(row));
});

test('sums over all lines are said in public; what the lines rest on is not overwritten by them', async () => {
  const { decision } = evaluate(await rowsOf());
  assert.deepEqual(decision.facts, { lines: 3, price: 10, sum: 7 });
  assert.deepEqual([decision.verdict, decision.reason.template], ['bad', 'all']);
});

test('one line is computed alone, from its own inputs and the published decision', async () => {
  const evaluation = await rowsOf();
  const { decision, rows, parts } = evaluate(evaluation);
  const common = { ...decision, score: undefined as never, states: new Map() };
  for (const [key, { row }] of rows) {
    const candidates = [...(parts.get(key) ?? []), ...(parts.get('') ?? [])].sort((a, b) => a.index - b.index);
    assert.deepEqual(
      rowPayload.encode(evaluateRow({ ...evaluation, candidates }, key, common).row),
      rowPayload.encode(row),
    );
  }
  await assert.rejects(
    async () => evaluateRow(await evaluationOf({ rows: () => ['a'] }), 'a', outcome()),
    /The domain toy has no rows/,
  );
  assert.throws(() => evaluateRow(evaluation, 'stranger/1', common), /has no line of stranger\/1 here/);
});

test('what is common is held: so is every line; one line is held: the others pay', async () => {
  const scene = sceneOf(rowParts, three);
  await scene.say('market/1', [reading(1, 10)], { class: 'simulated' });
  for (const thing of ['thing/1', 'thing/2']) await scene.say(thing, [reading(2, 3)]);
  const common = evaluate(await scene.evaluation(WINDOW, 3, T0 + 1_100));
  assert.deepEqual(
    [...common.rows.values()].map(({ row }) => row.outcome),
    ['hold', 'hold', 'none'],
  );
  assert.equal(common.decision.outcome, 'hold');
  const other = sceneOf(rowParts, three);
  await other.say('market/1', [reading(1, 10)]);
  await other.say('thing/1', [reading(2, 3)], { class: 'simulated' });
  await other.say('thing/2', [reading(3, 3)]);
  const { rows, decision } = evaluate(await other.evaluation(WINDOW, 3, T0 + 1_100));
  assert.deepEqual(
    [...rows.values()].map(({ row }) => row.outcome),
    ['hold', 'pay', 'none'],
  );
  assert.equal(decision.outcome, 'pay');
});

test('where all rests on the lines, the common part needs nobody’s word', async () => {
  const parts: ToyParts = {
    ...rowParts,
    inputs: (terms, obligation) => rowParts.inputs?.(terms, obligation).slice(1) ?? [],
  };
  const scene = sceneOf(parts, three);
  await scene.say('thing/1', [reading(2, 3)]);
  const { decision } = evaluate(await scene.evaluation(WINDOW, 1, T0 + 1_100));
  assert.deepEqual([decision.gate.verdict, decision.outcome], ['pass', 'pay']);
});

test('a correction names what it corrects, and orders the difference, in every line for itself', async () => {
  const scene = sceneOf(rowParts, { ...three, policy: { correctableMs: 30_000 } });
  await scene.say('market/1', [reading(1, 10)]);
  const wrong = await scene.say('thing/1', [reading(2, 3)]);
  await scene.say('thing/2', [reading(3, 4)]);
  await scene.heartbeats(T0 + 1_200, T0 + 1_201, 1);
  await scene.decide(T0 + 1_200);
  await scene.say('thing/1', [reading(2, 5)], { atMs: T0 + 5_000, supersedes: wrong.statement.id });
  await scene.heartbeats(T0 + 6_000, T0 + 6_001, 1);
  const [correction] = (await scene.decide(T0 + 6_000)).filter(({ decision }) => decision.supersedes);
  assert.deepEqual(
    [...(correction?.rows.values() ?? [])].map(({ row }) => [row.facts.said, ...shortEntries(row.effects)]),
    [[5, 'thing/1 → recipient 20 EUR'], [4], [0]],
  );
  const first = scene.decisions[0]?.evaluated.decision;
  assert.deepEqual(correction?.decision.statesBefore, first?.statesBefore, 'it starts from where its base started');
  assert.deepEqual(
    [...scene.states.values()].map(({ state }) => state[0]),
    [2, 2, 2],
    'and continues nothing',
  );
});

test('forks stand among the inputs of the part that they are about, and hold it alone', async () => {
  const scene = sceneOf(rowParts, three);
  await scene.say('market/1', [reading(1, 10)]);
  await scene.say('thing/1', [reading(2, 3)]);
  await scene.say('thing/2', [reading(3, 4)]);
  const before = scene.log.length;
  const sides = [
    await scene.say('thing/2', [reading(5_000)], { seq: 9 }),
    await scene.say('thing/2', [reading(5_001)], { seq: 9 }),
  ];
  const evaluation = await scene.evaluation(WINDOW, before, T0 + 1_100);
  const forks = scene.opened().filter(({ index }) => sides.some((one) => one.index === index));
  const { rows, parts } = evaluate({ ...evaluation, forks });
  assert.deepEqual(
    [...rows.values()].map(({ row }) => row.outcome),
    ['pay', 'hold', 'none'],
  );
  assert.deepEqual([parts.get('')?.length, parts.get('thing/1')?.length, parts.get('thing/2')?.length], [1, 1, 3]);
});

test('a leaf that cannot be read holds the line that its header falls under, and no other', async () => {
  const scene = sceneOf(rowParts, three);
  await scene.say('market/1', [reading(1, 10)]);
  await scene.say('thing/1', [reading(2, 3)]);
  await scene.say('thing/2', [reading(3, 4)]);
  const evaluation = await scene.evaluation(WINDOW, scene.log.length, T0 + 1_100);
  const outcomesOf = (unreadable: Evaluation['unreadable']) => {
    const { rows, decision } = evaluate({ ...evaluation, ...(unreadable && { unreadable }) });
    return [decision.gate.verdict, ...[...rows.values()].map(({ row }) => row.outcome)];
  };
  assert.deepEqual(outcomesOf(undefined), ['pass', 'pay', 'pay', 'none']);
  assert.deepEqual(outcomesOf([{ index: 90, subject: 'thing/2' }]), ['pass', 'pay', 'hold', 'none']);
  assert.deepEqual(outcomesOf([{ index: 90, subject: 'market/1' }]), ['hold', 'hold', 'hold', 'none']);
  assert.deepEqual(outcomesOf([{ index: 90, subject: 'stranger/1' }]), ['pass', 'pay', 'pay', 'none']);
});

test('a domain that does not select what its obligation is about is found out', async () => {
  const parts: ToyParts = {
    triggers: [{ name: 'event', on: 'event', graceMs: 0, subjects: ['person/1'], matches: () => true }],
    inputs: (_terms, { fromMs, toMs }, opening) =>
      opening ? [] : [{ name: 'all', subjects: ['person/1'], kinds: ['event'], fromMs, toMs }],
  };
  const scene = sceneOf(parts);
  await scene.event('person/1', 'text/plain', 'x', T0 + 5);
  await assert.rejects(scene.decide(T0 + 100), /does not select what the obligation is about/);
});

test('the statements that opened and closed a session are given to the engine and to the domain’s selectors', async () => {
  const text = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body)) as string;
  const scene = sceneOf({
    triggers: [
      {
        name: 'session',
        on: 'session',
        graceMs: 0,
        subjects: ['person/*', 'gate/1'],
        maxMs: 500,
        opens: ({ body }) => (text(body) === 'in' ? 'key' : undefined),
        closes: ({ body }) => (text(body) === 'out' ? 'key' : undefined),
      },
    ],
    inputs: (_terms, { fromMs, toMs }, opening) => [
      { name: 'said', subjects: [opening?.subject ?? 'person/*', 'gate/1'], kinds: ['event'], fromMs, toMs },
    ],
    engine: {
      decide: ({ opening, closing, inputs }) =>
        outcome({
          facts: {
            opening: opening?.subject ?? '',
            closing: closing?.subject ?? '',
            events: inputs.get('said')?.events.length ?? 0,
          },
        }),
    },
  });
  await scene.event('person/1', 'text/plain', 'in', T0);
  await scene.event('person/2', 'text/plain', 'no', T0 + 10);
  await scene.event('gate/1', 'text/plain', 'out', T0 + 100);
  await scene.decide(T0 + 200);
  assert.deepEqual(scene.decisions[0]?.evaluated.decision.facts, { opening: 'person/1', closing: 'gate/1', events: 2 });
});

test('plausibility: what speaks against the subject holds, and the trust is kept', async () => {
  const { decision, states } = evaluate(
    await evaluationOf(deciding({ effects: [entry('payer', 'recipient', 5, 'EUR')] }), {
      policy: {
        plausibility: {
          trustMinPpm: 0,
          ranges: [{ quantity: 'q', minMilli: 2_000, maxMilli: 3_000 }],
          neighbours: [],
          balances: [],
        },
      },
    }),
  );
  assert.deepEqual([decision.outcome, decision.trust?.[0]?.subject], ['hold', 'thing/1']);
  assert.match(decision.gate.reasons[0] ?? '', /^implausible: /);
  assert.equal(states.has('$trust'), true);
});

test('a monitor advises: no caps, no owners, no money', async () => {
  const effects = [entry('payer', 'recipient', 5_000_000, 'EUR')];
  const { decision } = evaluate(await evaluationOf(deciding({ effects }), { monitor: true }));
  assert.deepEqual([decision.outcome, ...shortEntries(decision.effects)], ['advice', 'payer → recipient 5000000 EUR']);
});

test('salts are HKDF’s: another for every purpose, key, obligation and policy', () => {
  const secret = new Uint8Array(32).fill(3);
  const hmac = (message: Uint8Array) => new Uint8Array(createHmac('sha256', secret).update(message).digest());
  const salt = saltsOf(hmac, new Uint8Array(32), WINDOW);
  const expected = createHmac('sha256', secret)
    .update(`trine row/${'00'.repeat(32)}/${toHex(obligationId(WINDOW))}/thing/1\u0001`)
    .digest()
    .subarray(0, 16);
  assert.equal(toHex(salt('row', 'thing/1')), expected.toString('hex'));
  const others = [
    salt('state', 'thing/1'),
    salt('row', 'thing/2'),
    saltsOf(hmac, new Uint8Array(32), { ...WINDOW, toMs: 1 })('row', 'thing/1'),
  ];
  assert.equal(new Set([salt('row', 'thing/1'), ...others].map(toHex)).size, 4);
});
