import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forest } from './classifiers/forest.ts';
import { identify } from './hash.ts';
import { approved, trained } from './trained.ts';

const rows = Array.from({ length: 40 }, (_, i) => [i, i % 7]);
const examples = {
  features: ['a', 'b'],
  classes: ['low', 'high'],
  rows,
  labels: rows.map(([a = 0]) => (a < 20 ? 0 : 1)),
};

test('what was trained is named by its bytes', async () => {
  const bytes = forest.train(examples, 1);
  const model = trained(forest, bytes);
  assert.equal(identify(model).code, identify(forest).code);
  assert.notEqual(identify(model).configuration, identify(trained(forest, forest.train(examples, 2))).configuration);
  const hash = model.config.artefact as string;
  const [low = 0] = await (await approved(forest, bytes, hash).open()).classify([3, 3]);
  assert.ok(low > 0.9);
});

test('bytes that nobody approved are refused, and later changes of the array change nothing', async () => {
  const bytes = forest.train(examples, 1);
  const model = trained(forest, bytes);
  const swapped = bytes.slice();
  swapped[swapped.length - 1]! ^= 1;
  assert.throws(() => approved(forest, swapped, model.config.artefact as string), /not the approved model/);
  bytes.fill(0);
  assert.ok(((await (await model.open()).classify([3, 3]))[0] ?? 0) > 0.9);
  assert.throws(() => trained(forest, bytes), RangeError);
});
