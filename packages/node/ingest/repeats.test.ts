import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Repeats } from './repeats.ts';

test('a repeat within ten minutes is told what became of the first; later it is another message', async () => {
  const repeats = new Repeats();
  let done = 0;
  const work = async () => void done++;
  assert.equal(repeats.once('a', 0, work).isRepeat, false);
  assert.equal(repeats.once('b', 0, work).isRepeat, false);
  assert.equal(repeats.once('a', 599_999, work).isRepeat, true);
  assert.equal(repeats.once('a', 600_000, work).isRepeat, false);
  assert.equal(done, 3);
});

test('one that failed is none: whoever waits for it is told, and the next one is the first again', async () => {
  const repeats = new Repeats();
  const first = repeats.once('a', 0, async () => Promise.reject(new Error('full')));
  const repeat = repeats.once('a', 0, async () => undefined);
  await assert.rejects(first.done, /full/);
  await assert.rejects(repeat.done, /full/);
  assert.equal(repeats.once('a', 0, async () => undefined).isRepeat, false);
});

test('what is remembered is bounded: the oldest go first', () => {
  const repeats = new Repeats();
  const work = async () => undefined;
  for (let i = 0; i < 100_001; i++) repeats.once(`${i}`, 0, work);
  assert.equal(repeats.once('0', 0, work).isRepeat, false);
  assert.equal(repeats.once('100000', 0, work).isRepeat, true);
});
