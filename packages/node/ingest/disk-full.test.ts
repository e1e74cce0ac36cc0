import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { LogStoppedError } from '@trine/log/errors.ts';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import type { DiskFile } from '@trine/system/disk.ts';
import { ruled } from '../testing/connectors.ts';
import { Issuer } from './issuer.ts';
import { PlainMessages } from './plain-messages.ts';
import { brokerParts } from './testing/broker.ts';
import { type IngestHarness, networkId, openIngestHarness } from './testing/harness.ts';
import { RawMqtt } from './testing/raw-mqtt.ts';
import { embedBroker } from './transports/mqtt.ts';

/** From now on no body can be written. @returns there is room again */
function fill({ bodies }: Pick<IngestHarness, 'bodies'>): () => void {
  const { data } = bodies as unknown as { data: DiskFile };
  const { write } = data;
  data.write = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  return () => {
    data.write = write;
  };
}

test('a body that cannot be written stops the log: nothing is acknowledged that is not there, sent again neither', async (t) => {
  const device = temporarySigner();
  const { ingest, log, bodies, projections, ...harness } = await openIngestHarness();
  t.after(() => harness.close());
  await harness.enrol(device, 'thing/1');
  const { durableSize } = log;
  const free = fill({ bodies });
  const pack = await harness.pack(device);
  await assert.rejects(harness.send(pack), LogStoppedError);
  free();
  await assert.rejects(harness.send(pack), LogStoppedError);
  assert.equal(log.durableSize, durableSize);

  // Memory knows of a leaf that will be another one after a restart.
  await ingest.snapshot();
  const { store } = projections.sources;
  assert.deepEqual(await store.query('SELECT leaf FROM snapshots WHERE leaf > $1', [durableSize]), []);
});

test('plain messages on a disk that fills up: as many are acknowledged over MQTT as are sealed, and not one more', async (t) => {
  const harness = await openIngestHarness();
  t.after(() => harness.close());
  const { ingest, log, sequences } = harness;
  const signer = temporarySigner();
  await harness.enrol(signer, 'node/test', { class: 'gateway', subjects: ['*'] });
  const gateway = new Issuer({
    ...{ signer, keyOwner: 'node/test', network: networkId, ingest, sequences, random: randomBytes },
  });
  const rules = [{ topic: 'hall/+', subject: 'hall/{1}', quantity: 'temperature', unit: 'Cel', fields: [] }];
  const plain = new PlainMessages({ ...ruled(rules, Date.now), gateway, isSaid: async () => false });
  const onPlain = plain.take.bind(plain);
  const broker = await embedBroker({ host: '127.0.0.1', port: 0, ingest, onPlain, ...brokerParts() });
  t.after(() => broker.close());
  const sender = await RawMqtt.connected(broker.port, 'plain');
  const acknowledged = () => sender.heard.filter(({ cmd }) => cmd === 'puback').length;
  const send = (messageId: number) =>
    sender.send({
      cmd: 'publish',
      topic: `hall/${messageId}`,
      payload: '21',
      qos: 1,
      messageId,
      retain: false,
      dup: false,
    });
  const before = log.durableSize;
  for (let id = 1; id <= 5; id++) send(id);
  await sender.until(() => acknowledged() === 5);
  assert.equal(log.durableSize - before, 5);
  fill(harness);
  for (let id = 6; id <= 10; id++) send(id);
  await sender.until(() => false);
  assert.deepEqual([acknowledged(), log.durableSize - before], [5, 5]);
  assert.equal(broker.counters.get('plain-not-sealed'), 5);
});
