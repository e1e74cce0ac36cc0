// The agendas of what is decided here: who has one, what they hear and in which order, and how they go on after a start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agenda, Domains } from '@trine/engine';
import { Scene, testIdentity } from '@trine/engine/testing/scene.ts';
import { type ToyParts, toyDomain } from '@trine/engine/testing/toy.ts';
import { didKey, type Monitor } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { type LoggedPolicy, PolicyRegistry } from '../projections/policies.ts';
import type { Entry } from '../projections/projection.ts';
import { T0 } from '../testing/world.ts';
import { baseOf, Scheduler } from './scheduler.ts';

const OURS = didKey(temporarySigner().publicKey);
const THEIRS = didKey(temporarySigner().publicKey);

interface Given {
  readonly toy?: ToyParts;
  readonly policies: readonly {
    readonly hash: string;
    readonly policy?: Partial<Monitor>;
    readonly decider?: string;
  }[];
  readonly noteThePast?: (policy: LoggedPolicy, agenda: Agenda, below: number) => Promise<void>;
}

function scheduling({ toy, policies: given, noteThePast = async () => undefined }: Given) {
  const domain = toyDomain(toy);
  const policies = new PolicyRegistry(() => new Uint8Array(32));
  const logged = given.map(({ hash, policy, decider = OURS }, index) => {
    const scene = new Scene({
      ...{ domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000, monitor: true },
      policy: { deciders: { list: [{ key: decider }] }, ...policy } as Partial<Monitor>,
    });
    return { hash, index, arrivalMs: T0, id: undefined, policy: scene.policy };
  });
  policies.restore({ policies: logged, consents: [], ends: [], accounts: [], releases: [] });
  const scheduler = new Scheduler({
    ...{ domains: new Domains([{ domain, identity: testIdentity('toy') }]), policies, decider: OURS, noteThePast },
    replacedBy: async () => [],
  });
  return { scheduler, policies, domain };
}

function pack(index: number, atMs: number, subject = 'thing/1'): Entry {
  return {
    ...{ index, arrivalMs: T0 + atMs, kind: 'pack', subject, issuer: OURS, keyOwner: subject, flag: undefined },
    ...{ firstMs: T0 + atMs, lastMs: T0 + atMs, supersedes: undefined, body: () => undefined },
    statement: () => assert.fail('its statement is of no interest'),
  };
}

const starts = (scheduler: Scheduler, hash: string, nowMs: number) => {
  const scheduled = scheduler.get(hash);
  assert.ok(scheduled);
  return scheduler.due(scheduled, T0 + nowMs).map(({ obligation }) => obligation.fromMs - T0);
};

test('decided here is what names our key, of a domain that is installed; why not is said', () => {
  const { scheduler } = scheduling({
    policies: [
      { hash: 'ours' },
      { hash: 'theirs', decider: THEIRS },
      { hash: 'unknown', policy: { domain: 'elsewhere' } },
    ],
  });
  scheduler.restore({ leaf: 3, agendas: [] });
  assert.deepEqual(
    scheduler.all().map(({ logged }) => logged.hash),
    ['ours'],
  );
  assert.match(scheduler.undecidable.get('theirs') ?? '', /none of its deciders/);
  assert.match(scheduler.undecidable.get('unknown') ?? '', /elsewhere is not installed/);
  assert.equal(scheduler.get('unknown'), undefined);
});

test('the past is noted first; what is said meanwhile waits its turn', async () => {
  let tell: () => void = () => undefined;
  const past = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const noted: [string, number][] = [];
  const { scheduler } = scheduling({
    policies: [{ hash: 'p' }],
    noteThePast: async ({ hash }, _, below) => {
      noted.push([hash, below]);
      await past;
    },
  });
  scheduler.restore({ leaf: 7, agendas: [] });
  assert.deepEqual(noted, [['p', 7]]);
  scheduler.apply(pack(7, 500));
  assert.equal(scheduler.get('p')?.waiting?.length, 1);
  assert.deepEqual(scheduler.snapshot().agendas, [], 'it does not know its past yet');
  tell();
  await scheduler.get('p')?.ready;
  assert.equal(scheduler.get('p')?.waiting, undefined);
  assert.equal(scheduler.snapshot().agendas.length, 1);
});

