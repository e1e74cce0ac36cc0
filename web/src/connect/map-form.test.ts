import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftOf, mappingFrom } from './map-form.ts';

test('a topic is proposed by its last message: members, and which of them is the time', () => {
  const draft = draftOf('hall/door 2', '{"door":"open","in":{"lux":3},"meta":{"ts":17},"none":null}');
  assert.deepEqual(mappingFrom('hall/door 2', draft), {
    topic: 'hall/door 2',
    subject: 'hall/door~_2',
    time: 'meta.ts',
    fields: [
      { path: 'door', quantity: 'door' },
      { path: 'in.lux', quantity: 'in.lux' },
    ],
  });
});

test('what is no JSON object is one value, called by the last level of its topic', () => {
  for (const payload of ['open', '[1,2]', '"shut"', ''])
    assert.deepEqual(mappingFrom('a/b', draftOf('a/b', payload)), { topic: 'a/b', subject: 'a/b', quantity: 'b' });
});

test('unit and scale stand in the mapping where they were given; rows without a path are left out', () => {
  const draft = draftOf('a', '{"v":"x"}');
  const [row] = draft.rows;
  assert.ok(row);
  const rows = [
    { ...row, unit: 'W', scale: '0.1' },
    { path: '', quantity: 'q', unit: '', scale: '' },
  ];
  assert.deepEqual(mappingFrom('a', { ...draft, rows }), {
    topic: 'a',
    subject: 'a',
    fields: [{ path: 'v', quantity: 'v', unit: 'W', scale: '0.1' }],
  });
});
