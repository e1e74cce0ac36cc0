// Cursors and conditions: a place in a list is what the list itself said, and whatever was asked is bound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Conditions, type Cursor, cursorOf, idRange, nextOf, orderBy, pageFrom } from './page.ts';

const FORM = ['number', 'string'] as const;
const written = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (after: string, form: readonly ['number' | 'string', 'number' | 'string'] = FORM) =>
  cursorOf('things', 99, { limit: 1, sort: 'newest', after }, form);

test('a first page is as of what the store has now, newest first; a later one as of what the first was', () => {
  assert.deepEqual(cursorOf('things', 99, { limit: 1 }, FORM), {
    ...{ list: 'things', sort: 'newest', asOf: 99, place: undefined },
  });
  const first = cursorOf('things', 12, { limit: 1, sort: 'name' }, FORM);
  const later = cursorOf('things', 99, { limit: 1, sort: 'name', after: nextOf(first, { value: 3, tie: 'x' }) }, FORM);
  assert.deepEqual(later, { list: 'things', sort: 'name', asOf: 12, place: { value: 3, tie: 'x' } });
});

test('property: any place comes back as it was', () => {
  const text = fc.string({ unit: 'binary' }).filter((given) => given.isWellFormed() && !given.includes('\0'));
  fc.assert(
    fc.property(fc.maxSafeInteger(), text, fc.maxSafeNat(), (value, tie, asOf) => {
      const cursor: Cursor = { list: 'things', sort: 'newest', asOf, place: undefined };
      assert.deepEqual(read(nextOf(cursor, { value, tie })), { ...cursor, place: { value, tie } });
    }),
    { numRuns: 200, seed: 1 },
  );
});

const refused: Readonly<Record<string, string>> = {
  'no JSON': Buffer.from('[').toString('base64url'),
  'nothing at all': '',
  null: written(null),
  'no array': written({ 0: 'things', 1: 'newest' }),
  'another list': written(['others', 'newest', 1, 1, 'x']),
  'another order': written(['things', 'oldest', 1, 1, 'x']),
  'a leaf that is no whole number': written(['things', 'newest', 1.5, 1, 'x']),
  'a leaf that is a text': written(['things', 'newest', '1', 1, 'x']),
  'a value of another form': written(['things', 'newest', 1, 'x', 'x']),
  'a value beyond what is exact': written(['things', 'newest', 1, 2 ** 53, 'x']),
  'a tie of another form': written(['things', 'newest', 1, 1, 1]),
  'a tie that is missing': written(['things', 'newest', 1, 1]),
  'a zero byte, which the tables do not take': written(['things', 'newest', 1, 1, 'a\0b']),
  'half a character': Buffer.from('["things","newest",1,1,"\\ud800"]').toString('base64url'),
};

for (const [what, after] of Object.entries(refused))
  test(`an "after" is refused where it is ${what}`, () => {
    assert.throws(() => read(after), { code: 'invalid', message: /`next`/ });
  });

test('conditions bind what is given, pass over what is not, and number the places in order', () => {
  const conditions = new Conditions();
  assert.equal(conditions.where, '');
  conditions
    .add(undefined, (n) => `a = ${n}`)
    .add("' OR 1=1 --", (n) => `b = ${n}`)
    .add(false, (n) => `(c IS NULL) = ${n}`);
  assert.equal(conditions.where, 'WHERE b = $1 AND (c IS NULL) = $2');
  assert.equal(conditions.bind(7), '$3');
  assert.deepEqual(conditions.values, ["' OR 1=1 --", false, 7]);
});

test('beyond a place is after it in the order, by the tie among equals', () => {
  const place = { value: 5, tie: 'x' };
  const where = (descending: boolean) =>
    new Conditions().beyond({ by: 'v', tie: 't', descending }, place).where.slice('WHERE '.length);
  assert.equal(where(true), '(v < $1 OR (v = $1 AND t < $2))');
  assert.equal(where(false), '(v > $1 OR (v = $1 AND t > $2))');
  assert.equal(new Conditions().beyond({ by: 'v', tie: 't', descending: true }, undefined).where, '');
  assert.equal(orderBy({ by: 'v', tie: 't', descending: true }), 'ORDER BY v DESC, t DESC');
  assert.equal(orderBy({ by: 'v', tie: 't', descending: false }), 'ORDER BY v ASC, t ASC');
});

test('a page says where the next begins only where there is one', () => {
  const cursor: Cursor = { list: 'things', sort: 'newest', asOf: 9, place: undefined };
  const page = (found: readonly number[]) =>
    pageFrom(
      found,
      2,
      cursor,
      (n) => ({ value: n, tie: `t${n}` }),
      (n) => n * 10,
    );
  assert.deepEqual(page([]), { items: [] });
  assert.deepEqual(page([1, 2]), { items: [10, 20] });
  const { items, next } = page([1, 2, 3]);
  assert.deepEqual(items, [10, 20]);
  assert.deepEqual(read(next ?? assert.fail()).place, { value: 2, tie: 't2' });
});

test('ids that begin so lie between two, the beginning itself and all of it included', () => {
  const [low, high] = idRange('abcdef0').map((bytes) => Buffer.from(bytes).toString('hex'));
  assert.deepEqual([low, high], [`abcdef0${'0'.repeat(57)}`, `abcdef0${'f'.repeat(57)}`]);
  const whole = '7'.repeat(64);
  assert.deepEqual(idRange(whole), [Buffer.from(whole, 'hex'), Buffer.from(whole, 'hex')]);
});
