// Streams: a number for what a thing measures of a quantity, in one unit for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_UNDO, Undo } from './projection.ts';
import { QUANTITIES_PER_SUBJECT_MAX, type Stream, StreamRegistry } from './streams.ts';

const nobody = () => assert.fail('no new stream');

test('the first reading of a quantity makes its stream, later ones find it, another unit is refused', () => {
  const streams = new StreamRegistry();
  const made: Stream[] = [];
  const add = (stream: Stream) => void made.push(stream);
  streams.resolve('a', 'flow\nm3/s', NO_UNDO, add);
  streams.resolve('a', 'level\nm', NO_UNDO, add);
  streams.resolve('b', 'flow\nl/s', NO_UNDO, add);
  assert.deepEqual(made, [
    { stream: 0, subject: 'a', quantity: 'flow', unit: 'm3/s' },
    { stream: 1, subject: 'a', quantity: 'level', unit: 'm' },
    { stream: 2, subject: 'b', quantity: 'flow', unit: 'l/s' },
  ]);
  assert.equal(streams.resolve('a', 'flow\nm3/s', NO_UNDO, nobody), made[0]);
  assert.equal(streams.resolve('a', 'flow\nl/s', NO_UNDO, nobody), 'wrong-unit');
  assert.equal(streams.resolve('a', 'level\n', NO_UNDO, nobody), 'wrong-unit', 'none is another one');
});

test('a thing has so many quantities and no more; others are not touched by it', () => {
  const streams = new StreamRegistry();
  for (let i = 0; i < QUANTITIES_PER_SUBJECT_MAX; i++)
    assert.equal(typeof streams.resolve('a', `q${i}\n`, NO_UNDO, () => undefined), 'object');
  assert.equal(streams.resolve('a', 'more\n', NO_UNDO, nobody), 'too-many-quantities');
  assert.equal((streams.resolve('a', 'q0\n', NO_UNDO, nobody) as Stream).stream, 0, 'known ones go on');
  assert.equal((streams.resolve('b', 'q0\n', NO_UNDO, () => undefined) as Stream).stream, QUANTITIES_PER_SUBJECT_MAX);
});

test('numbers are given back where the append fails, the newest first', () => {
  const streams = new StreamRegistry();
  streams.resolve('a', 'x\n', NO_UNDO, () => undefined);
  const undo = new Undo();
  streams.resolve('a', 'y\n', undo, () => undefined);
  streams.resolve('b', 'y\n', undo, () => undefined);
  undo.rollback();
  assert.deepEqual(
    streams.snapshot().map(({ stream, subject }) => [stream, subject]),
    [[0, 'a']],
  );
  assert.equal((streams.resolve('c', 'z\n', NO_UNDO, () => undefined) as Stream).stream, 1);
});

test('a snapshot is gone on with', () => {
  const streams = new StreamRegistry();
  for (const name of ['x\n', 'y\nm']) streams.resolve('a', name, NO_UNDO, () => undefined);
  const restored = new StreamRegistry();
  restored.restore(structuredClone(streams.snapshot()));
  assert.deepEqual(restored.snapshot(), streams.snapshot());
  assert.equal((restored.resolve('a', 'y\nm', NO_UNDO, nobody) as Stream).stream, 1);
  assert.equal((restored.resolve('b', 'y\nm', NO_UNDO, () => undefined) as Stream).stream, 2);
});
