import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { LocalSigner } from '@trine/node/access/keystore.ts';
import { createAcknowledger } from '@trine/node/ingest/acknowledger.ts';
import { type IngestHarness, networkId, openIngestHarness, someReadings } from '@trine/node/ingest/testing/harness.ts';
import { decodeLeaf, fromHex, parseStatement, type Statement, splitDeliveries } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { type Device, type DeviceOptions, openDevice, UnfitReadingsError } from './device.ts';
import { memoryStorage } from './queue.ts';
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

let things = 0;
async function enrolled(): Promise<{ signer: LocalSigner; subject: string }> {
  const signer = temporarySigner();
  const subject = `device/${++things}`;
  await harness.enrol(signer, subject);
  return { signer, subject };
}

function open(
  who: { signer: LocalSigner; subject: string },
  line: Line,
  more: Partial<DeviceOptions> = {},
): Promise<Device> {
  return openDevice({
    ...who,
    network: networkId,
    gateway: harness.gateway.publicKey,
    transport: line,
    retryMs: 200,
    ...more,
  });
}

function statementsOf(line: Line): Statement[] {
  return line.sent.flatMap((message) => splitDeliveries(message)).map(({ statement }) => parseStatement(statement));
}

/** Statements about a subject as the log has them. */
function sealed(subject: string): Statement[] {
  const found: Statement[] = [];
  for (let index = 0; index < harness.log.durableSize; index++) {
    const leaf = decodeLeaf(harness.log.read(index));
    if (leaf.kind !== 'statement') continue;
    const statement = parseStatement(leaf.statement);
    if (statement.header.subject === subject && statement.header.kind === 'pack') found.push(statement);
  }
  return found;
}

test('an event is about the device itself, sealed by default, and follows what was measured', async () => {
  const line = new Line(harness);
  const who = await enrolled();
  const device = await open(who, line);
  await device.measure([{ quantity: 'q', unit: '', timeMs: Date.now(), value: 1 }]);
  const body = new TextEncoder().encode('{"resource":"bicycle/1"}');
  const id = await device.event('application/vnd.trine.booking+json', body);
  await device.drain();
  const [pack, event] = statementsOf(line);
  assert.deepEqual([pack?.header.kind, event?.header.kind, event?.header.seq], ['pack', 'event', 1]);
  assert.deepEqual(Buffer.from(event?.header.prev ?? []), Buffer.from(pack?.id ?? []));
  assert.deepEqual([event?.header.contentType, event?.header.sealed], ['application/vnd.trine.booking+json', true]);
  assert.equal(Buffer.from(event?.id ?? []).toString('hex'), id);
  const large = await open(await enrolled(), line, { open: true });
  await assert.rejects(large.event('text/plain', new Uint8Array(1_025)), { refusal: 'too-large' });
  await device.close();
  await large.close();
});

