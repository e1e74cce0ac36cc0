import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, NotChecked, type Replay, StepError, sha256 } from '@trine/protocol';
import { zones } from '../protocol/calendar/zones.ts';
import { Agenda } from './agenda.ts';
import { type OpenedInput, openInput } from './inputs.ts';
import { type Change, replayPeriod } from './period.ts';
import type { RecordedLog } from './recorded.ts';
import { Domains, replayWith } from './replay.ts';
import type { States } from './states.ts';
import { counting } from './testing/counting.ts';
import { ORIGIN, Scene, type SceneOptions, testIdentity } from './testing/scene.ts';

const WINDOW_MS = 10_000;
const START_MS = 1_767_571_200_000;
const identity = testIdentity('counting');
const domains = new Domains([{ domain: counting, identity }]);
type Options = Partial<SceneOptions<never>>;

/** Ten windows with two statements each; in every third one statement is missing. */
async function lived(options: Options = {}) {
  const scene = new Scene({
    domain: counting,
    terms: { thing: 'thing/1' },
    subject: 'thing/1',
    startMs: START_MS,
    endMs: START_MS + 1_000 * WINDOW_MS,
    ...(options as object),
  });
  const endMs = START_MS + 10 * WINDOW_MS;
  for (let timeMs = START_MS; timeMs < endMs + WINDOW_MS; timeMs += WINDOW_MS / 2) {
    await scene.heartbeats(timeMs, timeMs + 1, WINDOW_MS);
    const window = Math.floor((timeMs - START_MS) / WINDOW_MS);
    const isMissing = window % 3 === 0 && timeMs % WINDOW_MS !== 0;
    if (!isMissing && timeMs < endMs) await scene.say('thing/1', [{ quantity: 'x', unit: '', timeMs, value: true }]);
    await scene.decide(timeMs);
  }
  return scene;
}

/** A scene as a log that was recorded; its states are kept before every fourth decision. */
function recorded(scene: Scene<unknown>, change: { erased?: (input: OpenedInput) => boolean; secret?: boolean } = {}) {
  const { erased = () => false, secret = true } = change;
  const opened = scene.log.map(openInput);
  const kept: States[] = [];
  let states: States = new Map();
  scene.decisions.forEach(({ due, evaluated }, i) => {
    if (i % 4 === 0) kept[i] = states;
    if (!due.obligation.base) states = evaluated.states;
  });
  const decisions = scene.decisions.map(({ evaluated: { decision } }, leaf) => ({ leaf, decision }));
  const log: RecordedLog = {
    origin: ORIGIN,
    size: scene.log.length,
    models: {
      deciding: (known) => ({ identity: known, parameters: {} }),
      active: (policy) => ({ identity: policy.model, parameters: {} }),
    },
    cutAt: (atMs) => {
      const found = scene.log.findIndex(({ arrivalMs }) => arrivalMs >= atMs);
      return found < 0 ? scene.log.length : found;
    },
    decisions: () => decisions,
    rows: () => [],
    wordOn: () => undefined,
    states: (_, leaf) => kept.slice(0, leaf + 1).findLast((one) => one !== undefined) ?? new Map(),
    inputs: async () => ({
      opened: opened.filter((input) => !erased(input)),
      erased: opened
        .filter(erased)
        .map(({ index, arrivalMs, statement }) => ({ index, arrivalMs, subject: statement.header.subject })),
      unreadable: [],
      forks: [],
      recoveries: [],
    }),
    hmac: secret ? (_, message) => sha256(message) : undefined,
  };
  return log;
}

async function replay(scene: Scene<never>, log: RecordedLog, change: Change = {}, from = 0, to = 1_000) {
  return replayPeriod(log, domains, {
    policy: scene.policy,
    logged: { arrivalMs: 0, index: 0, id: undefined },
    fromMs: START_MS + from * WINDOW_MS,
    toMs: START_MS + to * WINDOW_MS,
    change,
  });
}

test('everything comes out the same, bit for bit; also from the middle on, and without the secret of the policy', async () => {
  const scene = (await lived()) as never as Scene<never>;
  const whole = await replay(scene, recorded(scene));
  assert.ok(whole.obligations.length >= 10);
  assert.deepEqual([whole.same, whole.computed], [whole.obligations.length, whole.obligations.length]);
  assert.deepEqual([whole.amountBefore, whole.currency], [whole.amountAfter, 'EUR']);
  const part = await replay(scene, recorded(scene, { secret: false }), {}, 6, 9);
  assert.deepEqual([part.same, part.obligations.length], [3, 3]);
});

