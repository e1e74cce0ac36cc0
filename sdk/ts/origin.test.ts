// Readings that were mapped name where they come from.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type IngestHarness, networkId, openIngestHarness, someReadings } from '@trine/node/ingest/testing/harness.ts';
import { contentTypes, decodePack, encodePack, parseStatement, readOrigin, splitDeliveries } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { openDevice } from './device.ts';
import { Line } from './testing/line.ts';

let harness: IngestHarness;
before(async () => {
  harness = await openIngestHarness();
});
after(() => harness.close());

test('a pack names the origin that it is given, and is the readings alone without', async () => {
  const who = { signer: temporarySigner(), subject: 'device/mapped' };
  await harness.enrol(who.signer, who.subject);
  const line = new Line(harness);
  const gateway = harness.gateway.publicKey;
  const device = await openDevice({ ...who, network: networkId, gateway, transport: line, open: true });
  const origin = { mapping: new Uint8Array(32).fill(1), raw: new Uint8Array(32).fill(2), rows: [2, 97] as const };
  await device.measure(someReadings, { origin });
  await device.measure(someReadings);
  await device.drain();
  const [mapped, plain] = line.sent
    .flatMap((message) => splitDeliveries(message))
    .map(({ statement }) => parseStatement(statement).payload as Uint8Array) as [Uint8Array, Uint8Array];
  assert.deepEqual(readOrigin(mapped), origin);
  assert.deepEqual(decodePack(mapped, contentTypes.senmlCbor, ''), someReadings);
  assert.deepEqual(Buffer.from(plain), Buffer.from(encodePack(someReadings)));
  assert.equal(device.sealed, 2);
  await device.close();
});
