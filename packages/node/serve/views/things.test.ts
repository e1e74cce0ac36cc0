// Things, what they said and their quantities, against an array of the same packs and keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assuranceClasses, didKey, kindOfCode, parseDidKey } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import fc from 'fast-check';
import { KeyDirectory, type KeyEntry } from '../../projections/keys.ts';
import { NO_UNDO, type Row } from '../../projections/projection.ts';
import { sequenceFlags } from '../../projections/sequence-flags.ts';
import { SequenceTracker } from '../../projections/sequences.ts';
import { inOrder, openTables, type PlainOrder, paged, tallied, wideHex, wideId } from '../../testing/lists.ts';
import type { MemoryStore } from '../../testing/memory-store.ts';
import { append, id } from '../testing/tables.ts';
import { classNames, type DeviceQuery, type DeviceView, devices, seals, streams } from './things.ts';

interface Pack {
  readonly leaf: number;
  readonly sequence: number;
  readonly isEvent: boolean;
  readonly class: number;
  readonly flag: number;
  readonly readings: number;
  readonly arrivalMs: number;
  readonly eventMs: number;
}

/** Who speaks of what: the last two speak of one thing, which a gateway of its own took over. */
const SEQUENCES = [
  { sequence: 0, keyOwner: 'pump/1', subject: 'pump/1' },
  { sequence: 1, keyOwner: 'Pump/2', subject: 'Pump/2' },
  { sequence: 2, keyOwner: 'gateway/1', subject: 'meter/1' },
  { sequence: 3, keyOwner: 'gateway/1', subject: 'meter/2' },
  { sequence: 4, keyOwner: 'gateway/2', subject: 'meter/2' },
];

const few = (max: number) => fc.integer({ min: 0, max });
const given: Pack[] = fc
  .sample(
    fc.record({
      sequence: few(4),
      isEvent: fc.boolean(),
      class: fc.integer({ min: 1, max: 5 }),
      flag: few(4),
      readings: few(2),
      waitMs: few(1),
      eventMs: few(99),
    }),
    { numRuns: 90, seed: 13 },
  )
  // What is said of meter/2 begins with one gateway and ends with the other.
  .map((one, leaf) => ({ ...one, ...(leaf % 59 === 0 && { sequence: leaf === 0 ? 3 : 4, isEvent: false }) }))
  .map(({ waitMs, ...one }, leaf) => ({ ...one, leaf, arrivalMs: 1_000 + Math.floor(leaf / 4) * 5 + waitMs }));

async function said(
  store: MemoryStore,
  next: number,
  packs: readonly Pack[],
  rows: readonly Row[] = [],
): Promise<void> {
  const floats = (of: (one: Pack) => number) => Float64Array.from(packs, of);
  const bytes = (of: (one: Pack) => number) => Uint8Array.from(packs, of);
  await append(store, next, rows, {
    sequences: store.position === 0 ? SEQUENCES : [],
    statements: {
      leaf: floats(({ leaf }) => leaf),
      ids: Buffer.concat(packs.map(({ leaf }) => wideId(leaf))),
      kind: bytes(({ isEvent }) => (isEvent ? 2 : 1)),
      sequence: Uint32Array.from(packs, ({ sequence }) => sequence),
      ...{ epoch: new Float64Array(packs.length), seq: floats(({ leaf }) => leaf) },
      arrivalMs: floats(({ arrivalMs }) => arrivalMs),
      class: bytes((one) => one.class),
      flag: bytes(({ flag }) => flag),
      readings: Uint32Array.from(packs, ({ readings }) => readings),
      firstMs: floats(({ eventMs }) => eventMs),
      lastMs: floats(({ eventMs }) => eventMs),
    },
  });
}

let keysMade = 0;
function key(keyOwner: string, enrolledAt: number, more: Partial<KeyEntry> = {}): KeyEntry {
  const did = didKey(temporarySigner('Ed25519', id(++keysMade)).publicKey);
  const state = { did, key: parseDidKey(did), keyOwner, owner: did, isMember: false, enrolledAt };
  return { ...state, name: keyOwner, class: 'software', subjects: [keyOwner], ...more };
}