test('where the past cannot be noted, whoever decides hears of it, and nobody else', async () => {
  const { scheduler } = scheduling({
    policies: [{ hash: 'p' }],
    noteThePast: () => Promise.reject(new Error('The tables are away.')),
  });
  scheduler.restore({ leaf: 1, agendas: [] });
  await assert.rejects(scheduler.get('p')?.ready ?? Promise.resolve(), /tables are away/);
});

test('a snapshot is gone on with; a policy that it does not know learns its past from there on', async () => {
  const asked: [string, number][] = [];
  const noteThePast = async ({ hash }: LoggedPolicy, _: Agenda, below: number) => void asked.push([hash, below]);
  const before = scheduling({ policies: [{ hash: 'p' }], noteThePast });
  before.scheduler.restore({ leaf: 1, agendas: [] });
  await before.scheduler.get('p')?.ready;
  before.scheduler.apply(pack(4, 100));
  before.scheduler.apply(pack(5, 1_100));
  before.scheduler.get('p')?.agenda.decided({ trigger: 'window', fromMs: T0, toMs: T0 + 1_000 }, 6);
  const snapshot = structuredClone(before.scheduler.snapshot());
  asked.length = 0;
  const after = scheduling({ policies: [{ hash: 'p' }, { hash: 'q' }], noteThePast });
  after.scheduler.restore(snapshot);
  assert.deepEqual(asked, [['q', 6]]);
  await after.scheduler.get('q')?.ready;
  after.scheduler.apply(pack(6, 200));
  assert.deepEqual(starts(after.scheduler, 'p', 2_100), [1_000], 'what was decided does not arise again');
  assert.deepEqual(starts(after.scheduler, 'q', 2_100), [0]);
  assert.deepEqual(starts(after.scheduler, 'p', 2_099), [], 'its grace lasts');
});

test('nothing of a monitor is due after another one goes on in its place', async () => {
  const replaces = new Uint8Array(32).fill(9);
  const hash = Buffer.from(replaces).toString('hex');
  const { scheduler } = scheduling({
    policies: [{ hash }, { hash: 'next', policy: { replaces, period: { startMs: T0 + 2_000, endMs: T0 + 60_000 } } }],
  });
  scheduler.restore({ leaf: 2, agendas: [] });
  for (const scheduled of scheduler.all()) await scheduled.ready;
  for (const [index, atMs] of [100, 1_100, 2_100, 3_100].entries()) scheduler.apply(pack(2 + index, atMs));
  assert.deepEqual(starts(scheduler, hash, 60_000), [0, 1_000]);
  assert.deepEqual(starts(scheduler, 'next', 60_000), [2_000, 3_000]);
});

test('an agenda hears of its own subjects, also where they are named by how they begin', async () => {
  const inputs: ToyParts['inputs'] = (_, { fromMs, toMs }) => [
    { name: 'said', subjects: ['pump/*'], kinds: ['pack'], fromMs, toMs },
  ];
  const { scheduler } = scheduling({ toy: { inputs }, policies: [{ hash: 'p', policy: { correctableMs: 100_000 } }] });
  scheduler.restore({ leaf: 1, agendas: [] });
  const { agenda, ready } = scheduler.get('p') ?? assert.fail();
  await ready;
  scheduler.apply(pack(1, 100, 'valve/1'));
  assert.deepEqual(starts(scheduler, 'p', 60_000), []);
  scheduler.apply(pack(2, 100, 'pump/7'));
  assert.deepEqual(starts(scheduler, 'p', 60_000), [0]);
  agenda.decided({ trigger: 'window', fromMs: T0, toMs: T0 + 1_000 }, 3);
  scheduler.apply({ ...pack(3, 100, 'pump/8'), arrivalMs: T0 + 5_000 });
  const [correction] = scheduler.due(scheduler.get('p') ?? assert.fail(), Number.POSITIVE_INFINITY);
  assert.equal(correction?.obligation.revision, 1);
  assert.equal(baseOf(correction ?? assert.fail()), Buffer.from(correction?.obligation.base ?? []).toString('hex'));
});