test('what is measured is sealed, in one unbroken chain', async () => {
  const who = await enrolled();
  const device = await open(who, new Line(harness));
  const ids = await Promise.all(Array.from({ length: 300 }, () => device.measure(someReadings)));
  await device.drain();
  assert.deepEqual([device.sealed, device.refused, device.waiting, device.dropped], [300, 0, 0, 0]);
  assert.deepEqual(
    sealed(who.subject).map(({ id }) => Buffer.from(id).toString('hex')),
    ids,
  );
  const chain = harness.sequences.get(who.subject, who.subject);
  assert.equal(chain?.contiguousSeq, 299);
  assert.deepEqual(chain?.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
  await device.close();
});

test('what is no reading is not signed: its program is told, the good ones go, and no gap is left', async () => {
  const line = new Line(harness);
  const who = await enrolled();
  const device = await open(who, line);
  const timeMs = Date.now();
  const bad = { quantity: 'p', unit: 'bar', timeMs, value: 4 };
  const error = (await device.measure([{ quantity: 't', unit: 'Cel', timeMs, value: 4 }, bad]).then(
    () => undefined,
    (error: unknown) => error,
  )) as UnfitReadingsError;
  assert.ok(error instanceof UnfitReadingsError);
  assert.deepEqual([error.code, error.unfit.map(({ reading }) => reading)], ['wrong-unit', [bad]]);
  assert.match(
    error.message,
    /^1 of 2 cannot be said: "bar" of p is no SenML unit symbol .* The others were signed\.$/,
  );
  for (const wrong of [
    { quantity: 't', unit: 'Cel', timeMs, value: null },
    { quantity: 'air temp', unit: '', timeMs, value: 7 },
    { quantity: 't', unit: 'Cel', timeMs: Math.floor(timeMs / 1000), value: 2 },
  ])
    await assert.rejects(device.measure([wrong as never]), { name: 'UnfitReadingsError', id: undefined });
  await assert.rejects(device.measure([]), { refusal: 'malformed' });
  const last = await device.measure([{ quantity: 't', unit: 'Cel', timeMs, value: 5 }]);
  await device.drain();
  assert.deepEqual(
    sealed(who.subject).map(({ id }) => Buffer.from(id).toString('hex')),
    [error.id, last],
  );
  assert.deepEqual(harness.sequences.get(who.subject, who.subject)?.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
  await device.close();
});

test('offline the queue is bounded: the oldest go, are counted, and leave a visible gap', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  line.up = false;
  const device = await open(who, line, { queueMax: 10 });
  for (let i = 0; i < 25; i++) await device.measure(someReadings);
  assert.deepEqual([device.waiting, device.dropped], [10, 15]);
  line.reconnect();
  await device.drain();
  assert.equal(device.sealed, 10);
  assert.deepEqual(
    sealed(who.subject).map(({ header }) => header.seq),
    Array.from({ length: 10 }, (_, i) => i + 15),
  );
  assert.equal(harness.sequences.get(who.subject, who.subject)?.flags.gap, 1);
  await device.close();
});

test('nothing is discarded on an acknowledgement that is forged, cut, changed or about others', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  const real: Uint8Array[] = [];
  line.onTheWayBack = (message) => {
    real.push(message);
    return undefined;
  };
  const device = await open(who, line, { retryMs: 60_000 });
  const id = await device.measure(someReadings);
  while (real.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const genuine = real[0] as Uint8Array;
  const [forged] = await createAcknowledger(temporarySigner(), {
    network: networkId,
    subject: 'node/test',
    now: () => Date.now(),
  }).sign([[{ id: fromHex(id), verdict: 'sealed', index: 0 }]]);
  const [foreign] = await createAcknowledger(harness.gateway, {
    network: networkId,
    subject: 'node/test',
    now: () => Date.now(),
  }).sign([[{ id: new Uint8Array(32), verdict: 'sealed', index: 0 }]]);
  line.hear(forged as Uint8Array);
  line.hear(foreign as Uint8Array);
  line.hear(new Uint8Array());
  for (let length = 1; length < genuine.length; length += 7) line.hear(genuine.slice(0, length));
  for (let at = 0; at < genuine.length; at++) {
    const changed = genuine.slice();
    changed[at] = (changed[at] as number) ^ 1;
    line.hear(changed);
  }
  await device.measure(someReadings); // Takes its turn after all of the above.
  assert.deepEqual([device.waiting, device.sealed, device.refused], [2, 0, 0]);
  line.hear(genuine);
  await device.measure(someReadings);
  assert.deepEqual([device.waiting, device.sealed], [2, 1]);
  await device.close();
});

test('a lost acknowledgement is asked for again, and the log holds the statement once', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  let lost = 0;
  line.onTheWayBack = (message) => (lost++ < 2 ? undefined : message);
  const device = await open(who, line, { retryMs: 60 });
  await device.measure(someReadings);
  await device.drain();
  assert.equal(device.sealed, 1);
  assert.ok(line.sent.length >= 3);
  assert.equal(sealed(who.subject).length, 1);
  await device.close();
});

