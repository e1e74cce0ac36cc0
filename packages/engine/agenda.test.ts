import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obligationId, policyHash, toHex } from '@trine/protocol';
import type { Agenda, Noted } from './agenda.ts';
import { DEMAND_TYPE, type LoggedEvent, type Trigger } from './domain.ts';
import { agendaOf, correctable, HOUR_MS, SESSION, said, T0 } from './testing/agenda.ts';
import { HEARTBEAT_SUBJECT } from './testing/scene.ts';
import { toyEvent } from './testing/toy.ts';

let leaves = 0;
function pack(subject: string, timeMs: number, arrivalMs = timeMs, lastMs = timeMs): Noted {
  return { leaf: leaves++, arrivalMs, kind: 'pack', subject, firstMs: timeMs, lastMs };
}

/** Obligations in short: times in milliseconds after the start, and what they correct. */
function dueOf(agenda: Agenda, nowMs = Number.POSITIVE_INFINITY) {
  return agenda
    .due(nowMs)
    .map(({ obligation, dueMs }) => [
      obligation.fromMs - T0,
      obligation.toMs - T0,
      dueMs - T0,
      ...(obligation.revision ? [`revision ${obligation.revision}`] : []),
    ]);
}

test('windows arise with what came within, once, by their ends; times in which nothing spoke are passed over', () => {
  const agenda = agendaOf();
  for (const ms of [2_500, 2_600, 100]) agenda.note(pack('thing/1', T0 + ms));
  agenda.note(pack(HEARTBEAT_SUBJECT, T0 + 7_000));
  agenda.note(pack('stranger/1', T0 + 9_000));
  assert.deepEqual(dueOf(agenda), [
    [0, 1_000, 1_100],
    [2_000, 3_000, 3_100],
    [7_000, 8_000, 8_100],
  ]);
  assert.equal(Math.min(...agenda.due(Number.POSITIVE_INFINITY).map(({ dueMs }) => dueMs)), T0 + 1_100);
  assert.deepEqual(dueOf(agenda, T0 + 1_099), []);
  assert.deepEqual(agendaOf().due(Number.POSITIVE_INFINITY), []);
});

test('only windows that lie wholly within the period; a pack over many makes all of them arise, up to a limit', () => {
  const agenda = agendaOf({}, { startMs: T0 + 500, endMs: T0 + 3_500 });
  agenda.note(pack('thing/1', T0 - 9_000, T0, T0 + 99_000));
  assert.deepEqual(dueOf(agenda), [
    [1_000, 2_000, 2_100],
    [2_000, 3_000, 3_100],
  ]);
  const wide = agendaOf();
  wide.note(pack('thing/1', T0, T0, T0 + 50 * HOUR_MS));
  assert.equal(wide.due(Number.POSITIVE_INFINITY).length, 10_000);
});

test('what was decided does not arise again, not even when it is remembered no more', () => {
  const agenda = agendaOf();
  for (let n = 0; n < 10_002; n++) {
    agenda.note(pack('thing/1', T0 + n * 1_000));
    for (const { obligation } of agenda.due(Number.POSITIVE_INFINITY)) agenda.decided(obligation, leaves);
  }
  assert.equal(agenda.snapshot().decided.length, 10_000, 'the oldest are forgotten');
  for (const n of [0, 1, 5_000]) agenda.note(pack('thing/1', T0 + n * 1_000));
  assert.deepEqual(dueOf(agenda), []);
  const again = agendaOf();
  again.restore(agenda.snapshot());
  again.note(pack('thing/1', T0));
  assert.deepEqual(dueOf(again), []);
});

test('what lies before a policy came is due when it came; what follows, at its time', () => {
  const agenda = agendaOf({}, {}, T0 + 1_500);
  for (const ms of [100, 2_500]) agenda.note(pack('thing/1', T0 + ms));
  assert.deepEqual(dueOf(agenda), [
    [0, 1_000, 1_500],
    [2_000, 3_000, 3_100],
  ]);
});

