import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappingsOf, placesOf, unitOf, withSubject, withValue } from './mapping.ts';

const mappings = mappingsOf([
  { topic: 'a', subject: 's', quantity: 'q', unit: 'W' },
  {
    topic: 'b',
    subject: 's',
    time: 't',
    fields: [{ path: 'x', quantity: 'temperature', unit: 'Cel', words: { on: 1 } }],
  },
]);

test('one value is read otherwise, and everything else as before', () => {
  const [one, field] = placesOf(mappings);
  assert.ok(one && field);
  assert.deepEqual([one.field, field.value.path], [undefined, 'x']);
  assert.deepEqual(withValue(mappings, field, { unit: '°F' })[1], {
    topic: 'b',
    subject: 's',
    time: 't',
    fields: [{ path: 'x', quantity: 'temperature', unit: '°F', words: { on: 1 } }],
  });
  assert.deepEqual(withValue(mappings, one, { unit: '', scale: '0.1' })[0], {
    topic: 'a',
    subject: 's',
    quantity: 'q',
    scale: '0.1',
  });
  // While it is being typed a quantity may be empty: it is a value all the same.
  assert.equal(placesOf(withValue(mappings, one, { quantity: '' })).length, 2);
  assert.equal(unitOf(mappings, 'temperature'), 'Cel');
  assert.deepEqual(
    withSubject(mappings, 's', 'r').map(({ subject }) => subject),
    ['r', 'r'],
  );
});
