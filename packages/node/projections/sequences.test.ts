// Sequences: what is odd about a statement's place, how far a sequence is whole, and that a step back leaves no trace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forkSides, type StatementHeader } from '@trine/protocol';
import fc from 'fast-check';
import { NO_UNDO, Undo } from './projection.ts';
import { RECENT_PER_SEQUENCE, type SequencePlace, SequenceTracker } from './sequences.ts';

const OWNER = 'thing/1';
const place = (seq: number, given: Partial<SequencePlace> = {}): SequencePlace => ({
  ...{ epoch: 0, seq, id: `id ${given.epoch ?? 0} ${seq}` },
  ...(seq > 0 && { prev: `id ${given.epoch ?? 0} ${seq - 1}` }),
  ...given,
});

/** Takes in what is no duplicate, as admission does. @returns what was said of it */
function take(tracker: SequenceTracker, at: SequencePlace, index: number, undo: Pick<Undo, 'push'> = NO_UNDO) {
  const verdict = tracker.classify(OWNER, OWNER, at);
  if ('duplicateOf' in verdict) return verdict.duplicateOf;
  tracker.advance(OWNER, OWNER, at, index, verdict.flag, undo);
  return verdict.flag;
}

function following(places: readonly SequencePlace[]): [SequenceTracker, (string | number | undefined)[]] {
  const tracker = new SequenceTracker();
  return [tracker, places.map((at, index) => take(tracker, at, index))];
}

test('one after the other nothing is odd; a first one that is not the first, and one that skips, is a gap', () => {
  assert.deepEqual(following([place(0), place(1), place(2)])[1], [undefined, undefined, undefined]);
  assert.deepEqual(following([place(4)])[1], ['gap']);
  assert.deepEqual(following([place(0, { prev: 'something' })])[1], ['gap']);
  const [tracker, flags] = following([place(0), place(3), place(1), place(2)]);
  assert.deepEqual(flags, [undefined, 'gap', 'reordered', 'reordered']);
  assert.equal(tracker.get(OWNER, OWNER)?.contiguousSeq, 3, 'what was missing came');
  const [skipping] = following([place(0), place(7, { prev: 'id 0 0' })]);
  assert.equal(skipping.get(OWNER, OWNER)?.contiguousSeq, 7, 'its issuer says that nothing is in between');
});

test('the same again is known; another on the same place, or beside the head, is a fork', () => {
  assert.deepEqual(following([place(0), place(1), place(1), place(0)])[1], [undefined, undefined, 1, 0]);
  assert.deepEqual(following([place(0), place(1), place(1, { id: 'rival' })])[1], [undefined, undefined, 'fork']);
  const [tracker, flags] = following([place(0), place(1), place(2, { prev: 'unheard of' })]);
  assert.equal(flags[2], 'fork');
  assert.deepEqual(
    tracker.forksAbout(() => true).map(({ sides, from }) => [sides, from]),
    [[[1, 2], { epoch: 0, seq: 1 }]],
  );
  assert.deepEqual(
    tracker.forksAbout((subject) => subject !== OWNER),
    [],
  );
});

test('a later epoch goes on from the head; an older one that goes on beside it is a clone', () => {
  const [tracker, flags] = following([
    place(0),
    place(0, { epoch: 1, prev: 'id 0 0' }),
    place(0, { epoch: 3, prev: 'elsewhere' }),
    place(1),
  ]);
  assert.deepEqual(flags, [undefined, undefined, 'gap', 'clone']);
  assert.deepEqual([tracker.get(OWNER, OWNER)?.epoch, tracker.get(OWNER, OWNER)?.flags.clone], [3, 1]);
});

test('the heads of a fork are what nothing follows, whatever the order in which they come', () => {
  const rival = place(1, { id: 'rival' });
  const next = place(2, { id: 'next', prev: 'rival' });
  for (const order of [
    [rival, next],
    [next, rival],
  ]) {
    const [tracker] = following([place(0), place(1), place(1, { id: 'third' }), ...order]);
    const heads = tracker.forkOf(OWNER, OWNER)?.heads.map((head) => Buffer.from(head).toString('latin1'));
    assert.deepEqual(heads?.sort(), ['id 0 1', 'next', 'third']);
  }
});

/** As a verifier has them: statements alone, in the order of the log. */
function saidOf(places: readonly SequencePlace[]) {
  const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  return places.map(({ epoch, seq, id, prev }) => ({
    keyOwner: OWNER,
    statement: {
      id: bytes(id),
      header: { subject: OWNER, epoch, seq, ...(prev !== undefined && { prev: bytes(prev) }) } as StatementHeader,
    },
  }));
}

