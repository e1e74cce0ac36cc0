import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coversFilter, matchTopic } from './topics.ts';

test('MQTT 3.1.1 §4.7.1: + matches one level, # all that follow and the level before', () => {
  assert.deepEqual(matchTopic('sport/tennis/player1/#', 'sport/tennis/player1'), ['']);
  assert.deepEqual(matchTopic('sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon'), ['score/wimbledon']);
  assert.deepEqual(matchTopic('+/+', '/finance'), ['', 'finance']);
  assert.equal(matchTopic('+', '/finance'), undefined);
  assert.equal(matchTopic('sport/+', 'sport'), undefined);
});

test('property: a filter covers another where it matches all that the other does', () => {
  const level = fc.constantFrom('a', 'b');
  const filter = fc.tuple(fc.array(fc.constantFrom('a', 'b', '+'), { minLength: 1, maxLength: 3 }), fc.boolean());
  const asText = ([levels, isOpen]: [string[], boolean]) => [...levels, ...(isOpen ? ['#'] : [])].join('/');
  const topics = fc.array(fc.array(level, { minLength: 1, maxLength: 5 }), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(filter, filter, topics, (one, other, some) => {
      const [a, b] = [asText(one), asText(other)];
      const all = some.map((levels) => levels.join('/'));
      const covers = coversFilter(a, b);
      const isCovered = all.every((t) => matchTopic(b, t) === undefined || matchTopic(a, t) !== undefined);
      // What is found by trying some can be too good; what is said to be covered must be.
      if (covers) assert.ok(isCovered, `${a} ${b}`);
      assert.ok(coversFilter(a, a) && coversFilter('#', b));
    }),
  );
  assert.deepEqual(
    [coversFilter('a/+', 'a/#'), coversFilter('a/#', 'a'), coversFilter('+/b', 'a/b')],
    [false, true, true],
  );
});
