// Virtual time: it passes where something waits for it, and clocks go on while all sleep.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTime } from './virtual-time.ts';

test('while all sleep clocks go on, and neither timers nor elapsed time do', async () => {
  const time = new VirtualTime(1_000);
  const { setTimeout, elapsed } = time.timers();
  const rang: number[] = [];
  setTimeout(() => void rang.push(time.now()), 500);
  await time.until(() => false, 200);
  time.sleep(3_600_000);
  assert.deepEqual([time.now(), time.elapsedMs, elapsed(), rang], [3_601_200, 200, 200, []]);
  assert.ok(await time.until(() => rang.length > 0, 1_000));
  assert.deepEqual([rang, time.elapsedMs, elapsed()], [[3_601_500], 500, 500]);
});