test('other terms: what they would have cost, beside what was decided', async () => {
  const scene = (await lived()) as never as Scene<never>;
  const dearer = await replay(scene, recorded(scene), { terms: { price: 7 } }, 0, 10);
  assert.equal(dearer.obligations.length, 10);
  assert.deepEqual([dearer.amountBefore, dearer.amountAfter], [4 * 5, 4 * 7]);
  assert.equal(dearer.same, 6);
  const capped = await replay(scene, recorded(scene), { terms: { price: 7 }, perObligationMax: 6 }, 0, 10);
  assert.equal(capped.amountAfter, 4 * 6);
  const longer = await replay(scene, recorded(scene), { terms: { windowMs: 2 * WINDOW_MS, due: 4 } }, 0, 10);
  assert.deepEqual([longer.obligations.length, longer.obligations[0]?.before], [5, undefined]);
  assert.equal(longer.obligations[0]?.after?.reason, '3 of 4 came');
  await assert.rejects(replay(scene, recorded(scene), { terms: { prize: 7 } }), /prize/);
  await assert.rejects(replay(scene, recorded(scene), { terms: { price: 'dear' } }), /terms\.price/);
});

test('another model decides from the first obligation on; one that is not installed is refused in words', async () => {
  const scene = (await lived()) as never as Scene<never>;
  const parameters = { lenient: 1 };
  const model = { identity: domains.identity('counting', parameters), parameters };
  const lenient = await replay(scene, recorded(scene), { model }, 5, 10);
  assert.deepEqual([lenient.amountBefore, lenient.amountAfter, lenient.same], [2 * 5, 0, 3]);
  const stranger = { identity: { ...identity, code: '0'.repeat(64) }, parameters: {} };
  await assert.rejects(replay(scene, recorded(scene), { model: stranger }), NotChecked);
});

test('what breaks while deciding again is no finding about a decision: it ends the replay', async () => {
  const scene = (await lived()) as never as Scene<never>;
  const log = recorded(scene);
  const deciding = () => {
    throw new RangeError('The disk is gone.');
  };
  await assert.rejects(replay(scene, { ...log, models: { ...log.models, deciding } }), /The disk is gone/);
  const notHere = () => {
    throw new NotChecked('It is not here.');
  };
  const { obligations, same } = await replay(scene, { ...log, models: { ...log.models, deciding: notHere } });
  assert.ok(obligations.length > 0 && same === 0);
});

test('what was erased cannot be decided again and says so; what comes after goes on from the next kept states', async () => {
  const scene = (await lived()) as never as Scene<never>;
  // What arrives while another obligation still waits might be about that one: this does not.
  const erasedMs = START_MS + 5 * WINDOW_MS + WINDOW_MS / 2;
  const erased = (input: OpenedInput) => input.statement.header.subject === 'thing/1' && input.firstMs === erasedMs;
  const { obligations } = await replay(scene, recorded(scene, { erased }), {}, 0, 10);
  assert.deepEqual(
    obligations.map(({ problem }) => problem),
    [
      ...new Array(5).fill(undefined),
      'readings were erased',
      ...new Array(2).fill('no kept state leads here'),
      ...new Array(2).fill(undefined),
    ],
  );
});

test('late statements correct what was decided, and the corrections come out the same', async () => {
  const scene = (await lived({ policy: { correctableMs: 100 * WINDOW_MS } as never })) as never as Scene<never>;
  const lateMs = START_MS + 5_500;
  const nowMs = START_MS + 12 * WINDOW_MS;
  await scene.say('thing/1', [{ quantity: 'x', unit: '', timeMs: lateMs, value: true }], { atMs: nowMs });
  await scene.heartbeats(nowMs, nowMs + 3_000, 1_000);
  await scene.decide(nowMs + 2_000);
  const corrections = scene.decisions.filter(({ due }) => due.obligation.base);
  assert.equal(corrections.length, 1);
  const again = await replay(scene, recorded(scene));
  assert.deepEqual([again.same, again.computed], [scene.decisions.length, scene.decisions.length]);
  const dearer = await replay(scene, recorded(scene), { terms: { price: 7 } });
  const corrected = dearer.obligations.at(-1);
  assert.deepEqual([corrected?.before?.amount, corrected?.after?.amount], [5, 7]);
});

