// A payment that could not be ordered at first: said while it is so, and ordered once it can be, without a restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrdersOptions } from '@trine/node/settle/orders.ts';
import { decided, paid, startPlatform, until } from './platform.ts';

test('what fails once is not forgotten: the problem is shown, then it is paid', async (t) => {
  const platform = await startPlatform();
  t.after(() => platform.remove());
  const { node } = platform;
  const { options } = node.settler as unknown as { options: { evidence: OrdersOptions['evidence'] } };
  const { evidence } = options;
  let failures = 0;
  options.evidence = async (id) => {
    if (failures++ === 0) throw new Error('the disk was busy');
    return evidence(id);
  };
  (node.ownDevice as { paused: boolean }).paused = true;
  const first = await decided(node, ({ outcome }) => outcome === 'pay');
  await until('the problem is shown', async () =>
    node.settler.problem?.includes('the disk was busy') ? true : undefined,
  );
  await paid(node, ({ decision }) => decision === first.id);
  assert.ok(failures > 1);
  assert.ok(!node.settler.problem?.includes('the disk was busy'));
});