test('months are those of the time zone; a table of zones that is another, or too short, is refused', () => {
  const monthly: Trigger = { name: 'month', on: 'calendar', period: 'month', timeZone: 'Europe/Berlin', graceMs: 0 };
  const agenda = agendaOf({ triggers: [monthly] }, { startMs: T0 - 2 * HOUR_MS, endMs: T0 + 2_000 * HOUR_MS });
  agenda.note(pack('thing/1', T0 + 5 * HOUR_MS));
  assert.deepEqual(dueOf(agenda), [[-HOUR_MS, 743 * HOUR_MS, 743 * HOUR_MS]]);
  assert.throws(() => agendaOf({ triggers: [monthly] }, { endMs: Date.UTC(2051, 0) }), /covers 1990 to 2049/);
  assert.throws(
    () => agendaOf({ triggers: [monthly] }, { policy: { zones: { release: '1999a', hash: '0'.repeat(64) } } }),
    /reckons by the time zones of release 1999a/,
  );
});

test('what comes late about a decided window is corrected, once for all that comes within the grace', () => {
  const agenda = agendaOf({}, correctable);
  agenda.note(pack('thing/1', T0 + 1));
  const [first] = agenda.due(T0 + 1_100);
  agenda.decided(first?.obligation ?? assert.fail(), leaves);
  agenda.note(pack(HEARTBEAT_SUBJECT, T0 + 2, T0 + 2_000));
  assert.deepEqual(dueOf(agenda), [], 'a heartbeat is no input');
  agenda.note(pack('thing/1', T0 + 3, T0 + 2_000));
  agenda.note(pack('thing/1', T0 + 4, T0 + 2_100));
  assert.deepEqual(dueOf(agenda), [[0, 1_000, 2_101, 'revision 1']]);
  const cut = leaves;
  agenda.note(pack('thing/1', T0 + 5, T0 + 2_101));
  const [correction] = agenda.due(T0 + 2_101);
  const base = correction?.obligation.base ?? assert.fail();
  assert.equal(toHex(base), toHex(obligationId(first?.obligation ?? assert.fail())));
  agenda.decided(correction?.obligation ?? assert.fail(), cut);
  assert.deepEqual(dueOf(agenda), [[0, 1_000, 2_202, 'revision 2']], 'what came after the cut of the correction');
  agenda.decided(agenda.due(Number.POSITIVE_INFINITY)[0]?.obligation ?? assert.fail(), leaves);
  agenda.note(pack('thing/1', T0 + 6, T0 + 11_000));
  assert.deepEqual(dueOf(agenda), [], 'too late');
});

test('what arrives after the cut, but before the decision is made, is not lost', () => {
  const agenda = agendaOf({}, correctable);
  agenda.note(pack('thing/1', T0 + 1));
  agenda.note(pack('thing/1', T0 + 2, T0 + 1_099));
  const cut = leaves;
  agenda.note(pack('thing/1', T0 + 3, T0 + 1_100));
  agenda.note(pack('thing/1', T0 + 4, T0 + 1_500));
  agenda.decided(agenda.due(T0 + 1_500)[0]?.obligation ?? assert.fail(), cut);
  assert.deepEqual(dueOf(agenda), [[0, 1_000, 1_201, 'revision 1']]);
  const late = agenda.due(T0 + 1_500)[0]?.obligation ?? assert.fail();
  agenda.decided(late, cut + 1);
  assert.deepEqual(dueOf(agenda), [[0, 1_000, 1_601, 'revision 2']]);
  agenda.decided({ ...late, revision: 2 }, leaves);
  assert.deepEqual(dueOf(agenda), []);
});

test('without a grace a correction still sees what it is about', () => {
  const agenda = agendaOf(
    { triggers: [{ name: 'window', on: 'window', startMs: 0, lengthMs: 1_000, graceMs: 0 }] },
    correctable,
  );
  agenda.note(pack('thing/1', T0 + 1));
  agenda.decided(agenda.due(T0 + 1_000)[0]?.obligation ?? assert.fail(), leaves);
  agenda.note(pack('thing/1', T0 + 2, T0 + 5_000));
  assert.deepEqual(dueOf(agenda), [[0, 1_000, 5_001, 'revision 1']]);
});

/** `open KEY` opens, `close KEY` closes; anything else throws, as a careless domain does. */
const open = (id: number, ms: number, key: string, subject = 'person/1') =>
  said(toyEvent(id, subject, T0 + ms, JSON.stringify({ open: key })));
