import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agreement, Policy } from '@trine/protocol';
import { awakeOf, sampled, WAY_IN, writeOutage } from './awake.ts';
import { entry } from './domain.ts';
import { passGate } from './gate.ts';
import { gateWords } from './gate-words.ts';
import type { OpenedInput } from './inputs.ts';
import { keepState, NO_STATES } from './states.ts';
import { HEARTBEAT_SUBJECT, Scene } from './testing/scene.ts';
import { outcome, type ToyParts, type ToyTerms, toyDomain } from './testing/toy.ts';

/** 2026-01-01. */
const T0 = 1_767_225_600_000;
const MINUTE = 60_000;
const WINDOW = { trigger: 'window', fromMs: T0, toMs: T0 + MINUTE };
const GATE = { heartbeatGapMsMax: 15_000 };
const EVERY_MINUTE = { name: 'window', on: 'window', startMs: T0, lengthMs: MINUTE, graceMs: 0 } as const;

/** Whoever hears nothing of the thing decides that a cent is owed. */
const owing: ToyParts = {
  triggers: [EVERY_MINUTE],
  engine: {
    decide: ({ inputs }) =>
      inputs.get('said')?.readings.length
        ? outcome()
        : outcome({ verdict: 'bad', effects: [entry('payer', 'recipient', 1, 'EUR')] }),
  },
};

class Told {
  readonly scene: Scene<ToyTerms>;
  constructor(gate: Partial<Policy['gate']> = {}, parts: ToyParts = owing) {
    const all = { ownersMin: 0, classMin: 'software', heartbeat: HEARTBEAT_SUBJECT, ...GATE, ...gate } as const;
    this.scene = new Scene<ToyTerms>({
      ...{ domain: toyDomain(parts), terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60 * MINUTE },
      policy: { gate: all, correctableMs: 60 * MINUTE } satisfies Partial<Agreement>,
    });
  }
  /** A heartbeat that says of ways in whether they were open. */
  async beat(atMs: number, ways: Readonly<Record<string, boolean>> = {}): Promise<void> {
    const timeMs = T0 + atMs;
    const said = Object.entries(ways).map(([name, value]) => ({ quantity: WAY_IN + name, unit: '', timeMs, value }));
    await this.scene.say(HEARTBEAT_SUBJECT, [{ quantity: 'log/size', unit: 'count', timeMs, value: 1 }, ...said]);
  }
  /** Every five seconds, while MQTT is closed from one time to another. */
  async beats(toMs: number, closedFromMs: number, closedToMs: number, fromMs = 0): Promise<void> {
    for (let atMs = fromMs; atMs < toMs; atMs += 5_000)
      await this.beat(atMs, { mqtt: atMs < closedFromMs || atMs >= closedToMs, http: true });
  }
  heartbeats(): OpenedInput[] {
    return this.scene.opened();
  }
}

test('heartbeats outside the time show nothing; the longest time without one holds', async () => {
  const told = new Told();
  for (const at of [0, 10_000, 40_000, 61_000]) await told.beat(at);
  const awake = awakeOf(WINDOW, told.heartbeats(), GATE, NO_STATES);
  assert.deepEqual(awake, {
    silenceMs: 30_000,
    outages: [
      { fromMs: T0 + 10_000, toMs: T0 + 40_000 },
      { fromMs: T0 + 40_000, toMs: T0 + MINUTE },
    ],
    closed: [],
    class: 'software',
  });
  assert.equal(awakeOf(WINDOW, [], GATE, NO_STATES).silenceMs, MINUTE);
  const { reasons } = passGate({
    ...{ policy: told.scene.policy, runtime: told.scene.policy.model.runtime, effects: [], inputs: [], awake },
    ...{ plausibility: undefined, unreadable: [] },
  });
  assert.deepEqual(reasons, ['the log took nothing for 30 s of the time']);
  assert.match(reasons.map(gateWords).join(), /^For 30 s of the time the log took nothing in: /);
});

test('a heartbeat counts where every way in that the terms name was open; where they name none, where none was closed', async () => {
  const told = new Told();
  await told.beats(MINUTE, 20_000, 45_000);
  const all = told.heartbeats();
  const silenceOf = (waysIn?: string[]) => awakeOf(WINDOW, all, { ...GATE, ...(waysIn && { waysIn }) }, NO_STATES);
  assert.deepEqual([silenceOf().silenceMs, silenceOf().closed], [30_000, ['mqtt']]);
  assert.equal(silenceOf(['mqtt']).silenceMs, 30_000);
  assert.equal(silenceOf(['http']).silenceMs, 5_000);
  assert.deepEqual(silenceOf(['http']).closed, []);
  // What it does not speak of it does not show.
  assert.deepEqual([silenceOf(['nats']).silenceMs, silenceOf(['nats']).closed], [MINUTE, ['nats']]);
});

