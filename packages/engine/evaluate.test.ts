import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Agreement,
  type AssuranceClass,
  contentTypes,
  decisionPayload,
  encodePack,
  equalBytes,
  type InputStatement,
  runtimeHash,
  runtimes,
  sha256,
  signStatement,
  toHex,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { testTerms } from './checks/domain.ts';
import type { Domain } from './domain.ts';
import { evaluate, inputRanges } from './evaluate.ts';

const signer = temporarySigner();
const windowMs = 10_000;
const startMs = 1_763_884_800_000;
const hash = '0'.repeat(64);
const strict = runtimeHash(runtimes.strict);
/** Counts readings; breached without any. State: how many so far. */
const domain: Domain = {
  name: 'counting',
  things: [],
  model: () => ({ name: 'counting', version: '1', code: hash, configuration: hash, runtime: strict }),
  judge: ({ state, readings }) => ({
    state: Uint8Array.of((state[0] ?? 0) + readings.length),
    scorePpm: 0,
    thresholdPpm: 0,
    facts: { readings: readings.length },
    verdict: readings.length > 0 ? 'met' : 'breached',
    amount: readings.length > 0 ? 0 : 700,
    reason: { template: '{n} readings', arguments: { n: readings.length } },
  }),
};
const terms: Agreement = {
  ...testTerms(domain, {}, windowMs),
  window: { startMs, endMs: startMs + 10 * windowMs, lengthMs: windowMs, graceMs: 0 },
};

const heads = new Map<string, { seq: number; id: Uint8Array }>();
let index = 0;
async function pack(
  subject: string,
  offsetMs: number,
  more: { class?: AssuranceClass; owner?: string; seq?: number; prev?: Uint8Array; epoch?: number } = {},
): Promise<InputStatement> {
  const head = heads.get(subject);
  const timeMs = startMs + offsetMs;
  const prev = more.prev ?? head?.id;
  const statement = await signStatement(signer, {
    kind: 'pack',
    subject,
    network: terms.network,
    epoch: more.epoch ?? 0,
    seq: more.seq ?? (head ? head.seq + 1 : 0),
    ...(prev && { prev }),
    clock: 'synchronised',
    class: more.class ?? 'software',
    contentType: contentTypes.senmlCbor,
    payload: encodePack([{ quantity: 'x', unit: '', timeMs, value: offsetMs }]),
  });
  heads.set(subject, { seq: statement.header.seq, id: statement.id });
  return {
    index: index++,
    arrivalMs: timeMs,
    statement,
    body: statement.payload,
    keyOwner: subject,
    owner: more.owner ?? 'did:key:owner',
    ownerAddress: more.owner ?? '0xowner',
  };
}
const awake = async () => [await pack('node/1', 1_000), await pack('node/1', 5_000), await pack('node/1', 9_000)];
const run = (inputs: InputStatement[], change: Partial<Agreement> = {}, stateBefore = new Uint8Array()) =>
  evaluate({
    domain,
    agreement: new Uint8Array(32),
    terms: { ...terms, ...change },
    model: { identity: change.model ?? terms.model, parameters: {} },
    obligation: { subject: 'thing/1', fromMs: startMs, toMs: startMs + windowMs },
    asOf: { origin: 'test', size: 1_000, root: new Uint8Array(32) },
    stateBefore,
    inputs,
  });

test('readings within the window count, in the order of event time; state goes on', async () => {
  const inputs = [
    ...(await awake()),
    await pack('thing/1', 8_000),
    await pack('thing/1', 2_000),
    await pack('thing/1', 12_000),
  ];
  const { decision, stateAfter } = run(inputs, {}, Uint8Array.of(40));
  assert.equal(decision.verdict, 'met');
  assert.equal(decision.facts.readings, 2);
  assert.deepEqual([...stateAfter], [42]);
  assert.ok(equalBytes(decision.stateBefore, sha256(Uint8Array.of(40))));
  assert.ok(equalBytes(decision.stateAfter, sha256(stateAfter)));
});