const close = (id: number, ms: number, key: string) =>
  said(toyEvent(id, 'gate/1', T0 + ms, JSON.stringify({ close: key })));

test('a session ends at its close, or at its longest duration', () => {
  const agenda = agendaOf({ triggers: [SESSION] });
  agenda.note(open(1, 0, 'a'));
  agenda.note(open(2, 100, 'b'));
  assert.equal(agenda.snapshot().open.length, 2);
  agenda.note(close(3, 500, 'a'));
  assert.deepEqual(dueOf(agenda), [
    [0, 501, 511],
    [100, 1_100, 1_110],
  ]);
  assert.equal(toHex(agenda.due(T0 + 511)[0]?.obligation.closedBy as Uint8Array), (3).toString(16).padStart(64, '0'));
  assert.equal(agenda.snapshot().due[0]?.[1].opening?.leaf, 1);
});

test('a close before its opening, a second one, and one after the longest duration close nothing', () => {
  const agenda = agendaOf({ triggers: [SESSION] });
  agenda.note(close(1, 0, 'a'));
  agenda.note(open(2, 0, 'a'));
  agenda.note(close(3, 400, 'a'));
  agenda.note(close(4, 500, 'a'));
  agenda.note(open(5, 600, 'b'));
  agenda.note(close(6, 1_600, 'b'));
  assert.deepEqual(dueOf(agenda), [
    [0, 401, 411],
    [600, 1_600, 1_610],
  ]);
});

test('one event may close a session and open the next under the same key; two under one key are closed together', () => {
  const agenda = agendaOf({ triggers: [SESSION] });
  agenda.note(open(1, 0, 'a'));
  agenda.note(said(toyEvent(2, 'person/1', T0 + 300, '{"open":"a","close":"a"}')));
  agenda.note(open(3, 400, 'a', 'person/2'));
  agenda.note(close(4, 500, 'a'));
  assert.deepEqual(dueOf(agenda), [
    [0, 301, 311],
    [300, 501, 511],
    [400, 501, 511],
  ]);
});

test('a session that could outlast the period is not opened; one that just fits is', () => {
  const agenda = agendaOf({ triggers: [SESSION] }, { endMs: T0 + 2_000 });
  agenda.note(open(1, 1_000, 'a'));
  agenda.note(open(2, 1_001, 'b'));
  assert.deepEqual(dueOf(agenda), [[1_000, 2_000, 2_010]]);
});

test('a body that cannot be read, or is too long, matches nothing; nothing is thrown', () => {
  const agenda = agendaOf({ triggers: [SESSION] });
  agenda.note(said(toyEvent(1, 'person/1', T0, 'no JSON')));
  agenda.note(said(toyEvent(2, 'person/1', T0, '')));
  agenda.note(said({ ...toyEvent(3, 'person/1', T0, ''), body: new Uint8Array([0xff, 0xfe]) }));
  agenda.note(open(4, 0, 'x'.repeat(5_000)));
  assert.deepEqual(dueOf(agenda), []);
});

/** Entries of maps and sets that work goes through: what grows with all there is shows here, on any machine alike. */
function countVisits(work: () => void): number {
  let visits = 0;
  const iterators = [new Map().values(), new Set().values()].map(
    (one) => Object.getPrototypeOf(one) as Iterator<unknown>,
  );
  const originals = iterators.map(({ next }) => next);
  for (const [i, iterator] of iterators.entries())
    iterator.next = function (this: Iterator<unknown>) {
      visits++;
      return (originals[i] as Iterator<unknown>['next']).call(this);
    };
  try {
    work();
  } finally {
    for (const [i, iterator] of iterators.entries()) iterator.next = originals[i] as Iterator<unknown>['next'];
  }
  return visits;
}

