// What a decision on a node may look at: by time, and whatever replaces that, wherever in time it lies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Domains } from '@trine/engine';
import { Scene } from '@trine/engine/testing/scene.ts';
import { toyDomain } from '@trine/engine/testing/toy.ts';
import { didKey, encodeIntentLeaf, type Reading } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { openIngestHarness } from '../ingest/testing/harness.ts';
import { PolicyRegistry } from '../projections/policies.ts';
import { Parts } from '../testing/parts.ts';
import { T0 as START } from '../testing/world.ts';
import { findCandidates, readInput, replacedBy, statementAt } from './inputs.ts';
import { Scheduler } from './scheduler.ts';

const T0 = Date.UTC(2026, 0, 1);
const reading = (ms: number): Reading => ({ quantity: 'q', unit: '', timeMs: T0 + ms, value: 1 });
const WINDOW = { trigger: 'window', fromMs: T0, toMs: T0 + 1_000 };

test('what replaces a reading goes in with it, whatever it speaks of; nobody replaces what another said', async (t) => {
  const harness = await openIngestHarness();
  t.after(() => harness.close());
  const [device, other] = [temporarySigner(), temporarySigner()];
  await harness.enrol(device, 'thing/1');
  await harness.enrol(other, 'other', { subjects: ['thing/1'] });
  const say = async (signer: typeof device, ms: number, supersedes?: Uint8Array) => {
    const { statement, disclosure } = await harness.pack(signer, {
      readings: [reading(ms)],
      ...(supersedes && { supersedes }),
    });
    const [answer] = await harness.send({ statement, disclosure });
    assert.equal(answer?.verdict, 'sealed', answer?.reason);
    return { id: statement.id, leaf: answer?.index as number };
  };
  const first = await say(device, 100);
  const second = await say(device, 50_000, first.id);
  const third = await say(device, 90_000, second.id);
  await say(other, 70_000, first.id);
  await harness.projections.runner.flush();
  const { sources } = harness.projections;
  const domain = toyDomain();
  const { policy } = new Scene({ domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000 });
  const found = async (cut: number) => (await findCandidates(sources, domain, policy, WINDOW, cut)).leaves;
  assert.deepEqual(await found(100), [first.leaf, second.leaf, third.leaf]);
  assert.deepEqual(await found(third.leaf), [first.leaf, second.leaf], 'below the cut');
  assert.deepEqual(
    (await replacedBy(sources, third.leaf)).map(({ firstMs }) => firstMs - T0),
    [50_000, 100],
  );
});

test('the agenda of a policy hears of both times, in its turn', async () => {
  const domain = toyDomain();
  const key = temporarySigner();
  const decider = didKey(key.publicKey);
  const { policy } = new Scene({
    domain,
    terms: {},
    subject: 'thing/1',
    startMs: T0,
    endMs: T0 + 60_000,
    monitor: true,
    policy: { correctableMs: 600_000, deciders: { list: [{ key: decider }] } },
  });
  const policies = new PolicyRegistry(() => new Uint8Array(32));
  const logged = { hash: 'p', index: 0, arrivalMs: T0, id: undefined, policy } as never;
  policies.restore({ policies: [logged], consents: [], ends: [], accounts: [], releases: [] });
  let tell: (found: { kind: string; subject: string; firstMs: number; lastMs: number }[]) => void = () => undefined;
  const identity = policy.model;
  const scheduler = new Scheduler({
    domains: new Domains([{ domain, identity }]),
    policies,
    decider,
    noteThePast: async () => undefined,
    replacedBy: () => new Promise((resolve) => (tell = resolve)),
  });
  scheduler.restore({ leaf: 1, agendas: [] });
  const scheduled = scheduler.get('p');
  assert.ok(scheduled);
  await scheduled.ready;
  const pack = (index: number, arrivalMs: number, atMs: number, supersedes?: Uint8Array) =>
    scheduler.apply({
      ...{
        index,
        arrivalMs: T0 + arrivalMs,
        kind: 'pack',
        subject: 'thing/1',
        issuer: '',
        keyOwner: 'thing/1',
        supersedes,
      },
      ...{
        firstMs: T0 + atMs,
        lastMs: T0 + atMs,
        flag: undefined,
        statement: () => assert.fail(),
        body: () => undefined,
      },
    });
  pack(1, 100, 100);
  scheduled.agenda.decided(WINDOW, 2);
  pack(2, 5_000, 30_000, new Uint8Array(32));
  pack(3, 5_001, 200);
  assert.deepEqual(scheduled.agenda.due(Number.POSITIVE_INFINITY).length, 0, 'nothing overtakes it');
  tell([{ kind: 'pack', subject: 'thing/1', firstMs: T0 + 100, lastMs: T0 + 100 }]);
  await scheduled.ready;
  const due = scheduled.agenda.due(Number.POSITIVE_INFINITY);
  assert.deepEqual(
    due.map(({ obligation }) => [obligation.fromMs - T0, obligation.revision]),
    [
      [0, 1],
      [30_000, undefined],
    ],
  );
});

test('what cannot be read, and forks below the cut, are told of what is looked at; of other things they are not', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  await parts.say([1, 2, 3].map((n) => ({ atMs: n * 100 })));
  await parts.ask({ atMs: 400, seq: 1 });
  await parts.say([{ thing: 'other', atMs: 500 }]);
  await parts.ask({ thing: 'other', atMs: 600, seq: 0 });
  await parts.does(parts.projections.runner.flush());
  const { sources } = parts;
  const runner = {
    unreadable: [
      { leaf: 4, subject: 'thing/1', reason: '' },
      { leaf: 4, subject: 'other', reason: '' },
      { leaf: 4, subject: undefined, reason: '' },
      { leaf: parts.log.size, subject: 'thing/1', reason: '' },
    ],
  };
  const obligation = { trigger: 'window', fromMs: START, toMs: START + 1_000 };
  const found = (cut: number) =>
    parts.does(findCandidates({ ...sources, runner }, toyDomain(), { ...parts.monitor(), terms: {} }, obligation, cut));
  const whole = await found(parts.log.size);
  assert.deepEqual(whole.unreadable, [{ index: 4, subject: 'thing/1' }]);
  assert.equal(whole.forks.length, 2);
  const { forks: early } = await found(Math.max(...whole.forks));
  assert.deepEqual(early, [], 'one side alone is none');
});

test('a leaf is read with its body and its owner; without the body where that was erased, and no intent as a statement', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const [said] = await parts.say([{ atMs: 100 }]);
  const leaf = said?.leaf ?? -1;
  const { sources } = parts;
  const read = readInput(sources, leaf);
  const [member] = parts.genesis.network.members;
  assert.deepEqual([read.keyOwner, read.owner, read.ownerAddress], ['thing/1', member?.key, member?.address]);
  assert.ok(read.body);
  assert.equal(readInput({ ...sources, bodies: { read: () => undefined } }, leaf).body, undefined);
  const nobody = { get: () => undefined } as never;
  assert.throws(() => readInput({ ...sources, keyDirectory: nobody }, leaf), { code: 'damaged' });
  const intent = { read: () => encodeIntentLeaf(new Uint8Array(640)) };
  assert.throws(() => statementAt(intent, 0), { code: 'invalid' });
  assert.throws(() => readInput({ ...sources, log: intent }, 0), { code: 'invalid' });
});