test('after a reconnection everything under way is sent again at once', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  line.onTheWayBack = () => undefined;
  const device = await open(who, line, { retryMs: 3_600_000 });
  await device.measure(someReadings);
  while (line.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  line.onTheWayBack = (message) => message;
  line.reconnect();
  await device.drain();
  assert.equal(device.sealed, 1);
  await device.close();
});

/** Changes one bit of the signature, which is last in an open statement. */
function spoil(message: Uint8Array): Uint8Array {
  const copy = message.slice();
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1;
  return copy;
}

test('what is spoiled on the way is sent again as it was signed, more than three times', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  line.onTheWay = (message) => (line.sent.length <= 3 ? spoil(message) : message);
  const device = await open(who, line, { open: true, retryMs: 60 });
  await device.measure(someReadings);
  await device.drain();
  assert.deepEqual([device.sealed, device.refused, device.setAside.length], [1, 0, 0]);
  assert.equal(line.sent.length, 4);
  assert.ok(line.sent.every((message) => Buffer.compare(message, line.sent[0] as Uint8Array) === 0));
  await device.close();
});

for (const storageOf of [() => memoryStorage(), () => sqliteStorage(join(folder, 'aside.sqlite'))])
  test('what is spoiled every time is set aside with its reason, over a restart, and can be sent again', async () => {
    const who = await enrolled();
    const line = new Line(harness);
    line.onTheWay = spoil;
    const storage = storageOf();
    let device = await open(who, line, { open: true, retryMs: 60, storage });
    const id = await device.measure(someReadings);
    await device.drain();
    assert.deepEqual([device.sealed, device.refused, device.waiting, device.dropped], [0, 1, 0, 0]);
    assert.deepEqual(
      device.setAside.map((item) => [item.id, item.reason]),
      [[id, 'bad-signature']],
    );
    await device.close();
    device = await open(who, new Line(harness), { open: true, storage });
    assert.equal(device.setAside[0]?.id, id);
    await device.measure(someReadings);
    await device.drain();
    await device.resend(id);
    await device.drain();
    assert.deepEqual([device.sealed, device.setAside.length, device.waiting], [2, 0, 0]);
    assert.equal(sealed(who.subject).length, 2);
    await device.close();
    assert.deepEqual((await storage.load()).setAside, []);
  });

test('what was set aside is let go when the gateway says that it is sealed after all', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  line.onTheWay = spoil;
  const device = await open(who, line, { open: true, retryMs: 60 });
  await device.measure(someReadings);
  await device.drain();
  const { acknowledgement } = await harness.ingest.take(line.sent[0] as Uint8Array, 'another way');
  line.hear(acknowledgement);
  await device.stored();
  assert.deepEqual([device.sealed, device.setAside.length], [1, 0]);
  await device.close();
});

test('what is set aside is bounded: the oldest goes and is counted', async () => {
  const who = await enrolled();
  const device = await open(who, new Line(harness), { setAsideMax: 3 });
  // A quantity keeps its first unit: only the gateway knows that.
  await device.measure([someReadings[0]!]);
  for (let i = 0; i < 5; i++) await device.measure([{ ...someReadings[0]!, unit: 'lm' }]);
  await device.drain();
  assert.deepEqual([device.refused, device.setAside.length, device.dropped], [5, 3, 2]);
  await device.discard(device.setAside[0]?.id as string);
  assert.equal(device.setAside.length, 2);
  await device.close();
});

