import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatGapMs } from './heartbeat-gap.ts';

const window = (lengthMs: number) => ({ name: 'w', on: 'window', startMs: 0, lengthMs, graceMs: 0 }) as const;

test('a quarter of the shortest window, never less than two heartbeats nor more than a minute', () => {
  assert.equal(heartbeatGapMs([]), 60_000);
  assert.equal(heartbeatGapMs([window(3_600_000)]), 60_000);
  assert.equal(heartbeatGapMs([window(3_600_000), window(90_000)]), 22_500);
  assert.equal(heartbeatGapMs([window(2_000)]), 10_000);
});