const store = await openTables();
const keyDirectory = new KeyDirectory();
const sequences = new SequenceTracker();
keyDirectory.restore([
  key('pump/1', 1, { name: 'Old rain pump', thing: 'd/old', revokedAt: 4 }),
  key('pump/1', 3, { name: 'Rain pump', thing: 'd/pump', class: 'hardware' }),
  key('gateway/1', 1, { thing: 'd/gateway', subjects: ['meter/*'], revokedAt: 9 }),
  key('gateway/2', 1, { thing: 'd/gateway' }),
  key('silent/1', 2, { name: 'Never heard', class: 'gateway', thing: 'd/pump' }),
  key('silent/2', 2, { name: 'The first', revokedAt: 5 }),
  key('silent/2', 3, { revokedAt: 5 }),
  key('member/1', -1),
  key('late/1', 1_000),
]);
const packs = given.slice(0, 60);
const trusted = (leaf: number, subject: string, toMs: number, ppm: number): Row => ({
  table: 'trust',
  values: { leaf, subject, to_ms: toMs, ppm },
});
await said(store, 60, packs, [
  ...[trusted(1, 'pump/1', 20, 900_000), trusted(2, 'pump/1', 10, 100_000), trusted(99, 'pump/1', 30, 1)],
  trusted(3, 'silent/1', 10, 7),
]);

const ask = (query: Partial<DeviceQuery>) => (page: { limit: number; after?: string }) =>
  devices({ store, keyDirectory, sequences }, { sort: 'subject', ...query, ...page });

/** What is known of each thing, from the array. */
function known(): Map<string, Partial<DeviceView>> {
  const found = new Map<string, Partial<DeviceView>>();
  for (const subject of new Set(SEQUENCES.map((one) => one.subject))) {
    const own = packs.filter((one) => !one.isEvent && SEQUENCES[one.sequence]?.subject === subject);
    const events = own.filter(({ readings }) => readings > 0).map(({ eventMs }) => eventMs);
    found.set(subject, {
      keyOwner: SEQUENCES[own.at(-1)?.sequence ?? -1]?.keyOwner as string,
      class: classNames[Math.max(...own.map((one) => one.class)) - 1] as 'software',
      statements: own.length,
      readings: own.reduce((sum, { readings }) => sum + readings, 0),
      lastArrivalMs: Math.max(...own.map(({ arrivalMs }) => arrivalMs)),
      lastEventMs: events.length > 0 ? Math.max(...events) : undefined,
      flags: Object.fromEntries(
        sequenceFlags.slice(1).map((flag, i) => [flag, own.filter((one) => one.flag === i + 1).length]),
      ),
    });
  }
  return found;
}

test('a thing is told by what it said, the newest who speaks for it, and the least of its classes', async () => {
  const { items } = await ask({})({ limit: 99 });
  for (const [subject, expected] of known()) {
    const {
      keyOwner,
      class: of,
      statements,
      readings,
      lastArrivalMs,
      lastEventMs,
      flags,
    } = items.find((one) => one.subject === subject) ?? assert.fail(subject);
    assert.deepEqual(
      { keyOwner, class: of, statements, readings, lastArrivalMs, lastEventMs, flags },
      expected,
      subject,
    );
  }
  assert.deepEqual(
    items.map(({ subject }) => subject),
    ['Pump/2', 'gateway/1', 'gateway/2', 'meter/1', 'meter/2', 'pump/1', 'silent/1', 'silent/2'],
    'neither members nor who is enrolled beyond the leaf',
  );
});

test('a thing goes by the key with which it goes on: it is shut out where no key is left', async () => {
  const { items } = await ask({})({ limit: 99 });
  const of = (subject: string) => items.find((one) => one.subject === subject) ?? assert.fail(subject);
  const told = ({ name, kind, revoked, keys }: DeviceView) => [name, kind, revoked, keys.map((one) => one.revoked)];
  assert.deepEqual(told(of('pump/1')), ['Rain pump', 'd/pump', false, [true, false]]);
  assert.deepEqual(told(of('Pump/2')), ['Pump/2', undefined, false, []]);
  assert.deepEqual(told(of('meter/1')), ['meter/1', 'd/gateway', true, []], 'who speaks for it is shut out');
  assert.deepEqual(told(of('silent/1')), ['Never heard', 'd/pump', false, [false]]);
  assert.deepEqual(told(of('silent/2')), ['silent/2', undefined, true, [true, true]]);
  const { statements, lastArrivalMs, flags, class: named, keyOwner } = of('silent/1');
  assert.deepEqual([statements, lastArrivalMs, flags, named, keyOwner], [0, undefined, {}, 'gateway', 'silent/1']);
});