test('what came too late before a decision was taken in, or without any grace, is corrected by all the same', async () => {
  const options = { terms: { thing: 'thing/1', graceMs: 0 }, policy: { correctableMs: 100 * WINDOW_MS } };
  const scene = (await lived({ ...options, endMs: START_MS + WINDOW_MS } as never)) as never as Scene<never>;
  assert.deepEqual(
    scene.decisions.map(({ evaluated: { decision } }) => decision.facts.came),
    [1],
  );
  const agenda = new Agenda(counting, scene.policy, zones);
  const [first] = scene.decisions;
  const note = (leaf: number, arrivalMs: number) =>
    agenda.note({ leaf, arrivalMs, kind: 'pack', subject: 'thing/1', firstMs: START_MS, lastMs: START_MS });
  note(0, START_MS);
  note(9, START_MS + WINDOW_MS);
  agenda.decided(first?.due.obligation as never, 9);
  const [correction] = agenda.due(Number.POSITIVE_INFINITY);
  assert.deepEqual([correction?.obligation.revision, correction?.dueMs], [1, START_MS + WINDOW_MS + 1]);
  const again = new Agenda(counting, scene.policy, zones);
  again.restore(structuredClone(agenda.snapshot()));
  assert.deepEqual(again.due(Number.POSITIVE_INFINITY), [correction]);
});

test('a policy that nobody proposed yet is decided on what the log holds', async () => {
  const scene = (await lived()) as never as Scene<never>;
  const request = { policy: scene.policy, logged: undefined, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, change: {} };
  const { computed, amountAfter, obligations } = await replayPeriod(recorded(scene), domains, request);
  assert.deepEqual([computed, obligations[0]?.before, amountAfter > 0], [obligations.length, undefined, true]);
});

/** A decision of a scene, as the verifier hands it over to be computed again. */
async function handedOver(scene: Scene<never>, change: Partial<Decision> = {}): Promise<Parameters<Replay>[0]> {
  const [first] = scene.decisions;
  const decision = { ...(first?.evaluated.decision as Decision), ...change };
  return {
    agreement: undefined,
    policy: scene.policy,
    sinceMs: 0,
    model: { identity: decision.model, parameters: {} },
    obligation: decision.obligation,
    cuts: decision.cuts,
    heads: decision.heads,
    continues: undefined,
    states: new Map(),
    inputs: first?.evaluated.parts.get('') ?? [],
    forks: [],
    recoveries: [],
    salts: new Map([['state thing/1', new Uint8Array(16)]]),
    corrected: undefined,
    row: undefined,
    common: undefined,
  };
}

test('replay refuses an obligation that does not arise by the terms, and a cut at another time', async () => {
  const scene = (await lived()) as never as Scene<never>;
  const compute = replayWith(domains);
  const decision = scene.decisions[0]?.evaluated.decision as Decision;
  const { obligation, cuts } = decision;
  assert.equal((await compute(await handedOver(scene))).decision?.verdict, decision.verdict);
  const wrong: [Partial<Decision>, RegExp][] = [
    [{ obligation: { ...obligation, fromMs: obligation.fromMs + 1 } }, /nothing is to be decided/],
    [{ obligation: { ...obligation, toMs: obligation.toMs + WINDOW_MS } }, /nothing is to be decided/],
    [{ obligation: { ...obligation, trigger: 'whim' } }, /nothing is to be decided/],
    [{ obligation: { ...obligation, about: new Uint8Array(32) } }, /nothing is to be decided/],
    [{ obligation: { ...obligation, base: new Uint8Array(32), revision: 1 } }, /corrects another obligation/],
    [{ cuts: cuts.map((cut) => ({ ...cut, atMs: cut.atMs + 1 })) }, /not decided at its time/],
  ];
  for (const [change, says] of wrong)
    await assert.rejects(compute(await handedOver(scene, change)), (error: Error) => {
      assert.ok(error instanceof StepError, String(error));
      assert.match(error.message, says);
      return true;
    });
  const elsewhere = { ...scene.policy, zones: { release: '1999a', hash: '0'.repeat(64) } };
  await assert.rejects(compute({ ...(await handedOver(scene)), policy: elsewhere }), NotChecked);
});
