import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evaluate } from '@trine/engine';
import { checkDomain } from '@trine/engine/checks/domain.ts';
import { entriesOf, type InputStatement, toHex } from '@trine/protocol';
import fc from 'fast-check';
import { BOOKING_TYPE, CANCEL_TYPE, END_TYPE, START_TYPE } from './events.ts';
import { booking } from './index.ts';
import { bookingsOf } from './routes.ts';
import { simulateDay } from './simulate.ts';
import { HOUR_MS, MINUTE_MS, options, START_MS, Station, terms } from './testing/station.ts';

/** A seeded day, said step by step. */
async function day(station: Station, seed: number): Promise<number> {
  const opened = new Map<number, InputStatement>();
  for (const step of simulateDay(seed, START_MS)) {
    const { person, resource, booking: n, timeMs } = step;
    const at = (timeMs - START_MS) / MINUTE_MS;
    const own = opened.get(n);
    if (step.kind === 'book') opened.set(n, await station.book(person, resource, at, { minutes: step.minutes }));
    else if (step.kind === 'cancel' && own) await station.cancel(person, resource, own, at);
    else if (own) await station.report(step.kind === 'start' ? START_TYPE : END_TYPE, resource, own, at);
  }
  return START_MS + 29 * HOUR_MS;
}

const folder = new URL('./', import.meta.url);
checkDomain({
  domain: booking,
  scene: options,
  live: async (scene) => {
    const station = new Station();
    Object.assign(station, { scene });
    return day(station, 5);
  },
  wrongTerms: [
    [{ ...terms, resources: [] }, /terms\.resources/],
    [{ ...terms, openers: [{ subjects: 'person/*', openMax: 0 }] }, /terms\.openers\.0\.openMax/],
    [{ ...terms, unitMs: 24 * HOUR_MS }, /shorter than one unit/],
    [{ ...terms, deposit: -1 }, /terms\.deposit/],
  ],
  sources: readdirSync(folder)
    .filter((file) => /^(engine|line|memory|events|triggers|terms)\.ts$/.test(file))
    .map((path) => ({ path, text: readFileSync(new URL(path, folder), 'utf8') })),
});

interface Told {
  readonly what: string;
  readonly person: string;
  readonly resource: string;
  readonly bookAt: number;
  readonly minutes: number;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly cancelAt?: number;
  readonly entries: readonly string[];
  readonly verdict: string;
}

test('a Saturday comes out as reckoned by hand: fixtures/saturday.json', async () => {
  const told = JSON.parse(readFileSync(new URL('fixtures/saturday.json', folder), 'utf8')) as {
    terms: object;
    bookings: readonly Told[];
  };
  const station = new Station(told.terms);
  const steps = told.bookings.flatMap((one) => [
    { one, at: one.bookAt, kind: 'book' as const },
    ...(one.cancelAt === undefined ? [] : [{ one, at: one.cancelAt, kind: 'cancel' as const }]),
    ...(one.startAt === undefined ? [] : [{ one, at: one.startAt, kind: START_TYPE }]),
    ...(one.endAt === undefined ? [] : [{ one, at: one.endAt, kind: END_TYPE }]),
  ]);
  const opened = new Map<Told, InputStatement>();
  for (const { one, at, kind } of steps.sort((a, b) => a.at - b.at)) {
    const { person, resource, minutes } = one;
    const own = opened.get(one) as InputStatement;
    if (kind === 'book') opened.set(one, await station.book(person, resource, at, { minutes }));
    else if (kind === 'cancel') await station.cancel(person, resource, own, at);
    else await station.report(kind, resource, own, at);
  }
  await station.decide(12 * 60);
  for (const one of told.bookings) {
    const id = toHex((opened.get(one) as InputStatement).statement.id);
    const own = station.scene.decisions.filter(({ due, evaluated }) => {
      const about = toHex(due.obligation.about as Uint8Array);
      return about === id || (due.obligation.trigger === 'cancel' && evaluated.rows.has(one.person));
    });
    const rows = own.flatMap(({ evaluated }) => evaluated.rows.get(one.person)?.row ?? []);
    const said = rows.filter(({ verdict }) => verdict !== 'void' && verdict !== 'held').at(-1)?.verdict;
    const moved = rows.flatMap(entriesOf).map(({ from, to, amount }) => `${from} → ${to} ${amount}`);
    assert.deepEqual([said, moved], [one.verdict, one.entries], one.what);
  }
  assert.equal(station.escrow(), 0);
});

