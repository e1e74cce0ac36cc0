// Open sessions: found by their key, counted by who opened them, and bounded for each and for all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenSessions } from './sessions.ts';
import { toyEvent } from './testing/toy.ts';

const session = (id: number, subject = 'person/1', key = 'gate', trigger = 'stay') => ({
  ...{ trigger, key, opening: toyEvent(id, subject, id, 'open') },
});
const idOf = (id: number) => toyEvent(id, '', 0, '').id;
const ids = (found: readonly { opening: { leaf: number } }[]) => found.map(({ opening }) => opening.leaf);

test('those under a key come in the order in which they were opened, of one trigger alone', () => {
  const open = new OpenSessions();
  for (const one of [
    session(3),
    session(1, 'person/2'),
    session(2, 'person/1', 'door'),
    session(4, 'person/1', 'gate', 'ride'),
  ])
    assert.equal(open.add(one), true);
  assert.deepEqual(ids(open.under('stay', 'gate')), [3, 1]);
  assert.deepEqual(ids(open.under('stay', 'door')), [2]);
  assert.deepEqual(ids(open.under('ride', 'gate')), [4]);
  assert.deepEqual(open.under('ride', 'door'), []);
  open.delete('ride', idOf(3));
  assert.deepEqual(ids(open.under('stay', 'gate')), [3, 1], 'of another trigger');
  open.delete('stay', idOf(3));
  assert.deepEqual(ids(open.under('stay', 'gate')), [1]);
  assert.deepEqual(ids(open.all()).sort(), [1, 2, 4]);
});

test('who has opened any is an opener until the last of them is closed; closing twice counts once', () => {
  const open = new OpenSessions();
  open.add(session(1));
  open.add(session(2, 'person/1', 'door'));
  open.add(session(3, 'person/2'));
  open.delete('stay', idOf(1));
  open.delete('stay', idOf(1));
  assert.equal(open.isOpener('person/1'), true);
  open.delete('stay', idOf(2));
  assert.equal(open.isOpener('person/1'), false);
  assert.equal(open.isOpener('person/2'), true);
  assert.equal(open.isOpener('person/3'), false);
  assert.deepEqual(open.under('stay', 'door'), []);
});

test('one opener has a thousand and no more; each that is closed makes room for one, and others have theirs', () => {
  const open = new OpenSessions();
  for (let id = 0; id < 1_000; id++) assert.equal(open.add(session(id)), true);
  assert.equal(open.add(session(1_000)), false);
  assert.equal(open.add(session(1_001, 'person/2')), true);
  open.delete('stay', idOf(7));
  open.delete('stay', idOf(8));
  assert.deepEqual(
    [1_002, 1_003, 1_004].map((id) => open.add(session(id))),
    [true, true, false],
  );
});

test('all together have a hundred thousand', () => {
  const open = new OpenSessions();
  for (let id = 0; id < 100_000; id++)
    assert.equal(open.add(session(id, `person/${Math.floor(id / 1_000)}`, `${id}`)), true);
  assert.equal(open.add(session(100_000, 'person/new')), false);
  open.delete('stay', idOf(5));
  assert.equal(open.add(session(100_000, 'person/new')), true);
});
