import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCount, formatMoney, formatRate, formatValue, sumMoney } from './amount.ts';
import {
  dayAfter,
  dayOf,
  formatAgo,
  formatLength,
  formatMoment,
  formatSpan,
  formatTook,
  formatWindow,
  localInput,
  startOfDay,
} from './time.ts';
import { assessmentWords, byHandHelp, refusalWords, rulingWords, scopeWords, sentence, shorten } from './words.ts';

test('money comes from whole minor units, in the digits of its currency', () => {
  assert.equal(formatMoney(5, 'EUR'), '€0.05');
  assert.equal(formatMoney(123_456, 'EUR'), '€1,234.56');
  assert.equal(formatMoney(7, 'JPY'), 'JP¥7');
  assert.equal(formatMoney(0, ''), '–');
  assert.equal(
    sumMoney([
      { amount: 5, currency: 'EUR' },
      { amount: 10, currency: 'EUR' },
      { amount: 1, currency: 'USD' },
    ]),
    '€0.15 + US$0.01',
  );
  assert.equal(sumMoney([]), '€0.00');
  // Browsers show forints without digits; a token of them has two, and 1,250 minor units are 12.50.
  assert.equal(formatMoney(1_250, 'HUF'), 'HUF\u00a012.50');
  assert.equal(formatMoney(9_007_199_254_740_985, 'EUR'), '€90,071,992,547,409.85');
  assert.equal(formatMoney(-5, 'EUR'), '-€0.05');
});

test('values follow their units', () => {
  assert.equal(formatValue(0.4217, '/'), '42.2 %');
  assert.equal(formatValue(1_500, 'B/s'), '1.5 kB/s');
  assert.equal(formatValue(0, 'B/s'), '0 B/s');
  assert.equal(formatValue(61.25, 'Cel'), '61.3 °C');
  assert.equal(formatValue(12, 'm3/s'), '12 m3/s');
  assert.equal(formatValue(Number.NaN, 'm'), '–');
  assert.equal(formatCount(1_234_567), '1,234,567');
});

test('how much comes is told once there is enough to tell, over more than one beat of a device', () => {
  assert.equal(formatRate([2, 0, 0]), undefined);
  assert.equal(formatRate(Array.from({ length: 32 }, (_, i) => (i % 5 === 0 ? 2 : 0))), '0.4 a second');
  assert.equal(formatRate(Array.from({ length: 60 }, () => 1_500)), '1,500 a second');
});

test('times are told in one unit', () => {
  assert.equal(formatAgo(0, 1_000), 'just now');
  assert.equal(formatAgo(0, 59_000), '59 s ago');
  assert.equal(formatAgo(0, 3_599_000), '59 min ago');
  assert.equal(formatSpan(86_400_000), '1 day');
  assert.equal(formatSpan(-5), '0 s');
  assert.deepEqual([1_500, 30_000, 90_000, 86_400_000, 250, 61_234].map(formatLength), [
    '1.5 s',
    '30 s',
    '1.5 min',
    '1 d',
    '250 ms',
    '61234 ms',
  ]);
  const noon = new Date(2026, 5, 1, 12).getTime();
  assert.equal(formatWindow(noon, noon + 30_000, noon), '12:00:00 – 12:00:30');
  assert.equal(formatWindow(noon, noon + 3_600_000, noon), '12:00 – 13:00');
  assert.equal(formatMoment(noon, noon), '12:00:00');
  const at = (month: number, date: number, hour: number) => new Date(2026, month, date, hour).getTime();
  const later = at(11, 1, 0);
  assert.equal(formatWindow(at(1, 28, 23), at(2, 31, 22), later), '28 Feb 2026, 23:00 – 31 Mar 2026, 22:00');
  assert.equal(formatWindow(at(1, 1, 0), at(1, 2, 0), later), '1 Feb 2026, 00:00 – 2 Feb 2026, 00:00');
  assert.equal(formatWindow(at(1, 1, 23), at(1, 2, 0), later), '1 Feb 2026, 23:00 – 00:00');
  assert.equal(formatWindow(noon, noon, noon), '12:00 – 12:00');
  assert.match(formatWindow(noon, noon + 30_000, noon + 86_400_000), /^1 Jun(e)? 2026, 12:00:00/);
});

test('what a person said is told in words, with what it should have been', () => {
  assert.equal(assessmentWords('right', undefined), 'right');
  assert.equal(assessmentWords('corrected', 'Met'), 'should be: Met');
  assert.equal(sentence('it came late'), 'It came late.');
  assert.equal(sentence('Did it?'), 'Did it?');
});

test('shortened names keep both ends and their length', () => {
  assert.equal(shorten('abc', 12), 'abc');
  assert.equal(shorten('did:key:z6MkhaXgBZDvotDk', 12), 'did:ke…votDk');
  assert.equal(shorten('did:key:z6MkhaXgBZDvotDk', 12).length, 12);
});

test('a check is timed to a tenth of a millisecond below twenty', () => {
  assert.deepEqual([0.04, 7.25, 19.9, 20, 123.6].map(formatTook), ['0.0 ms', '7.3 ms', '19.9 ms', '20 ms', '124 ms']);
});

test('refusals are told in words, and one not known here by its own', () => {
  assert.equal(refusalWords('too-many-quantities'), 'more quantities than one thing may have');
  assert.equal(refusalWords('of-tomorrow'), 'of-tomorrow');
});

test('what a key may speak of is told from its holder', () => {
  assert.equal(scopeWords(['*'], 'node/1'), 'may sign about anything');
  assert.equal(scopeWords(['machine/1', 'room/*'], 'machine/1'), 'may sign about itself, room/*');
  assert.equal(scopeWords([], 'machine/1'), 'may sign about nothing');
});

test('days are those of this time zone, and what is no day is none', () => {
  const from = startOfDay('2026-03-29') as number;
  assert.equal(dayOf(from), '2026-03-29');
  assert.equal(localInput(from), '2026-03-29T00:00:00');
  assert.equal(dayOf((dayAfter('2026-03-29') as number) - 1), '2026-03-29');
  assert.equal(dayOf(dayAfter('2026-12-31') as number), '2027-01-01');
  assert.deepEqual([startOfDay(''), startOfDay('tomorrow'), dayAfter('')], [undefined, undefined, undefined]);
});

test('what can be said by hand is of all that is held, or of its lines one by one', () => {
  assert.match(byHandHelp({ quorum: 1 }), /^1 decider, or all parties, can release it or drop it\./);
  assert.match(
    byHandHelp({ quorum: 2, lines: 3 }),
    /^2 deciders, or .* what is held: 3 lines, all at once or one by one\./,
  );
  const said = { by: '1 decider', reason: 'Seen' };
  assert.deepEqual(
    (['pay', 'drop'] as const).map((ruling) => rulingWords({ ...said, ruling })),
    ['Held, then released by hand', 'Held, then dropped by hand'],
  );
});
