import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeZone } from '../format/time.ts';
import { courseWords, holderWords, isPending, stepsOf } from './course.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const id = 'ab'.repeat(32);
const isBatch = false;
const amount = 5;

test('what can be disputed says until when, with the time zone, and how; afterwards it does not', () => {
  const payment = { id, isBatch, amount, state: 'announced' as const, course: { disputableUntilMs: NOW + 60_000 } };
  const words = courseWords(payment, NOW);
  assert.match(words, /can be disputed until 1 Jun 2026, \d\d:01:00/);
  assert.ok(words.includes(`(${timeZone})`));
  assert.deepEqual(
    stepsOf(payment, NOW).map(({ act, command }) => [act, command]),
    [['hold', 'npx trine hold abababababab --key FILE']],
  );
  assert.match(courseWords(payment, NOW + 60_001), /being paid/);
  assert.deepEqual(stepsOf(payment, NOW + 60_001), []);
});

test('where nothing is due any more nothing is said to be paid, but of a batch, which has no amount of its own', () => {
  const payment = { id, isBatch, amount: 0, state: 'announced' as const, course: { disputableUntilMs: NOW + 60_000 } };
  assert.match(courseWords(payment, NOW), /Then nothing is paid: nothing is due any more\.$/);
  assert.match(courseWords(payment, NOW + 60_001), /nothing is paid\.$/);
  assert.match(courseWords({ ...payment, isBatch: true }, NOW), /Then it is paid\.$/);
});

test('what is held says by whom, until when, and what follows where nobody rules', () => {
  for (const [afterHold, then] of [
    ['pay', 'it is paid'],
    ['drop', 'it is dropped'],
  ] as const) {
    const payment = {
      id,
      isBatch,
      amount,
      state: 'held' as const,
      course: { heldBy: '0x12', heldUntilMs: NOW, afterHold },
    };
    const words = courseWords(payment, NOW);
    assert.ok(words.startsWith('Held by 0x12: '));
    assert.ok(words.endsWith(`(${timeZone}), ${then}.`), words);
    assert.deepEqual(
      stepsOf(payment, NOW).map(({ act }) => act),
      ['pay', 'drop', 'redecide'],
    );
    const replaceable = { ...payment, course: { ...payment.course, replaceable: true } };
    assert.match(
      courseWords(replaceable, NOW),
      /If late readings change the decision, what they leave of it takes its place\./,
    );
    assert.deepEqual(
      stepsOf(replaceable, NOW).map(({ act }) => act),
      ['pay', 'drop'],
    );
  }
});

test('a batch is held by the arbiter alone, and nothing takes its place', () => {
  const announced = {
    id,
    isBatch: true,
    amount,
    state: 'announced' as const,
    course: { disputableUntilMs: NOW + 60_000 },
  };
  assert.match(courseWords(announced, NOW), /the arbiter can hold it until/);
  assert.deepEqual(
    stepsOf(announced, NOW).map(({ act, label }) => [act, label]),
    [['hold', 'Hold, as the arbiter']],
  );
  const course = { heldBy: '0x12', heldUntilMs: NOW, afterHold: 'pay' as const };
  for (const replaceable of [false, true]) {
    const held = { id, isBatch: true, amount, state: 'held' as const, course: { ...course, replaceable } };
    assert.doesNotMatch(courseWords(held, NOW), /takes its place/);
    assert.deepEqual(
      stepsOf(held, NOW).map(({ act }) => act),
      ['pay', 'drop'],
    );
  }
});

test('who objected is named as the agreement names it', () => {
  const parties = [
    { role: 'payer', name: 'City', address: '0x12' },
    { role: 'recipient', name: 'Supplier', address: '0x34' },
  ];
  const policy = { parties, arbiter: '0x56' };
  assert.equal(holderWords('0x12', policy), 'City, the payer');
  assert.equal(holderWords('0x56', policy), 'the arbiter');
  assert.equal(holderWords('0x78', policy), '0x78');
  const payment = {
    isBatch,
    amount,
    state: 'held' as const,
    course: { heldBy: '0x12', heldUntilMs: NOW, afterHold: 'drop' as const },
  };
  assert.match(courseWords(payment, NOW, 'City, the payer'), /^Held by City, the payer: /);
});

test('an end is an end: nothing follows, and nothing can be done', () => {
  for (const state of ['paid', 'dropped', 'expired', 'replaced'] as const) {
    assert.equal(isPending(state), false);
    assert.deepEqual(stepsOf({ id, isBatch, state }, NOW), []);
  }
  for (const state of ['ordered', 'announced', 'held', 'released'] as const) assert.equal(isPending(state), true);
});