test('one opener cannot take the room of the others; a close asks about its own session, not about thousands', () => {
  let asked = 0;
  const counted = {
    ...SESSION,
    closes: (event: LoggedEvent) => {
      asked++;
      return SESSION.closes(event);
    },
  };
  const agenda = agendaOf({ triggers: [counted] });
  let id = 0;
  for (let n = 0; n < 1_100; n++) agenda.note(open(id++, 0, `greedy ${n}`, 'person/greedy'));
  assert.equal(agenda.snapshot().open.length, 1_000);
  for (let n = 0; n < 8_000; n++) agenda.note(open(id++, 1, `${n}`, `person/${n}`));
  const opened = asked;
  const visits = countVisits(() => {
    for (let n = 0; n < 8_000; n++) agenda.note(close(id++, 2, `${n}`));
  });
  assert.equal(asked - opened, 8_000, 'once for each close');
  assert.ok(visits < 8_000 * 20, `${visits} entries of maps and sets were gone through`);
  assert.equal(agenda.snapshot().open.length, 1_000);
});

test('a decided session is over: noting its opening again opens nothing', () => {
  const agenda = agendaOf({ triggers: [SESSION] });
  agenda.note(open(1, 0, 'a'));
  agenda.decided(agenda.due(Number.POSITIVE_INFINITY)[0]?.obligation ?? assert.fail(), 9);
  agenda.note(open(1, 0, 'a'));
  assert.deepEqual([dueOf(agenda), agenda.snapshot().open], [[], []]);
});

test('who opened what is due is an opener until that is decided', () => {
  const event: Trigger = { name: 'event', on: 'event', graceMs: 0, subjects: ['person/*'], matches: () => true };
  const agenda = agendaOf({ triggers: [event] });
  assert.equal(agenda.isOpener('person/1'), false);
  agenda.note(said(toyEvent(1, 'person/1', T0 + 10, '')));
  assert.deepEqual(
    ['person/1', 'person/2'].map((one) => agenda.isOpener(one)),
    [true, false],
  );
  agenda.decided(agenda.due(Number.POSITIVE_INFINITY)[0]?.obligation ?? assert.fail(), 9);
  assert.equal(agenda.isOpener('person/1'), false);
});

test('an event, and a deadline as long after it as the domain reads from it; what is no length makes none', () => {
  const within: Trigger = {
    name: 'deadline',
    on: 'deadline',
    graceMs: 5,
    subjects: ['person/*'],
    withinMs: ({ body }) => Number(new TextDecoder().decode(body)),
    matches: ({ body }) => body.length > 0,
  };
  const event: Trigger = { name: 'event', on: 'event', graceMs: 0, subjects: ['person/1'], matches: () => true };
  const agenda = agendaOf({ triggers: [within, event] });
  for (const [id, text] of ['700', 'soon', '-1', '0.5', '1e300', '', '0', '1'].entries())
    agenda.note(said(toyEvent(id, 'person/2', T0 + id, text)));
  agenda.note(said(toyEvent(9, 'person/1', T0 + 10, '')));
  assert.deepEqual(dueOf(agenda), [
    [7, 8, 13],
    [10, 11, 11],
    [0, 700, 705],
  ]);
  const fixed = agendaOf({ triggers: [{ ...within, withinMs: 50 }] });
  fixed.note(said(toyEvent(1, 'person/2', T0, 'x')));
  fixed.note(said(toyEvent(2, 'person/2', T0 - 1, 'x')));
  assert.deepEqual(dueOf(fixed), [[0, 50, 55]]);
});

test('on demand: only askers whom the terms name, and only about this policy', () => {
  const demand: Trigger = { name: 'demand', on: 'demand', graceMs: 3, askers: ['person/1'], lookBackMs: 500 };
  const agenda = agendaOf({ triggers: [demand] });
  const ask = (id: number, subject: string, body: Uint8Array, mediaType = DEMAND_TYPE) =>
    agenda.note(said({ ...toyEvent(id, subject, T0 + 800, ''), mediaType, body }));
  const hash = policyHash(agenda.policy);
  ask(1, 'person/2', hash);
  ask(2, 'person/1', new Uint8Array(32));
  ask(3, 'person/1', hash, 'text/plain');
  ask(4, 'person/1', hash);
  assert.deepEqual(dueOf(agenda), [[300, 801, 804]]);
});

test('of what an agenda is fed: the subjects that it looks at', () => {
  const agenda = agendaOf({ triggers: [SESSION] }, { terms: { things: ['a', 'b/*'] } });
  assert.deepEqual([...agenda.subjects].sort(), ['a', 'b/*', 'gate/1', HEARTBEAT_SUBJECT, 'person/*'].sort());
});
