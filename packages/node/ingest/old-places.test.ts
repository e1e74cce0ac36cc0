// What has left the short memory of its sequence: the tables and the batch itself are asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { RECENT_PER_SEQUENCE } from '../projections/sequences.ts';
import { type IngestHarness, openIngestHarness } from './testing/harness.ts';

const COUNT = RECENT_PER_SEQUENCE + 10;
let harness: IngestHarness;
const messages: (string | undefined)[] = [];
before(async () => {
  harness = await openIngestHarness();
  harness.ingest.onRefused((_, message) => messages.push(message));
});
after(() => harness.close());

async function packs(subject: string) {
  const signer = temporarySigner();
  await harness.enrol(signer, subject);
  const said: Awaited<ReturnType<IngestHarness['pack']>>[] = [];
  for (let seq = 0; seq < COUNT; seq++) said.push(await harness.pack(signer, { subject }));
  const rival = (seq: number) =>
    harness.pack(signer, {
      subject,
      seq,
      prev: said[seq - 1]?.statement.id as Uint8Array,
      readings: [{ quantity: 'temperature', unit: 'Cel', timeMs: 1_763_881_200_000, value: 99 }],
    });
  return { said, rival };
}

test('the same statement twice in one message is sealed once, however many stand between', async () => {
  const { said } = await packs('thing/1');
  const before = harness.log.size;
  const answers = await harness.send(...said, said[3] as (typeof said)[number]);
  assert.deepEqual([answers.at(-1)?.verdict, answers.at(-1)?.index], ['duplicate', answers[3]?.index]);
  assert.equal(harness.log.size, before + COUNT);
});

test('nothing is said twice in one place unseen: another statement for an old place is refused, and why', async () => {
  const { said, rival } = await packs('thing/2');
  const [last] = (await harness.send(...said, await rival(3))).slice(-1);
  assert.equal(last?.reason, 'not-permitted', 'in one message');
  assert.match(messages.at(-1) ?? '', /took seq 3 of epoch 0 long ago/);
  assert.equal((await harness.send(await rival(4)))[0]?.reason, 'not-permitted');
  assert.equal((await harness.send(said[4] as (typeof said)[number]))[0]?.verdict, 'duplicate');
});

test('batches that are under way are waited for', async () => {
  const { said, rival } = await packs('thing/3');
  const changed = await rival(3);
  const [, answers] = await Promise.all([harness.send(...said), harness.send(changed)]);
  assert.equal(answers[0]?.reason, 'not-permitted');
});

test('what fills an old gap is sealed as before', async () => {
  const { said } = await packs('thing/4');
  const [first, second, third, ...others] = said as [(typeof said)[number], ...typeof said];
  await harness.send(first as (typeof said)[number], ...others);
  const answers = await harness.send(second as (typeof said)[number], third as (typeof said)[number]);
  assert.deepEqual(
    answers.map(({ verdict, flag }) => [verdict, flag]),
    [
      ['sealed', 'reordered'],
      ['sealed', 'reordered'],
    ],
  );
});