test('trust is what the newest check below the leaf said; none where nobody checked', async () => {
  const { items } = await ask({})({ limit: 99 });
  assert.deepEqual(
    items.filter(({ trustPpm }) => trustPpm !== undefined).map(({ subject, trustPpm }) => [subject, trustPpm]),
    [
      ['pump/1', 900_000],
      ['silent/1', 7],
    ],
  );
});

const filter: fc.Arbitrary<Partial<DeviceQuery>> = fc.record(
  {
    name: fc.constantFrom('PUMP', 'rain', 'meter/', '%', 'silent'),
    subject: fc.constantFrom('pump/1', 'meter/2', 'pump'),
    enrolled: fc.boolean(),
    class: fc.constantFrom(...(Object.keys(assuranceClasses) as (keyof typeof assuranceClasses)[])),
    kind: fc.constantFrom('', 'd/pump', 'd/gateway', 'd'),
    silentSince: fc.constantFrom(...packs.slice(-12).map(({ arrivalMs }) => arrivalMs)),
    heardSince: fc.constantFrom(...packs.slice(-12).map(({ arrivalMs }) => arrivalMs)),
    sort: fc.constantFrom('subject' as const, 'name' as const, 'newest' as const, 'silent' as const),
  },
  { requiredKeys: [] },
);
const chooses = ({ class: of, kind = '' }: DeviceView, query: Partial<DeviceQuery>) =>
  (query.class === undefined || of === query.class) && (query.kind === undefined || kind === query.kind);
const narrows = (one: DeviceView, query: Partial<DeviceQuery>) =>
  (query.name === undefined ||
    [one.name, one.subject].some((word) => word.toLowerCase().includes(query.name?.toLowerCase() ?? ''))) &&
  (query.subject === undefined || one.subject === query.subject) &&
  (query.enrolled === undefined || one.keys.length > 0 === query.enrolled) &&
  (query.silentSince === undefined || one.lastArrivalMs === undefined || one.lastArrivalMs < query.silentSince) &&
  (query.heardSince === undefined || (one.lastArrivalMs ?? -1) >= query.heardSince);
const tie = ({ subject }: DeviceView) => subject;
const heard = ({ lastArrivalMs }: DeviceView) => lastArrivalMs ?? -1;
const orders: Readonly<Record<string, PlainOrder<DeviceView>>> = {
  subject: { by: tie, tie, descending: false },
  name: { by: ({ name }) => name.toLowerCase(), tie, descending: false },
  newest: { by: heard, tie, descending: true },
  silent: { by: heard, tie, descending: false },
};

test('property: things by any filter, in each order and length of page, each once, and counted', async () => {
  const { items: all } = await ask({})({ limit: 99 });
  await fc.assert(
    fc.asyncProperty(filter, fc.integer({ min: 1, max: 9 }), async (query, limit) => {
      const narrowed = all.filter((one) => narrows(one, query));
      const whole = narrowed.filter((one) => chooses(one, query));
      const { items, counts } = await paged(ask(query), limit);
      assert.deepEqual(items, inOrder(whole, orders[query.sort ?? 'subject'] as PlainOrder<DeviceView>));
      assert.equal(counts.total, whole.length);
      assert.deepEqual(
        counts.classes.map((one) => [one.class, one.count]),
        tallied(
          narrowed.filter((one) => one.class !== undefined && chooses(one, { ...query, class: undefined })),
          (one) => [String(one.class)],
        ),
      );
      assert.deepEqual(
        counts.kinds.map(({ kind, count }) => [kind, count]),
        tallied(
          narrowed.filter((one) => chooses(one, { ...query, kind: undefined })),
          ({ kind = '' }) => [kind],
        ),
      );
    }),
    {
      ...{ numRuns: 150, seed: 14 },
      // Long enough for several pages; and from the very time at which one was heard last.
      examples: [
        ...(['subject', 'name', 'newest', 'silent'] as const).map((sort, i): [Partial<DeviceQuery>, number] => [
          { sort },
          i + 1,
        ]),
        ...all.flatMap(({ lastArrivalMs: ms }): [Partial<DeviceQuery>, number][] =>
          ms === undefined
            ? []
            : [
                [{ heardSince: ms }, 2],
                [{ silentSince: ms }, 2],
              ],
        ),
      ],
    },
  );
});

test('a cursor of another order is refused, and one whose place is of another kind', async () => {
  const { next } = await ask({ sort: 'newest' })({ limit: 1 });
  await assert.rejects(ask({ sort: 'silent' })({ limit: 1, after: next as string }), { code: 'invalid' });
  const after = Buffer.from(JSON.stringify(['devices', 'newest', 60, 'x', 'x'])).toString('base64url');
  await assert.rejects(ask({ sort: 'newest' })({ limit: 1, after }), { code: 'invalid' });
});