test('a breach pays at most what one occasion may', async () => {
  const { decision } = run(await awake());
  assert.deepEqual([decision.verdict, decision.outcome, decision.amount], ['breached', 'pay', 100]);
});

test('a log that was asleep proves no silence: held, and said why', async () => {
  const { decision } = run([await pack('node/1', 1_000)], { gate: { ...terms.gate, heartbeatGapMsMax: 5_000 } });
  assert.deepEqual([decision.verdict, decision.outcome], ['breached', 'hold']);
  assert.match(decision.gate.reasons.join(), /took nothing for 9 s/);
});

test('the recipient’s own statements do not count as owners', async () => {
  const own = await Promise.all(
    [1_000, 5_000, 9_000].map((at) => pack('node/1', at, { owner: terms.recipient.address })),
  );
  const { decision } = run(own);
  assert.deepEqual([decision.gate.owners, decision.outcome], [0, 'hold']);
});

test('a class below the agreed one holds the payment', async () => {
  const strict = { ...terms.gate, classMin: 'hardware' as const };
  const inputs = [...(await awake()), await pack('thing/1', 11_000, { class: 'imported' })];
  assert.match(run(inputs, { gate: strict }).decision.gate.reasons.join(), /class imported; at least hardware/);
});

test('both sides of a fork hold the payment', async () => {
  heads.delete('thing/1');
  const one = await pack('thing/1', 20_000, { seq: 5, prev: new Uint8Array(32) });
  const other = await pack('thing/1', 21_000, { seq: 5, prev: new Uint8Array(32) });
  const { decision } = run([...(await awake()), one, other]);
  assert.match(decision.gate.reasons.join(), /a fork or a clone/);
  assert.equal(decision.outcome, 'hold');
});

test('an old epoch that goes on beside the new one holds the payment', async () => {
  heads.delete('thing/1');
  const old = await pack('thing/1', 20_000, { epoch: 0, seq: 0 });
  const fresh = await pack('thing/1', 21_000, { epoch: 1, seq: 0, prev: old.statement.id });
  const clone = await pack('thing/1', 22_000, { epoch: 0, seq: 1, prev: old.statement.id });
  assert.equal(run([...(await awake()), old, fresh]).decision.gate.verdict, 'pass');
  assert.equal(run([...(await awake()), old, fresh, clone]).decision.gate.verdict, 'hold');
});

test('the order in which inputs are given does not matter, the readings do', async () => {
  heads.clear();
  const inputs = [...(await awake()), await pack('thing/1', 3_000), await pack('thing/1', 4_000)];
  const bytes = (list: InputStatement[]) => toHex(decisionPayload.encode(run(list).decision));
  assert.equal(bytes(inputs), bytes(inputs.toReversed()));
  assert.notEqual(bytes(inputs), bytes(inputs.slice(0, -1)));
});

test('inputs are named as unbroken runs of their chains', async () => {
  heads.clear();
  const [a, b, , d] = [
    await pack('thing/1', 1),
    await pack('thing/1', 2),
    await pack('thing/1', 3),
    await pack('thing/1', 4),
  ];
  const ranges = inputRanges([a, b, d] as InputStatement[]);
  assert.deepEqual(
    ranges.map(({ fromSeq, toSeq, count }) => [fromSeq, toSeq, count]),
    [
      [0, 1, 2],
      [3, 3, 1],
    ],
  );
});

test('another model than the one agreed on is refused', () => {
  assert.throws(() => run([], { model: { ...terms.model, code: 'f'.repeat(64) } }), /decision is for model/);
});

const plausibility = {
  trustMinPpm: 500_000,
  ranges: [],
  neighbours: [{ quantity: 'x', peers: ['thing/2', 'thing/3'], peersMin: 2, toleranceMilli: 1_000_000 }],
  balances: [],
};

