// Batches are looked at again and again within their window, and the chain is not asked all the time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { District, homes } from '../testing/district.ts';
import { Watching } from './watching.ts';

test('the chain is asked every few seconds, whether batches are under way or not', async (t) => {
  const district = await District.open(t, homes);
  const { parts } = district.settling;
  const { chain, contracts, network } = parts.genesis;
  let asked = 0;
  const counted = new Proxy(chain, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        asked++;
        return value.apply(target, given);
      };
    },
  });
  let nowMs = 0;
  const nothing = () => assert.fail('there is nothing to refute');
  const watching = new Watching({
    ...{ chain: counted, contracts, network, account: `0x${'1'.repeat(40)}` },
    outbox: () => ({ enqueue: nothing, retry: nothing }),
    timers: { elapsed: () => nowMs },
    policies: parts.projections.policies,
  });
  const looks = async (atMs: number) => {
    asked = 0;
    nowMs = atMs;
    await parts.does(watching.round());
    return asked > 0;
  };
  const rounds = async (fromMs: number) => [
    await looks(fromMs),
    await looks(fromMs),
    await looks(fromMs + 4_999),
    await looks(fromMs + 5_000),
  ];
  assert.deepEqual(await rounds(0), [true, false, false, true]);
  assert.deepEqual(watching.counts, { underWay: 0, false: 0 });
  await district.decide(60_000, [3, 4, 2]);
  assert.deepEqual(await rounds(10_000), [true, false, false, true]);
  assert.deepEqual([watching.counts, watching.problem], [{ underWay: 1, false: 0 }, undefined]);
});
