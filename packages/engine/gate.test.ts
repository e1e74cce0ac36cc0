import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agreement, forkSides, type InputStatement, runtimeHash, runtimes } from '@trine/protocol';
import { entry } from './domain.ts';
import { type GateInput, passGate } from './gate.ts';
import { gateWords } from './gate-words.ts';
import { HEARTBEAT_SUBJECT, type SayOptions, Scene } from './testing/scene.ts';
import { type ToyTerms, toyDomain } from './testing/toy.ts';

const options = { domain: toyDomain(), terms: {}, subject: 'thing/1', startMs: 0, endMs: 60_000 };

const isForked = (inputs: readonly InputStatement[]) => forkSides(inputs).length > 0;

class Told {
  readonly scene: Scene<ToyTerms>;
  constructor(given: object = {}) {
    this.scene = new Scene({ ...options, ...given });
  }
  async say(subject: string, said: SayOptions & { ownerAddress?: string } = {}): Promise<InputStatement> {
    const atMs = said.atMs ?? this.scene.log.length;
    const one = await this.scene.say(subject, [{ quantity: 'q', unit: '', timeMs: atMs + 631_152_000_000, value: 1 }], {
      atMs,
      ...said,
    });
    return said.ownerAddress ? { ...one, ownerAddress: said.ownerAddress } : one;
  }
  gate(inputs: readonly InputStatement[], given: Partial<GateInput> = {}) {
    return passGate({
      policy: this.scene.policy,
      runtime: runtimeHash(runtimes.strict),
      effects: [entry('payer', 'recipient', 1, 'EUR')],
      inputs,
      awake: { silenceMs: 1_000, outages: [], closed: [], class: 'software' },
      plausibility: undefined,
      unreadable: [],
      ...given,
    });
  }
}

test('a statement of an owner who gains nothing, on a log that was awake, lets money pass', async () => {
  const told = new Told();
  assert.deepEqual(told.gate([await told.say('thing/1')]), {
    verdict: 'pass',
    owners: 1,
    class: 'software',
    reasons: [],
  });
});

test('owners are counted once; neither the heartbeat nor who gains is one', async () => {
  const told = new Told();
  const recipient = (told.scene.policy as Agreement).parties[1]?.address as string;
  const inputs = [
    await told.say('thing/1', { owner: 'ada' }),
    await told.say('thing/2', { owner: 'ada' }),
    await told.say('thing/3', { owner: 'bob', ownerAddress: recipient }),
    await told.say(HEARTBEAT_SUBJECT, { owner: 'node' }),
    await told.say('person/1', { owner: 'carl' }),
  ];
  assert.equal(told.gate(inputs).owners, 2);
  assert.equal(told.gate(inputs, { effects: [] }).owners, 2, 'where nothing is owed the recipient would gain');
  assert.equal(told.gate(inputs, { effects: [entry('recipient', 'person/1', 1, 'EUR')] }).owners, 2);
  const none = told.gate([]);
  assert.equal(none.verdict, 'hold');
  assert.deepEqual(none.reasons.map(gateWords), [
    'Readings of 1 owner besides who gains must stand behind a payment, and here are readings of none.',
  ]);
  assert.match(none.reasons[0] ?? '', /owners besides who gains whose statements count: 0; needed: 1/);
  assert.equal(told.gate([], { needsOwners: false }).verdict, 'pass');
});

test('under a monitor nobody gains, and any arithmetic will do', async () => {
  const told = new Told({ monitor: true });
  const fast = told.gate([await told.say('thing/1')], { runtime: runtimeHash(runtimes.onnx), effects: [] });
  assert.equal(fast.verdict, 'pass');
});

test('held: a key of too low a class, arithmetic that differs between machines, what cannot be read, what is not known', async () => {
  const told = new Told();
  const inputs = [await told.say('thing/1', { class: 'simulated' })];
  const { reasons, class: shown } = told.gate(inputs, {
    runtime: runtimeHash(runtimes.onnx),
    unreadable: [7],
    effects: [{ tag: 'transfer', data: new Uint8Array() }],
    isCommonHeld: true,
  });
  assert.equal(shown, 'simulated');
  assert.deepEqual(reasons, [
    'a statement of class simulated; at least software needed',
    'what is common to all lines is held',
    'leaf 7 cannot be read',
    'the arithmetic of the model may differ between machines: it may advise, not pay',
    'an effect of another version: transfer',
  ]);
  assert.deepEqual(reasons.map(gateWords), [
    'Some readings were signed by a simulator; these terms pay on nothing less than a software key of the device.',
    'What is common to all lines is held, and so is every line.',
    'What stands at place 7 of the log cannot be read.',
    'The arithmetic of the model may differ between machines: it may advise, not pay.',
    'It has an effect that is not known here: transfer.',
  ]);
});

test('reasons are few and short, however much is wrong', async () => {
  const told = new Told();
  const { reasons } = told.gate([], { unreadable: Array.from({ length: 50 }, (_, i) => i) });
  assert.equal(reasons.length, 8);
});

test('a fork: two statements for one place, or an epoch that goes on after a newer one began', async () => {
  const told = new Told();
  const first = await told.say('thing/1', { seq: 0 });
  const second = await told.say('thing/1', { seq: 1 });
  const other = await told.say('thing/1', { seq: 1, atMs: 99 });
  assert.equal(isForked([first, second]), false);
  assert.equal(isForked([first, second, second]), false, 'the same twice is no fork');
  assert.equal(isForked([first, second, other]), true);
  const next = await told.say('thing/1', { epoch: 1, seq: 0, atMs: 100 });
  const old = await told.say('thing/1', { epoch: 0, seq: 2, atMs: 101 });
  assert.equal(isForked([first, next]), false);
  assert.equal(isForked([first, next, old]), true);
  const stray = await told.say('thing/1', { seq: 2, prev: new Uint8Array(32), atMs: 102 });
  assert.equal(isForked([first, second, stray]), true, 'it follows another than the one before it');
  const { reasons } = told.gate([first, second, other]);
  assert.deepEqual(reasons, ['a sequence with two sides: a fork or a clone']);
  assert.match(reasons.map(gateWords).join(), /^Two different statements claim one place of a sequence: /);
});

test('held: what speaks against the thing, what could not be checked, and too little trust', async () => {
  const told = new Told({
    policy: { plausibility: { trustMinPpm: 500_000, ranges: [], neighbours: [], balances: [] } },
  });
  const plausibility = {
    findings: [
      { kind: 'range', subjects: ['thing/1'], text: 'q is 99' },
      { kind: 'range', subjects: ['thing/2'], text: 'another' },
    ],
    unchecked: ['too few neighbours'],
    trust: { 'thing/1': 499_999 },
  } as never;
  assert.deepEqual(told.gate([await told.say('thing/1')], { plausibility }).reasons, [
    'implausible: q is 99',
    'not checked: too few neighbours',
    'trust of 49 %; at least 50 % needed',
  ]);
});
