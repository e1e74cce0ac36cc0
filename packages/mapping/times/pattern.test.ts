import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patternProblem, patternReader } from './pattern.ts';

const reads = (pattern: string, text: string, ...parts: Parameters<typeof Date.UTC>) =>
  assert.equal(patternReader(pattern)(text)?.localMs, Date.UTC(...parts), `${pattern}: ${text}`);

test('Unicode TR35: letters of the subset', () => {
  reads('dd.MM.yyyy HH:mm', '30.05.2014 18:20', 2014, 4, 30, 18, 20);
  reads('d/M/yy H:mm:ss.SSS', '1/6/24 9:05:07.250', 2024, 5, 1, 9, 5, 7, 250);
  reads("yyyy-MM-dd'T'HH:mm", '2024-06-01T00:30', 2024, 5, 1, 0, 30);
  reads('hh:mm a, MMM d, yyyy', '12:30 PM, Jun 1, 2024', 2024, 5, 1, 12, 30);
  reads('EEEE d MMMM yyyy', 'samedi 1 juin 2024', 2024, 5, 1);
  reads("yyyy-MM-dd HH 'o''clock'", "2024-06-01 07 o'clock", 2024, 5, 1, 7);
  reads('yyyyMMddHH', '2024060124', 2024, 5, 2);
  reads('yyyy-MM', '2024-06', 2024, 5, 1);
  reads('HH:mm dd.MM.yyyy', '18:20   30.05.2014', 2014, 4, 30, 18, 20);
  assert.deepEqual(patternReader('yyyy-MM-dd HH:mmXXX')('2024-06-01 12:00+02:00')?.offsets, [120]);
  assert.deepEqual(patternReader('yyyy-MM-dd HH:mm Z')('2024-06-01 12:00 -0330')?.offsets, [-210]);
  assert.equal(patternReader('yyyy-MM-dd HH:mm z')('2024-06-01 12:00 Europe/Berlin')?.zone, 'Europe/Berlin');
});

test('a pattern reads nothing else: two digits are two, and signs stand for themselves', () => {
  for (const [pattern, text] of [
    ['dd.MM.yyyy', '1.06.2024'],
    ['dd.MM.yyyy', '01x06x2024'],
    ['dd.MM.yyyy', '31.06.2024'],
    ['dd.MM.yyyy', '01.06.2024 '],
    ['hh:mm a dd.MM.yyyy', '13:00 PM 01.06.2024'],
    ['yyyy-MM-dd (HH)', '2024-06-01 07'],
  ] as const)
    assert.equal(patternReader(pattern)(text), undefined, `${pattern}: ${text}`);
});

test('what is no pattern is said in words', () => {
  for (const [pattern, words] of [
    ['', /1 to 80/],
    ['MM.dd', /no year/],
    ['yyyy', /no month/],
    ['YYYY-MM-DD', /letters YYYY/],
    ['yyyy-MM-dd hh:mm', /go together/],
    ['yyyy-MM-dd HH:mm a', /hours of 24/],
    ['yyyy-MM-dd mm', /minutes without hours/],
    ['yyyy-MM-MM', /month twice/],
    ["yyyy-MM-dd 'open", /quote/],
  ] as const)
    assert.match(patternProblem(pattern) ?? '', words, pattern);
  assert.throws(() => patternReader('MM'), RangeError);
});