test('of heartbeats that say that it was closed one goes in for each gap, and choosing again chooses the same', async () => {
  const told = new Told();
  await told.beats(MINUTE, 20_000, 45_000);
  const chosen = sampled(told.heartbeats(), WINDOW, GATE);
  const at = chosen.map(({ arrivalMs }) => arrivalMs - T0);
  assert.deepEqual(at, [15_000, 20_000, 45_000]);
  assert.deepEqual(sampled(chosen, WINDOW, GATE), chosen);
  assert.deepEqual(awakeOf(WINDOW, chosen, GATE, NO_STATES), awakeOf(WINDOW, told.heartbeats(), GATE, NO_STATES));
});

test('an outage of a way in holds what would be a breach; what comes later corrects it', async () => {
  const told = new Told();
  await told.beats(2 * MINUTE + 5_000, 0, MINUTE - 5_000);
  const [first, second] = await told.scene.decide(T0 + 2 * MINUTE + 1_000);
  assert.equal(first?.decision.outcome, 'hold');
  assert.deepEqual(first?.decision.gate.reasons, ['no way in by mqtt for 55 s of the time']);
  assert.match(gateWords(first?.decision.gate.reasons[0] ?? ''), /^For 55 s .* nothing could come in by mqtt: /);
  assert.equal(second?.decision.outcome, 'pay', 'the way in was open, and the thing was silent');
  // The device had it all the time, and its way is open again.
  await told.scene.say('thing/1', [{ quantity: 'q', unit: '', timeMs: T0 + 30_000, value: 1 }], {
    atMs: T0 + 2 * MINUTE + 10_000,
  });
  await told.beat(2 * MINUTE + 12_000, { mqtt: true });
  const corrections = await told.scene.decide(T0 + 2 * MINUTE + 11_000);
  assert.deepEqual(
    corrections.map(({ decision }) => [decision.verdict, decision.outcome]),
    [['ok', 'none']],
  );
});

test('held time is bounded: beyond the allowance it is decided on what arrived', async () => {
  const told = new Told({ outageAllowanceMs: 2 * MINUTE });
  await told.beats(5 * MINUTE + 5_000, 0, 5 * MINUTE);
  const decided = await told.scene.decide(T0 + 5 * MINUTE + 1_000);
  assert.deepEqual(
    decided.map(({ decision }) => decision.outcome),
    ['hold', 'hold', 'pay', 'pay', 'pay'],
  );
  // A correction starts where its base did: what was held within the allowance stays so.
  await told.scene.say('thing/1', [{ quantity: 'q', unit: 'm', timeMs: T0 + 30_000, value: 'x' }], {
    atMs: T0 + 5 * MINUTE + 10_000,
  });
  await told.beat(5 * MINUTE + 12_000, { mqtt: true });
  const [again] = await told.scene.decide(T0 + 5 * MINUTE + 11_000);
  assert.equal(again?.decision.obligation.revision, 1);
  assert.equal(again?.decision.outcome, 'hold');
});

test('lines are held by what is common, within the allowance and beyond it', async () => {
  const told = new Told(
    { outageAllowanceMs: MINUTE },
    {
      triggers: [EVERY_MINUTE],
      rows: () => ['home/1'],
      engine: {
        row: () => ({ ...outcome({ effects: [entry('payer', 'home/1', 1, 'EUR')] }), states: undefined }) as never,
      },
    },
  );
  await told.beats(2 * MINUTE + 5_000, 0, 2 * MINUTE);
  const decided = await told.scene.decide(T0 + 2 * MINUTE + 1_000);
  const lines = decided.map(({ rows }) => rows.get('home/1')?.row);
  assert.deepEqual(
    lines.map((row) => [row?.outcome, row?.gate.reasons]),
    [
      ['hold', ['what is common to all lines is held']],
      ['pay', []],
    ],
  );
});

test('a moment that several obligations cover is counted once', async () => {
  const gate = { ...GATE, outageAllowanceMs: 1 };
  const before = { heldMs: 20_000, untilMs: T0 + 50_000 };
  const states = new Map([
    ['$outage', keepState(new Uint8Array(32), 0, '$outage', writeOutage(before), new Uint8Array(16))],
  ]);
  assert.deepEqual(awakeOf(WINDOW, [], gate, NO_STATES).held, { heldMs: MINUTE, untilMs: T0 + MINUTE });
  assert.deepEqual(awakeOf(WINDOW, [], gate, states).held, { heldMs: 30_000, untilMs: T0 + MINUTE });
  assert.deepEqual(awakeOf({ ...WINDOW, fromMs: T0 + MINUTE }, [], gate, states).held, before);
});