test('every unit that was begun is charged, by the device’s own clock where it has one', async () => {
  for (const [startMs, endMs, units] of [
    [0, 60_000, 1],
    [0, 60_001, 2],
    [0, 0, 1],
    [30_000, 90_000, 1],
  ] as const) {
    const station = new Station({ deposit: 0 });
    const opened = await station.book('person/a', 'bicycle/1', 0);
    await station.report(START_TYPE, 'bicycle/1', opened, 5, station.ms(2) + startMs);
    await station.report(END_TYPE, 'bicycle/1', opened, 10, station.ms(2) + endMs);
    await station.decide(60);
    assert.deepEqual(station.short('person/a'), [`person/a → recipient ${units * 20}`]);
  }
});

test('a device cannot date its report before the booking, nor after its arrival', async () => {
  const station = new Station({ deposit: 0 });
  const opened = await station.book('person/a', 'bicycle/1', 10);
  await station.report(START_TYPE, 'bicycle/1', opened, 12, station.ms(1));
  await station.report(END_TYPE, 'bicycle/1', opened, 22, station.ms(500));
  await station.decide(60);
  assert.deepEqual(station.short('person/a'), ['person/a → recipient 200'], 'ten minutes, by arrival');
});

test('of two bookings of one thing the second is refused; once it is given back the next is accepted', async () => {
  const station = new Station();
  const first = await station.book('person/a', 'bicycle/1', 0);
  await station.book('person/b', 'bicycle/1', 0);
  await station.report(START_TYPE, 'bicycle/1', first, 3);
  await station.report(END_TYPE, 'bicycle/1', first, 20);
  await station.book('person/c', 'bicycle/1', 20);
  await station.decide(24 * 60);
  assert.deepEqual(station.verdicts('person/b'), ['refused']);
  assert.deepEqual(station.entries('person/b'), []);
  assert.deepEqual(station.verdicts('person/c'), ['accepted', 'no-show']);
  assert.equal(station.escrow(), 0);
});

test('limits per opener: those who hold all they may are refused; another is not', async () => {
  const station = new Station({
    openers: [
      { subjects: 'person/a', openMax: 1 },
      { subjects: 'person/*', openMax: 2 },
    ],
  });
  for (const [i, person] of ['a', 'a', 'b', 'b', 'b'].entries())
    await station.book(`person/${person}`, `bicycle/${i}`, i);
  await station.book('stranger/1', 'bicycle/9', 6);
  await station.decide(8);
  assert.deepEqual(station.verdicts('person/a'), ['accepted', 'refused']);
  assert.deepEqual(station.verdicts('person/b'), ['accepted', 'accepted', 'refused']);
  assert.deepEqual(station.verdicts('stranger/1'), [], 'who is not named is not answered');
});

test('a request outside the terms is refused in words, and opens nothing', async () => {
  const station = new Station();
  await station.book('person/a', 'bicycle/1', 0, { within: 16 });
  await station.book('person/b', 'bicycle/1', 1, { minutes: 241 });
  await station.book('person/c', 'boat/1', 2);
  await station.decide(24 * 60);
  assert.deepEqual(
    ['a', 'b', 'c'].map((one) => station.verdicts(`person/${one}`)),
    [['refused'], ['refused'], ['refused']],
  );
  assert.deepEqual(
    station.scene.decisions.map(({ evaluated }) => evaluated.decision.facts.cause),
    ['terms', 'terms', 'unknown'],
  );
});