test('implausible data hold the payment: said why, trust is remembered in the state, and peers are inputs', async () => {
  heads.clear();
  const apart = [
    ...(await awake()),
    await pack('thing/1', 9_500),
    await pack('thing/2', 1_000),
    await pack('thing/3', 1_100),
  ];
  const always: Domain = { ...domain, judge: (input) => ({ ...domain.judge(input), verdict: 'breached', amount: 50 }) };
  const judge = (inputs: InputStatement[], state = new Uint8Array()) =>
    evaluate({
      domain: always,
      agreement: new Uint8Array(32),
      terms: { ...terms, trine: 'agreement/2', plausibility },
      model: { identity: terms.model, parameters: {} },
      obligation: { subject: 'thing/1', fromMs: startMs, toMs: startMs + windowMs },
      asOf: { origin: 'test', size: 1_000, root: new Uint8Array(32) },
      stateBefore: state,
      inputs,
    });
  const held = judge(apart);
  assert.deepEqual([held.decision.verdict, held.decision.outcome], ['breached', 'hold']);
  assert.match(held.decision.gate.reasons.join(), /implausible: x: thing\/1 says 9500, things beside it 1100/);
  assert.equal(held.decision.facts.readings, 1, 'the rule is given the subject’s own readings alone');
  assert.deepEqual(
    held.decision.trust?.map(({ subject }) => subject),
    ['thing/1', 'thing/2', 'thing/3'],
  );
  assert.ok(held.decision.inputs.some(({ subject }) => subject === 'thing/3'));

  heads.clear();
  const together = [
    ...(await awake()),
    await pack('thing/1', 1_050),
    await pack('thing/2', 1_000),
    await pack('thing/3', 1_100),
  ];
  const doubted = judge(together, Uint8Array.from(held.stateAfter));
  assert.match(doubted.decision.gate.reasons.join(), /trust of 39 %; at least 50 % needed/);
  const fresh = judge(together);
  assert.deepEqual([fresh.decision.gate.verdict, fresh.decision.outcome], ['pass', 'pay']);
  const alone = judge(together.slice(0, -1));
  assert.match(alone.decision.gate.reasons.join(), /not checked: x: 1 neighbours spoke, 2 needed/);
  assert.ok(decisionPayload.encode(held.decision).length > 0);
});

test('under a watch nothing is paid: a breach is advice', async () => {
  const { money, payer, recipient, arbiter, deciders, modelChange, trine, ...rest } = terms;
  void [money, payer, recipient, arbiter, deciders, modelChange, trine];
  const watch = { trine: 'watch/1' as const, ...rest, currency: 'EUR' };
  const { decision } = evaluate({
    domain,
    agreement: undefined,
    terms: watch,
    model: { identity: terms.model, parameters: {} },
    obligation: { subject: 'thing/1', fromMs: startMs, toMs: startMs + windowMs },
    asOf: { origin: 'test', size: 1_000, root: new Uint8Array(32) },
    stateBefore: new Uint8Array(),
    inputs: await awake(),
  });
  assert.deepEqual(
    [decision.verdict, decision.outcome, decision.amount, decision.agreement],
    ['breached', 'advice', 700, undefined],
  );
});

test('a model of an arithmetic that may differ between machines advises and does not pay', async () => {
  heads.clear();
  const model = { ...terms.model, runtime: runtimeHash(runtimes.onnx) };
  const floating: Domain = { ...domain, model: () => model };
  const { decision } = evaluate({
    domain: floating,
    agreement: new Uint8Array(32),
    terms: { ...terms, model },
    model: { identity: model, parameters: {} },
    obligation: { subject: 'thing/1', fromMs: startMs, toMs: startMs + windowMs },
    asOf: { origin: 'test', size: 1_000, root: new Uint8Array(32) },
    stateBefore: new Uint8Array(),
    inputs: await awake(),
  });
  assert.equal(decision.outcome, 'hold');
  assert.match(decision.gate.reasons.join(), /may advise, not pay/);
});