test('a fork is said of the thing that it is about: one that stands before those that were recovered from', async () => {
  const place = (seq: number, of: string) => ({ epoch: 0, seq, id: of });
  const fork = (keyOwner: string, subject: string) => {
    sequences.advance(keyOwner, subject, place(0, `${keyOwner} a`), 1, undefined, NO_UNDO);
    sequences.advance(keyOwner, subject, place(0, `${keyOwner} b`), 2, 'fork', NO_UNDO);
  };
  const recover = (keyOwner: string, subject: string) =>
    sequences.recover(
      { trine: 'recovery/1', keyOwner, key: '', epoch: 1, from: { epoch: 0, seq: 0 }, heads: [] },
      { subject, id: id(1), index: 3, arrivalMs: 0, by: '' },
      NO_UNDO,
    );
  const forks = async () =>
    (await ask({})({ limit: 99 })).items.flatMap(({ subject, fork: is }) => (is ? [[subject, is]] : []));
  fork('gateway/1', 'meter/2');
  fork('gateway/2', 'meter/2');
  fork('pump/1', 'pump/1');
  recover('gateway/1', 'meter/2');
  recover('pump/1', 'pump/1');
  assert.deepEqual(await forks(), [
    ['meter/2', 'standing'],
    ['pump/1', 'recovered'],
  ]);
  recover('gateway/2', 'meter/2');
  assert.deepEqual((await forks())[0], ['meter/2', 'recovered']);
});

test('statements as they were sealed: of one or of all, in both orders, as of the first page', async () => {
  let at = 60;
  const arrive = async () => {
    await said(store, at + 1, given.slice(at, at + 1));
    at++;
  };
  for (const subject of [undefined, 'meter/2', 'nobody'])
    for (const sort of ['newest', 'oldest']) {
      const own = given
        .slice(0, at)
        .filter(({ sequence }) => subject === undefined || SEQUENCES[sequence]?.subject === subject);
      const { items, counts } = await paged(
        (page) => seals(store, { subject, sort, ...page }),
        25,
        () => arrive(),
      );
      assert.deepEqual(
        items,
        (sort === 'newest' ? own.toReversed() : own).map((one) => ({
          ...{ leaf: one.leaf, id: wideHex(one.leaf), subject: SEQUENCES[one.sequence]?.subject },
          ...{ kind: kindOfCode(one.isEvent ? 2 : 1), arrivalMs: one.arrivalMs, readings: one.readings },
          ...{ class: classNames[one.class - 1], flag: sequenceFlags[one.flag] },
        })),
      );
      assert.deepEqual(counts, { total: own.length });
    }
});

test('quantities of a thing by name, each with its newest number: the later leaf of one time, whatever texts came', async () => {
  const own = await openTables();
  const stream = (n: number, quantity: string, subject = 's') => ({ stream: n, subject, quantity, unit: 'm' });
  const said4 = [
    ...[[0, 10, 1, 1.5] as const, [0, 20, 2, 2.5] as const, [0, 20, 3, 3.5] as const, [0, 15, 4, 9] as const],
    ...[[0, 30, 5, Number.NaN] as const, [2, 1, 6, Number.NaN] as const, [3, 99, 7, 4] as const],
  ];
  await append(own, 9, [], {
    streams: [stream(0, 'z'), stream(1, 'b'), stream(2, 'a'), stream(3, 'z', 'other')],
    readings: {
      stream: Uint32Array.from(said4, ([of]) => of),
      timeMs: Float64Array.from(said4, ([, ms]) => ms),
      leaf: Float64Array.from(said4, ([, , leaf]) => leaf),
      value: Float64Array.from(said4, ([, , , value]) => value),
    },
  });
  const [a, b, z] = ['a', 'b', 'z'].map((quantity) => ({ subject: 's', quantity, unit: 'm' }));
  assert.deepEqual(await streams(own, 's'), [
    { stream: 2, ...a, readings: 1, lastMs: 1, lastValue: undefined },
    { stream: 1, ...b, readings: 0, lastMs: undefined, lastValue: undefined },
    { stream: 0, ...z, readings: 5, lastMs: 30, lastValue: 3.5 },
  ]);
  assert.deepEqual(await streams(own, 'nobody'), []);
});
