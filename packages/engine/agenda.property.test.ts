import assert from 'node:assert/strict';
import { test } from 'node:test';
import { obligationId, toHex } from '@trine/protocol';
import fc from 'fast-check';
import type { Agenda, Noted } from './agenda.ts';
import { agendaOf, correctable, SESSION, said, T0 } from './testing/agenda.ts';
import { type ToyParts, toyEvent } from './testing/toy.ts';

const things = ['thing/1', 'thing/2', 'person/1'] as const;
const step = fc.record({
  thing: fc.constantFrom(...things),
  lagMs: fc.nat(6_000),
  afterMs: fc.nat(900),
  text: fc.constantFrom('{"open":"k"}', '{"close":"k"}', '{'),
});

/** What things say, in the order of its arrival. */
function story(steps: readonly { thing: string; lagMs: number; afterMs: number; text: string }[]): Noted[] {
  let arrivalMs = T0 + 1_000;
  return steps.map(({ thing, lagMs, afterMs, text }, leaf) => {
    arrivalMs += afterMs;
    if (thing === 'person/1') return said({ ...toyEvent(leaf, thing, arrivalMs, text), leaf });
    const timeMs = Math.max(T0, arrivalMs - lagMs);
    return { leaf, arrivalMs, kind: 'pack', subject: thing, firstMs: timeMs, lastMs: timeMs };
  });
}

const parts: ToyParts = {
  triggers: [
    { name: 'window', on: 'window', startMs: 0, lengthMs: 1_000, graceMs: 100 },
    { ...SESSION, maxMs: 2_500 },
  ],
};
const both = { ...correctable, terms: { things: ['thing/1', 'thing/2'] } };

/** Feeds an agenda and decides what is due as time goes by; a snapshot may take its place at any step. */
function run(notes: readonly Noted[], snapshotAt: number): { made: string[]; agenda: Agenda } {
  let agenda = agendaOf(parts, both);
  const made: string[] = [];
  for (const [i, noted] of notes.entries()) {
    if (i === snapshotAt) {
      const snapshot = structuredClone(agenda.snapshot());
      agenda = agendaOf(parts, both);
      agenda.restore(snapshot);
    }
    for (const { obligation, dueMs } of agenda.due(noted.arrivalMs)) {
      const cut = notes.find(({ arrivalMs }) => arrivalMs >= dueMs)?.leaf ?? notes.length;
      agenda.decided(obligation, cut);
      made.push(`${toHex(obligationId(obligation))} ${obligation.toMs} ${dueMs} ${cut}`);
    }
    agenda.note(noted);
  }
  return { made, agenda };
}

test('property: a snapshot in the middle, taken up by another agenda, changes nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, place) => {
      const notes = story(steps);
      const [plain, resumed] = [run(notes, -1), run(notes, place)];
      assert.deepEqual(resumed.made, plain.made);
      assert.deepEqual(resumed.agenda.due(Number.POSITIVE_INFINITY), plain.agenda.due(Number.POSITIVE_INFINITY));
      assert.deepEqual(resumed.agenda.snapshot().open, plain.agenda.snapshot().open);
    }),
    { numRuns: 200 },
  );
});

test('property: whatever of several things arrives first, the same windows arise', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
      (steps, keys) => {
        const packs = story(steps).filter(({ kind }) => kind === 'pack');
        const shuffled = packs.map((one, i) => ({ one, key: keys[i] ?? 0 })).sort((a, b) => a.key - b.key);
        const [a, b] = [agendaOf(parts, both), agendaOf(parts, both)];
        for (const noted of packs) a.note(noted);
        for (const { one } of shuffled) b.note(one);
        const ids = (agenda: Agenda) =>
          agenda
            .due(Number.POSITIVE_INFINITY)
            .map(({ obligation }) => toHex(obligationId(obligation)))
            .sort();
        assert.deepEqual(ids(a), ids(b));
      },
    ),
    { numRuns: 200 },
  );
});

test('property: nothing late is lost: when nothing is due any more, the last decision saw all that belongs to it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const notes = story(steps);
      const { agenda } = run(notes, -1);
      const seen = new Map<string, number>();
      for (let due = agenda.due(Number.POSITIVE_INFINITY); due.length > 0; due = agenda.due(Number.POSITIVE_INFINITY))
        for (const { obligation, dueMs } of due) {
          const cut = notes.find(({ arrivalMs }) => arrivalMs >= dueMs)?.leaf ?? notes.length;
          agenda.decided(obligation, cut);
        }
      for (const [base, { cut }] of agenda.snapshot().decided) seen.set(base, cut);
      for (const { obligation, cut } of agenda.snapshot().decided.map(([, one]) => one))
        for (const { leaf, kind, firstMs, arrivalMs } of notes) {
          const isOwn = kind === 'pack' && firstMs >= obligation.fromMs && firstMs < obligation.toMs;
          if (isOwn && arrivalMs < obligation.toMs + 10_000) assert.ok(leaf < cut, `leaf ${leaf}, cut ${cut}`);
        }
    }),
    { numRuns: 200 },
  );
});
