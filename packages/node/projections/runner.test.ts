import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { systemTimers } from '@trine/system/time.ts';
import type { AppendedBatch } from '../ingest/batch.ts';
import { openIngestHarness } from '../ingest/testing/harness.ts';
import type { Entry } from './projection.ts';
import { ProjectionRunner } from './runner.ts';
import { openStore } from './tables/store.ts';

test('whoever waits for the leaves before one, while its batch is taken in, loses no row of the batch', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-runner-'));
  const store = await openStore(join(folder, 'views.duckdb'));
  const waited: Promise<void>[] = [];
  const runner: ProjectionRunner = new ProjectionRunner({
    store,
    admitted: [],
    staged: [],
    durable: [
      {
        name: 'waiting',
        // As the agenda of a new policy does, which notes what came before.
        apply: ({ index }: Entry) => void waited.push(runner.waitFor(index)),
        snapshot: () => undefined,
        restore: () => undefined,
      },
    ],
    tables: [],
    timers: systemTimers,
    onError: (error) => assert.fail(error),
  });
  await runner.open(0);
  const batches: AppendedBatch[] = [];
  const harness = await openIngestHarness(1_000_000, {
    runner: {
      appended: (batch) => void batches.push(batch),
      appendedIntent: () => undefined,
      snapshot: async () => undefined,
      isBehind: false,
    },
  });
  try {
    const device = temporarySigner();
    await harness.enrol(device, 'thing/1');
    const packs = await Promise.all([1, 2, 3].map(() => harness.pack(device)));
    await harness.send(...packs);
    for (const batch of batches) runner.appended(batch);
    await runner.flush();
    await Promise.all(waited);
    const rows = await store.query<{ leaf: number }>('SELECT leaf FROM statements ORDER BY leaf');
    assert.deepEqual(
      rows.map(({ leaf }) => leaf),
      [0, 1, 2, 3],
    );
  } finally {
    await harness.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
