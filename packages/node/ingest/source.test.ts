import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeDeliveries } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { ADDRESS_JUNK_MAX, JUNK_MAX, JUNK_PER_SECOND, Sources } from './source.ts';
import { openIngestHarness } from './testing/harness.ts';

const PER_SECOND = 100;
function sources(): { all: Sources; clock: { ms: number } } {
  const clock = { ms: 1_000_000 };
  return { all: new Sources(PER_SECOND, 'node', () => clock.ms), clock };
}

test('limits are by connection: a name that another sender uses too changes nothing', () => {
  const { all } = sources();
  const [attacker, victim] = [all.open({ name: 'mqtt:pump' }), all.open({ name: 'mqtt:pump' })];
  for (let i = 0; i < JUNK_MAX; i++) all.refused(attacker, 'malformed');
  assert.equal(attacker.isCutOff, true);
  assert.equal(all.may(attacker, 1), false);
  assert.equal(victim.isCutOff, false);
  assert.equal(all.may(victim, 1), true);
});

test('a clock set back locks nobody out, and set forward gives no more than a burst', () => {
  const { all, clock } = sources();
  const source = all.open({ name: 'x' });
  assert.equal(all.may(source, PER_SECOND), true);
  assert.equal(all.may(source, 1), false);
  clock.ms -= 3_600_000;
  assert.equal(all.may(source, 1), false, 'no time has passed');
  clock.ms += 1_000;
  assert.equal(all.may(source, 1), true, 'a second later it goes on');
  clock.ms += 3_600_000;
  assert.equal(all.may(source, 2 * PER_SECOND), true);
  assert.equal(all.may(source, 1), false);
});

test('who sends only junk is cut off once; good statements earn it back, and so does time', () => {
  const { all, clock } = sources();
  let told = 0;
  const source = all.open({ name: 'x', onCutOff: () => void told++ });
  for (let i = 0; i < 3 * JUNK_MAX; i++) {
    all.refused(source, 'bad-signature');
    all.sealed(source, 'did:key:good');
  }
  assert.equal(told, 0);
  for (let i = 0; i < 3 * JUNK_MAX; i++) {
    all.refused(source, 'overloaded');
    all.refused(source, 'rate-limited');
  }
  assert.equal(told, 0, 'what the node has too much of is not the sender’s junk');
  for (let i = 0; i < JUNK_MAX + JUNK_PER_SECOND; i++) all.refused(source, 'bad-signature');
  assert.deepEqual([told, source.isCutOff], [1, true]);
  clock.ms += 2_000;
  assert.equal(source.isCutOff, false);
});

test('many connections of one address share its junk; those with sealed statements go on', () => {
  const { all } = sources();
  const good = all.open({ name: 'good', remoteAddress: '192.0.2.7' });
  all.sealed(good, 'did:key:good');
  for (let i = 0; i < ADDRESS_JUNK_MAX; i += JUNK_MAX) {
    const source = all.open({ name: 'x', remoteAddress: '::ffff:192.0.2.7' });
    for (let j = 0; j < JUNK_MAX; j++) all.refused(source, 'malformed');
  }
  const next = (remoteAddress: string) => all.may(all.open({ name: 'x', remoteAddress }), 1);
  assert.equal(next('192.0.2.7'), false);
  assert.equal(next('192.0.2.8'), true);
  assert.equal(all.may(good, 1), true);
});

test('this machine’s own address has no junk in common: the own device and a proxy have it', () => {
  const { all } = sources();
  for (let i = 0; i < 2 * ADDRESS_JUNK_MAX; i++)
    all.refused(all.open({ name: 'x', remoteAddress: '127.0.0.1' }), 'malformed');
  assert.equal(all.may(all.open({ name: 'y', remoteAddress: '127.0.0.1' }), 1), true);
});

test('behind one broker limits are by issuer, and nobody pays for what others say in his name', () => {
  const { all } = sources();
  const broker = all.open({ name: 'broker', perIssuer: true });
  const [loud, quiet] = ['did:key:loud', 'did:key:quiet'];
  for (let i = 0; i < PER_SECOND; i++) assert.equal(all.issuerMay(broker, loud), true);
  assert.equal(all.issuerMay(broker, loud), false);
  assert.equal(all.issuerMay(broker, quiet), true);
  for (let i = 0; i < 2 * JUNK_MAX; i++) all.refused(broker, 'bad-signature', quiet);
  assert.equal(all.issuerMay(broker, quiet), true, 'anybody can write his name under junk');
  for (let i = 0; i < JUNK_MAX; i++) all.refused(broker, 'wrong-unit', quiet);
  assert.equal(all.issuerMay(broker, quiet), false);
  assert.equal(broker.isCutOff, false, 'the broker itself carries others');
});

test('20 messages of 1,000 well-formed packs under an unknown key: cut off long before 20,000 are looked at', async () => {
  const harness = await openIngestHarness(100_000);
  try {
    const stranger = temporarySigner();
    const { statement, disclosure } = await harness.pack(stranger);
    const message = encodeDeliveries(
      Array.from({ length: 1_000 }, () => ({ statement: statement.bytes, ...(disclosure && { disclosure }) })),
    );
    let told = 0;
    const source = harness.ingest.source({ name: 'mqtt:stranger', onCutOff: () => void told++ });
    const all = await Promise.all(Array.from({ length: 20 }, () => harness.ingest.take(message, source)));
    const lookedAt = harness.ingest.refused.get('unknown-key') ?? 0;
    assert.ok(lookedAt >= JUNK_MAX && lookedAt < 5_000, String(lookedAt));
    assert.equal(told, 1);
    assert.equal(harness.ingest.refused.get('rate-limited'), 20_000 - lookedAt);
    assert.ok(
      all.every(({ answers }) => answers.length === 1_000 && answers.every((one) => one.verdict === 'refused')),
    );
    const other = harness.ingest.source({ name: 'mqtt:stranger' });
    assert.equal((await harness.ingest.take(message, other)).answers[0]?.reason, 'unknown-key');
  } finally {
    await harness.close();
  }
});
