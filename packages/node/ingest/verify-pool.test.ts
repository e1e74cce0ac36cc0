// The pool of threads that check: work is spread, answers keep the order in which it was given, and a thread that is lost
// is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StartedWorker, Workers } from '@trine/system/workers.ts';
import { ThreadLostError } from '../last-resort.ts';
import { KeyDirectory } from '../projections/keys.ts';
import { VerifyPool } from './verify-pool.ts';

interface Asked {
  readonly type: string;
  readonly batch: number;
  readonly buffer: ArrayBuffer;
  readonly offsets: Uint32Array;
}

/** Threads that answer when they are told to. */
function manual(parallelism: number) {
  const started: { asked: Asked[]; answer: (batch: number) => void; fail: (error: Error) => void; isOver: boolean }[] =
    [];
  const workers: Workers = {
    parallelism,
    start(): StartedWorker {
      const listeners: ((message: unknown) => void)[] = [];
      const failing: ((error: Error) => void)[] = [];
      const own = {
        asked: [] as Asked[],
        answer: (batch: number) => listeners.forEach((listen) => void listen({ type: 'verified', batch })),
        fail: (error: Error) => failing.forEach((listen) => void listen(error)),
        isOver: false,
      };
      started.push(own);
      return {
        postMessage: (message) => own.asked.push(structuredClone(message) as Asked),
        onMessage: (listener) => void listeners.push(listener),
        onError: (listener) => void failing.push(listener),
        terminate: async () => {
          own.isOver = true;
        },
      };
    },
  };
  return { workers, started };
}

const given = (...lengths: number[]) => lengths.map((length) => ({ statement: new Uint8Array(length).fill(length) }));
const times = (count: number) => new Float64Array(count);
const batches = (asked: readonly Asked[]) => asked.filter(({ type }) => type === 'verify').map(({ batch }) => batch);

test('each thread learns the network and every key; batches go round', () => {
  const { workers, started } = manual(2);
  const keys = new KeyDirectory();
  const pool = new VerifyPool('trine:x', keys, workers);
  keys.restore([{ did: 'did:key:a', key: 'k', isMember: false }]);
  for (let i = 0; i < 3; i++) void pool.verify(given(1), times(1));
  assert.equal(pool.threads, 2);
  assert.deepEqual(
    started.map(({ asked }) => asked.map(({ type }) => type)),
    [
      ['network', 'key', 'verify', 'verify'],
      ['network', 'key', 'verify'],
    ],
  );
  assert.deepEqual(
    started.map(({ asked }) => batches(asked)),
    [[0, 2], [1]],
  );
  assert.equal(new VerifyPool('trine:x', keys, manual(0).workers).threads, 1, 'at least one');
});

test('answers come in the order of the batches, whoever is done first', async () => {
  const { workers, started } = manual(2);
  const pool = new VerifyPool('trine:x', new KeyDirectory(), workers);
  const done: number[] = [];
  const all = [0, 1].map(async () => done.push((await pool.verify(given(1), times(1))).batch));
  started[1]?.answer(1);
  await new Promise(setImmediate);
  assert.deepEqual(done, []);
  started[0]?.answer(0);
  await Promise.all(all);
  assert.deepEqual(done, [0, 1]);
});

test('statements and what they disclose lie in one buffer, one after the other', () => {
  const { workers, started } = manual(1);
  const pool = new VerifyPool('trine:x', new KeyDirectory(), workers);
  const [one, two] = given(3, 2);
  void pool.verify([{ ...one, disclosure: Uint8Array.of(9) } as never, two as never], times(2));
  const asked = started[0]?.asked.find(({ type }) => type === 'verify');
  assert.deepEqual([...new Uint8Array(asked?.buffer ?? new ArrayBuffer(0))], [3, 3, 3, 9, 2, 2]);
  assert.deepEqual([...(asked?.offsets ?? [])], [0, 3, 1, 4, 2, 0]);
});

test('a thread that is lost fails what waits, and is said as what ends the node', async () => {
  const { workers, started } = manual(2);
  const pool = new VerifyPool('trine:x', new KeyDirectory(), workers);
  const waiting = [0, 1].map(() => assert.rejects(pool.verify(given(1), times(1)), /out of memory/));
  assert.throws(() => started[0]?.fail(new Error('out of memory')), ThreadLostError);
  await Promise.all(waiting);
  await pool.close();
  assert.ok(started.every(({ isOver }) => isOver));
});
