// The promise of a device to measure in order.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type IngestHarness, networkId, openIngestHarness } from '@trine/node/ingest/testing/harness.ts';
import { parseStatement, splitDeliveries } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { openDevice } from './device.ts';
import { sqliteStorage } from './sqlite-storage.ts';
import { Line } from './testing/line.ts';

let harness: IngestHarness;
let folder: string;
before(async () => {
  harness = await openIngestHarness();
  folder = mkdtempSync(join(tmpdir(), 'trine-device-'));
});
after(async () => {
  await harness.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a device that measures in order promises so in each statement, over restarts as well, and keeps the promise', async () => {
  const who = { signer: temporarySigner(), subject: 'device/ordered' };
  await harness.enrol(who.signer, who.subject);
  const path = join(folder, 'ordered.sqlite');
  const at = (timeMs: number) => ({ quantity: 'q', unit: 'count', timeMs, value: 1 });
  const now = Date.now();
  const line = new Line(harness);
  const headers = () =>
    line.sent.flatMap((one) => splitDeliveries(one).map(({ statement }) => parseStatement(statement).header));
  const options = { ...who, network: networkId, gateway: harness.gateway.publicKey, inOrder: true };
  const storage = sqliteStorage(path);
  const device = await openDevice({ ...options, transport: line, storage });
  await device.measure([at(now - 5), at(now)]);
  await assert.rejects(device.measure([at(now - 1)]), /promised to measure in order/);
  await device.event('text/plain', new Uint8Array(1));
  await device.drain();
  await device.close();
  storage.close();
  const kept = sqliteStorage(path);
  line.up = true;
  const restarted = await openDevice({ ...options, transport: line, storage: kept });
  await assert.rejects(restarted.measure([at(now - 1)]), /promised to measure in order/);
  await restarted.measure([at(now + 1)]);
  await restarted.drain();
  await restarted.close();
  kept.close();
  assert.deepEqual(
    headers().map(({ seq, low }) => [seq, low]),
    [
      [0, now],
      [1, now],
      [2, now + 1],
    ],
  );
});