test('cancelling: in time it costs nothing, late it costs what a no-show does, and once in use it does nothing', async () => {
  const station = new Station();
  const [free, late, used] = [
    await station.book('person/a', 'bicycle/1', 0),
    await station.book('person/b', 'bicycle/2', 0),
    await station.book('person/c', 'bicycle/3', 0),
  ];
  await station.report(START_TYPE, 'bicycle/3', used, 3);
  await station.cancel('person/c', 'bicycle/3', used, 4);
  await station.cancel('person/b', 'bicycle/1', free, 5);
  await station.cancel('person/a', 'bicycle/1', free, 10);
  await station.cancel('person/b', 'bicycle/2', late, 10.1);
  await station.book('person/d', 'bicycle/1', 11);
  await station.report(END_TYPE, 'bicycle/3', used, 13);
  await station.decide(24 * 60);
  assert.deepEqual(station.verdicts('person/a'), ['accepted', 'cancelled']);
  assert.deepEqual(station.verdicts('person/b'), ['accepted', 'cancelled-late'], 'nobody cancels for another');
  assert.deepEqual(station.short('person/b').slice(1), ['escrow → recipient 300', 'escrow → person/b 700']);
  assert.deepEqual(station.verdicts('person/c'), ['accepted', 'held', 'used']);
  assert.deepEqual(station.verdicts('person/d')[0], 'accepted', 'it is free again at once');
  assert.equal(station.escrow(), 0);
});

test('only the booked thing itself ends a session', async () => {
  const station = new Station();
  const opened = await station.book('person/a', 'bicycle/1', 0);
  await station.report(START_TYPE, 'bicycle/1', opened, 2);
  await station.report(END_TYPE, 'bicycle/2', opened, 5);
  await station.report(END_TYPE, 'person/a', opened, 6);
  await station.report(END_TYPE, 'bicycle/1', opened, 12);
  await station.decide(60);
  assert.deepEqual(station.short('person/a').slice(1), ['escrow → recipient 200', 'escrow → person/a 800']);
});

test('without an end the longest use is owed; an end that comes late gives back the difference', async () => {
  const station = new Station();
  const opened = await station.book('person/a', 'bicycle/1', 0);
  await station.report(START_TYPE, 'bicycle/1', opened, 2);
  await station.decide(5 * 60);
  assert.deepEqual(station.verdicts('person/a'), ['accepted', 'held', 'not-returned']);
  assert.deepEqual(station.short('person/a').slice(1), ['escrow → recipient 1000', 'person/a → recipient 4300']);
  await station.report(END_TYPE, 'bicycle/1', opened, 6 * 60, station.ms(32));
  await station.decide(7 * 60);
  const last = station.scene.decisions.at(-1);
  assert.equal(last?.due.obligation.revision, 1);
  const net = (account: string) =>
    station
      .entries('person/a')
      .reduce((sum, { from, to, amount }) => sum + (to === account ? amount : from === account ? -amount : 0), 0);
  assert.deepEqual([net('recipient'), net('escrow'), net('person/a')], [600, 0, -600], 'thirty minutes');
});

test('a booking that could outlast the terms is refused: its deposit would have no end', async () => {
  const station = new Station({}, { endMs: START_MS + 5 * HOUR_MS });
  await station.book('person/a', 'bicycle/1', 44);
  await station.book('person/b', 'bicycle/2', 46);
  await station.decide(5 * 60);
  assert.deepEqual(station.verdicts('person/a'), ['accepted', 'no-show']);
  assert.deepEqual(station.verdicts('person/b'), ['refused']);
});

