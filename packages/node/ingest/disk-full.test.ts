import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogStoppedError } from '@trine/log/errors.ts';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import type { DiskFile } from '@trine/system/disk.ts';
import { openIngestHarness } from './testing/harness.ts';

test('a body that cannot be written stops the log: nothing is acknowledged that is not there, sent again neither', async (t) => {
  const device = temporarySigner();
  const { ingest, log, bodies, projections, ...harness } = await openIngestHarness();
  t.after(() => harness.close());
  await harness.enrol(device, 'thing/1');
  const { durableSize } = log;
  const { data } = bodies as unknown as { data: DiskFile };
  const { write } = data;
  data.write = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  const pack = await harness.pack(device);
  await assert.rejects(harness.send(pack), LogStoppedError);
  data.write = write;
  await assert.rejects(harness.send(pack), LogStoppedError);
  assert.equal(log.durableSize, durableSize);

  // Memory knows of a leaf that will be another one after a restart.
  await ingest.snapshot();
  const { store } = projections.sources;
  assert.deepEqual(await store.query('SELECT leaf FROM snapshots WHERE leaf > $1', [durableSize]), []);
});