test('while its key is not enrolled one statement asks, not all of them', async () => {
  const signer = temporarySigner();
  const subject = `device/${++things}`;
  const line = new Line(harness);
  line.up = false;
  const device = await open({ signer, subject }, line, { open: true });
  for (let i = 0; i < 600; i++) await device.measure(someReadings);
  const before = harness.ingest.refused.get('unknown-key') ?? 0;
  line.reconnect();
  while (line.sent.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok((harness.ingest.refused.get('unknown-key') ?? 0) - before <= 603);
  assert.equal(splitDeliveries(line.sent.at(-1) as Uint8Array).length, 1);
  await harness.enrol(signer, subject);
  await device.drain();
  assert.equal(device.sealed, 600);
  await device.close();
});

test('a key not enrolled yet waits; a refusal for good is told and set aside', async () => {
  const signer = temporarySigner();
  const subject = `device/${++things}`;
  const heard: string[] = [];
  const device = await open({ signer, subject }, new Line(harness), {
    onAnswer: (_, { verdict, reason }) => void heard.push(reason ?? verdict),
  });
  await device.measure(someReadings);
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.deepEqual([heard[0], device.waiting, device.refused], ['unknown-key', 1, 0]);
  await harness.enrol(signer, subject);
  await device.drain();
  assert.deepEqual([device.sealed, heard.at(-1)], [1, 'sealed']);
  await device.measure([{ quantity: 'temperature', unit: 'K', timeMs: Date.now(), value: 294 }]);
  await device.drain();
  assert.deepEqual([device.refused, heard.at(-1)], [1, 'wrong-unit']);
  assert.deepEqual(
    device.setAside.map(({ reason }) => reason),
    ['wrong-unit'],
  );
  await device.close();
});

test('a restart goes on in the same chain and sends what was left', async () => {
  const who = await enrolled();
  const path = join(folder, 'restart.sqlite');
  const line = new Line(harness);
  const first = sqliteStorage(path);
  let device = await open(who, line, { storage: first });
  await device.measure(someReadings);
  await device.drain();
  line.up = false;
  await device.measure(someReadings);
  await device.close();
  first.close();

  const second = sqliteStorage(path);
  device = await open(who, new Line(harness), {
    storage: second,
    lastKnown: () => Promise.reject(new Error('not asked where there is a memory')),
  });
  assert.equal(device.waiting, 1);
  await device.measure(someReadings);
  await device.drain();
  assert.deepEqual(
    sealed(who.subject).map(({ header }) => [header.epoch, header.seq]),
    [
      [0, 0],
      [0, 1],
      [0, 2],
    ],
  );
  assert.deepEqual(harness.sequences.get(who.subject, who.subject)?.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
  await device.close();
  second.close();
});

test('without its memory a device starts a new epoch that names the last statement the log has', async () => {
  const who = await enrolled();
  let device = await open(who, new Line(harness));
  for (let i = 0; i < 3; i++) await device.measure(someReadings);
  await device.drain();
  await device.close();
  const chain = harness.sequences.get(who.subject, who.subject);
  const last = Buffer.from(chain?.headId as string, 'latin1').toString('hex');
  device = await open(who, new Line(harness), { lastKnown: async () => ({ epoch: 0, id: last }) });
  await device.measure(someReadings);
  await device.drain();
  const newest = sealed(who.subject).at(-1) as Statement;
  assert.deepEqual([newest.header.epoch, newest.header.seq], [1, 0]);
  assert.equal(Buffer.from(newest.header.prev as Uint8Array).toString('hex'), last);
  assert.deepEqual(harness.sequences.get(who.subject, who.subject)?.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
  await device.close();
});

test('what the storage did not take is never sent, and the device stops instead of forking', async () => {
  const who = await enrolled();
  const line = new Line(harness);
  const storage = memoryStorage();
  let isFull = false;
  const device = await open(who, line, {
    storage: {
      ...storage,
      add: (item, head) => (isFull ? Promise.reject(new Error('disk full')) : storage.add(item, head)),
    },
  });
  await device.measure(someReadings);
  await device.drain();
  isFull = true;
  await assert.rejects(device.measure(someReadings), /disk full/);
  isFull = false;
  await assert.rejects(device.measure(someReadings), /cannot be kept.*start it again/);
  assert.equal(statementsOf(line).length, 1);
  await device.close();

  const again = await open(who, new Line(harness), { storage });
  await again.measure(someReadings);
  await again.drain();
  assert.deepEqual(
    sealed(who.subject).map(({ header }) => header.seq),
    [0, 1],
  );
  assert.equal(harness.sequences.get(who.subject, who.subject)?.flags.fork, 0);
  await again.close();
});