test('property: a sequence is doubtful here from where whoever has its statements alone finds it doubtful', () => {
  const step = fc.record({ back: fc.nat(3), follows: fc.nat(12), isNew: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const tracker = new SequenceTracker();
      const places = [place(0)];
      take(tracker, place(0), 0);
      for (const { back, follows, isNew } of steps) {
        const { headSeq = 0, fork } = tracker.get(OWNER, OWNER) ?? {};
        if (fork !== undefined) break;
        const seq = isNew ? headSeq + 1 : Math.max(0, headSeq - back);
        const before = places.filter((one) => one.seq === seq - 1);
        // Mostly what stands before it, else anything that was said.
        const prev = follows < 9 ? before[follows % before.length] : places[follows % places.length];
        const at = place(seq, { id: `said ${places.length}`, ...(seq > 0 && { prev: prev?.id ?? 'unheard of' }) });
        take(tracker, at, places.length);
        places.push(at);
      }
      const firstOf = (said: readonly SequencePlace[]) =>
        Math.min(...forkSides(saidOf(said)).map(({ statement: { header } }) => header.seq));
      const { fork } = tracker.get(OWNER, OWNER) ?? {};
      assert.equal(fork?.from.seq ?? Number.POSITIVE_INFINITY, firstOf(places));
      if (fork === undefined) return;
      // The two that are kept of it show it by themselves.
      assert.equal(firstOf(fork.sides.map((index) => places[index] as SequencePlace)), fork.from.seq);
    }),
    { numRuns: 1_000 },
  );
});

test('after a recovery it goes on in its epoch, and the fork before stays known', () => {
  const [tracker] = following([place(0), place(1), place(1, { id: 'rival' })]);
  const said = { subject: OWNER, id: Uint8Array.of(114), index: 9, arrivalMs: 5, by: 'member' };
  const undo = new Undo();
  const before = structuredClone(tracker.snapshot());
  tracker.recover({ keyOwner: OWNER, epoch: 4 } as never, said, undo);
  assert.equal(tracker.forkOf(OWNER, OWNER), undefined);
  undo.rollback();
  assert.deepEqual(tracker.snapshot(), before);
  tracker.recover({ keyOwner: OWNER, epoch: 4 } as never, said, NO_UNDO);
  assert.equal(take(tracker, place(0, { epoch: 4, prev: 'r' }), 10), undefined);
  assert.equal(take(tracker, place(2), 11), 'clone', 'the old epoch is over');
  const [first, second] = tracker.forksAbout(() => true);
  assert.deepEqual(first?.recovery, { index: 9, arrivalMs: 5, epoch: 4, by: 'member' });
  assert.equal(second?.recovery, undefined);
});

test('so many are remembered, the newest: what is older the tables must say', () => {
  const [tracker] = following(Array.from({ length: RECENT_PER_SEQUENCE + 2 }, (_, seq) => place(seq)));
  assert.deepEqual(tracker.classify(OWNER, OWNER, place(2)), { duplicateOf: 2 });
  assert.deepEqual(tracker.classify(OWNER, OWNER, place(1)), { flag: 'reordered', mayBeOld: true });
  assert.deepEqual([...(tracker.get(OWNER, OWNER)?.recent.keys() ?? [])][0], '0:2');
});

/** With the order in which they are forgotten. */
const exact = (tracker: SequenceTracker) =>
  tracker.snapshot().map(({ name, state }) => ({ name, ...state, recent: [...state.recent] }));

test('steps that are taken back leave everything as it was, in its order; a snapshot goes on as the original would', () => {
  const step = fc.record({
    epoch: fc.nat(2),
    seq: fc.nat(90),
    id: fc.constantFrom('a', 'b'),
    prev: fc.option(fc.nat(90), { nil: undefined }),
  });
  const places = (steps: readonly { epoch: number; seq: number; id: string; prev: number | undefined }[]) =>
    steps.map(({ epoch, seq, id, prev }) => ({
      ...{ epoch, seq, id: `${id} ${epoch} ${seq}` },
      ...(prev !== undefined && { prev: `a ${epoch} ${prev}` }),
    }));
  const filled = Array.from({ length: 80 }, (_, seq) => place(seq, { id: `a 0 ${seq}`, prev: `a 0 ${seq - 1}` }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.array(step, { maxLength: 20 }), (kept, staged) => {
      const [tracker] = following([...filled, ...places(kept)]);
      const before = structuredClone(exact(tracker));
      const undo = new Undo();
      for (const [index, at] of places(staged).entries()) take(tracker, at, 1_000 + index, undo);
      const after = structuredClone(exact(tracker));
      undo.rollback();
      assert.deepEqual(exact(tracker), before);
      const restored = new SequenceTracker();
      restored.restore(structuredClone(tracker.snapshot()));
      for (const [index, at] of places(staged).entries()) take(restored, at, 1_000 + index);
      assert.deepEqual(exact(restored), after);
    }),
    { numRuns: 150, seed: 5 },
  );
});
