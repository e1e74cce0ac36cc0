// What an obligation may look at, found by time: the same as by looking through everything, at every boundary.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitHeads } from '@trine/protocol';
import type { Selector } from './domain.ts';
import type { OpenedInput } from './inputs.ts';
import { InputIndex, type RecordedInputs } from './recorded.ts';

const DAY_MS = 86_400_000;

function input(
  index: number,
  firstMs: number,
  lastMs: number = firstMs,
  subject = 'thing/1',
  kind = 'pack',
): OpenedInput {
  const statement = { id: new Uint8Array(32).fill(index), header: { kind, subject } };
  return {
    ...{ index, arrivalMs: index, firstMs, lastMs, statement },
    keyOwner: subject,
    owner: 'o',
  } as unknown as OpenedInput;
}

const none: RecordedInputs = { opened: [], erased: [], unreadable: [], forks: [], recoveries: [] };
const selector = (fromMs: number, toMs: number, given: Partial<Selector> = {}): Selector => ({
  ...{ name: 'said', subjects: ['thing/1'], kinds: ['pack'], fromMs, toMs, ...given },
});
const found = (opened: readonly OpenedInput[], selectors: readonly Selector[], cut = 1_000) =>
  new InputIndex({ ...none, opened }).candidates(selectors, cut, 0).candidates.map(({ index }) => index);

test('what touches the time is in: its last moment at the start counts, its first at the end does not', () => {
  const opened = [input(0, 99), input(1, 100), input(2, 199), input(3, 200), input(4, 50, 99), input(5, 50, 100)];
  assert.deepEqual(found(opened, [selector(100, 200)]), [1, 2, 5]);
});

test('below the cut, of the kinds and subjects asked for, each once and in the order of the log', () => {
  const opened = [input(7, 150), input(3, 160), input(4, 150, 150, 'thing/2'), input(5, 150, 150, 'thing/1', 'event')];
  assert.deepEqual(found(opened, [selector(100, 200)]), [3, 7]);
  assert.deepEqual(found(opened, [selector(100, 200)], 7), [3]);
  assert.deepEqual(found(opened, [selector(100, 200), selector(0, 200, { name: 'more' })]), [3, 7]);
  assert.deepEqual(
    found(opened, [selector(100, 200, { subjects: ['thing/*'], kinds: ['pack', 'event'] })]),
    [3, 4, 5, 7],
  );
});

test('what spans more than a day is found from both of its ends, and does not hide what is short', () => {
  const opened = [input(0, 0, 3 * DAY_MS), input(1, 5 * DAY_MS), input(2, DAY_MS, 2 * DAY_MS), input(3, 2 * DAY_MS)];
  assert.deepEqual(found(opened, [selector(3 * DAY_MS, 4 * DAY_MS)]), [0]);
  assert.deepEqual(found(opened, [selector(2 * DAY_MS, 2 * DAY_MS + 1)]), [0, 2, 3]);
  assert.deepEqual(found(opened, [selector(3 * DAY_MS + 1, 5 * DAY_MS)]), []);
});

test('forks, recoveries and what cannot be read count below the cut and of what is looked at; the heartbeat’s do not', () => {
  const sides: [OpenedInput, OpenedInput] = [input(2, 10), input(5, 10)];
  const beats: [OpenedInput, OpenedInput] = [input(3, 10, 10, 'node/1'), input(4, 10, 10, 'node/1')];
  const recovery = (index: number, subject: string) => ({ index, subject }) as never;
  const index = new InputIndex({
    ...none,
    forks: [sides, beats],
    recoveries: [recovery(6, 'thing/1'), recovery(6, 'node/1'), recovery(9, 'thing/1')],
    unreadable: [
      { index: 1, arrivalMs: 1, subject: 'thing/1' },
      { index: 1, arrivalMs: 1, subject: 'node/1' },
      { index: 8, arrivalMs: 8, subject: 'thing/1' },
    ],
  });
  const selectors = [selector(0, 100), selector(0, 100, { name: '$heartbeat', subjects: ['node/1'] })];
  const at = (cut: number) => {
    const { forks, recoveries, unreadable } = index.candidates(selectors, cut, 0);
    return [forks, recoveries, unreadable].map((all) => all.map((one) => one.index));
  };
  assert.deepEqual(at(8), [[2, 5], [6], [1]]);
  assert.deepEqual(at(6), [[2, 5], [], [1]]);
  assert.deepEqual(at(5), [[], [], [1]], 'one side alone is no fork');
  assert.deepEqual(at(1), [[], [], []]);
});

test('heads are those below the cut; a fork counts once both sides stand there, until its recovery does', () => {
  const at = (index: number, seq: number): OpenedInput => {
    const plain = input(index, 10);
    const header = { ...plain.statement.header, epoch: 0, seq };
    return { ...plain, statement: { ...plain.statement, header } } as OpenedInput;
  };
  const [first, one, other] = [at(1, 0), at(2, 1), at(5, 1)];
  const said = at(7, 2);
  const recovery = { index: 6, keyOwner: 'thing/1', subject: 'thing/1', from: { epoch: 0, seq: 1 }, epoch: 1 } as never;
  const index = new InputIndex({
    ...none,
    opened: [first, one, other],
    erased: [{ index: 7, arrivalMs: 7, subject: 'thing/1', said: { ...said, index: 7, order: 7 } }],
    forks: [[one, other]],
    recoveries: [recovery],
  });
  const head = ({ statement }: OpenedInput, seq: number, forked: boolean) =>
    commitHeads([{ subject: 'thing/1', keyOwner: 'thing/1', epoch: 0, seq, id: statement.id, forked }]);
  const heads = (cut: number) => index.heads([selector(0, 100)], cut);
  assert.deepEqual(heads(1), commitHeads([]));
  assert.deepEqual(heads(2), head(first, 0, false));
  assert.deepEqual(heads(5), head(one, 1, false), 'one side alone is no fork');
  assert.deepEqual(heads(6), head(one, 1, true), 'of two that claim a place the one in the first leaf');
  assert.deepEqual(heads(7), head(one, 1, false), 'recovered');
  assert.deepEqual(heads(8), head(said, 2, false), 'what was erased is a head all the same');
});

test('what was erased may belong to the time where it arrived after its start', () => {
  const erased = [{ index: 4, arrivalMs: 50, subject: 'thing/1' }];
  const index = new InputIndex({ ...none, erased });
  const isErased = (cut: number, fromMs: number, given: Partial<Selector> = {}) =>
    index.candidates([selector(0, 100, given)], cut, fromMs).isErased;
  assert.equal(isErased(5, 50), true);
  assert.equal(isErased(5, 51), false);
  assert.equal(isErased(4, 50), false);
  assert.equal(isErased(5, 0, { subjects: ['thing/2'] }), false);
});

test('an event is found by the id of its statement', () => {
  const event = { id: 'e' } as never;
  const index = new InputIndex({ ...none, opened: [{ ...input(1, 1), event }] });
  assert.equal(index.eventOf(new Uint8Array(32).fill(1)), event);
  assert.equal(index.eventOf(new Uint8Array(32)), undefined);
  assert.equal(index.eventOf(undefined), undefined);
});