test('whatever bytes people and devices send: nothing stops, and what cannot be read is none of it', async () => {
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc
      .record({ resource: fc.string(), latestStartMs: fc.double(), minutes: fc.anything(), opening: fc.string() })
      .map((value) => new TextEncoder().encode(JSON.stringify(value) ?? '')),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(BOOKING_TYPE, CANCEL_TYPE, START_TYPE, END_TYPE), bodies), { maxLength: 6 }),
      async (said) => {
        const station = new Station();
        for (const [i, [type, body]] of said.entries())
          await station.scene.event(i % 2 ? 'bicycle/1' : 'person/a', type, body, station.ms(i));
        await station.decide(60);
        assert.deepEqual(station.scene.decisions, []);
      },
    ),
    { numRuns: 60 },
  );
});

test('property: over any day escrow ends empty, and nobody pays for what was refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const station = new Station();
      await station.scene.decide(await day(station, seed));
      assert.equal(station.escrow(), 0);
      const refused = station.scene.decisions.filter(({ evaluated }) => evaluated.decision.verdict === 'refused');
      for (const { evaluated } of refused)
        for (const { row } of evaluated.rows.values()) assert.deepEqual(row.effects, []);
    }),
    { numRuns: 8 },
  );
});

test('what is public names nobody, nor says how long or how dear', async () => {
  const station = new Station();
  await station.scene.decide(await day(station, 9));
  assert.ok(station.scene.decisions.length > 60);
  for (const { evaluated } of station.scene.decisions) {
    const { facts, reason, effects } = evaluated.decision;
    assert.deepEqual(effects, []);
    assert.deepEqual(
      Object.keys(facts).filter((name) => name !== 'cause'),
      [],
    );
    assert.deepEqual(reason.arguments, {});
  }
});

test('bookings, open and past; amounts only in lines that the caller may read', async () => {
  const station = new Station();
  const opened = await station.book('person/a', 'bicycle/1', 0);
  await station.report(START_TYPE, 'bicycle/1', opened, 2);
  await station.book('person/b', 'bicycle/1', 3);
  const shown = (isOwn: boolean) =>
    station.scene.decisions.map(({ due: { obligation }, evaluated: { decision, rows } }) => ({
      id: '',
      fromMs: obligation.fromMs,
      toMs: obligation.toMs,
      verdict: decision.verdict,
      facts: decision.facts,
      entries: [],
      outcome: decision.outcome,
      trigger: obligation.trigger,
      about: toHex(obligation.about as Uint8Array),
      rows: isOwn ? [...rows.values()].map(({ row }) => ({ ...row, entries: entriesOf(row) })) : [],
    }));
  await station.decide(20);
  assert.deepEqual(
    bookingsOf(shown(false)).map(({ state, lines }) => [state, lines]),
    [
      ['open', []],
      ['refused', []],
    ],
  );
  await station.report(END_TYPE, 'bicycle/1', opened, 32);
  await station.decide(60);
  const [first] = bookingsOf(shown(true));
  assert.equal(first?.state, 'over');
  assert.deepEqual(
    first?.lines.map(({ verdict, amount }) => [verdict, amount]),
    [
      ['accepted', undefined],
      ['held', undefined],
      ['used', 600],
    ],
  );
  const over = booking.manifest.routes[0]?.answer(shown(false), { terms }, { state: 'over' });
  assert.equal((over as unknown[]).length, 1);
});

test('a request whose body was erased is answered with nothing', async () => {
  const station = new Station();
  await station.book('person/a', 'bicycle/1', 0);
  const [due] = station.scene.agenda.due(station.ms(10));
  const evaluation = await station.scene.evaluation(due?.obligation ?? assert.fail(), station.scene.log.length, 0);
  const candidates = evaluation.candidates.map((one) => ({ ...one, event: undefined }));
  const { decision, rows } = evaluate({ ...evaluation, candidates });
  assert.deepEqual([decision.verdict, rows.size], ['void', 0]);
});

test('booking has no parameters', async () => {
  await assert.rejects(booking.open({ price: 1 }), /no parameter price/);
});
