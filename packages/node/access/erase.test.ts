// Erasure over a real log, real bodies and real tables: what is gone, what stays, and what a crash may interrupt.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeLeaf, didKey, erasurePayload, leafHash, parseStatement, verifyInclusion } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { systemRandom } from '@trine/system/random.ts';
import { systemTimers } from '@trine/system/time.ts';
import { Issuer } from '../ingest/issuer.ts';
import { type IngestHarness, networkId, openIngestHarness, someReadings } from '../ingest/testing/harness.ts';
import { Eraser } from './erase.ts';

const said = { reason: 'Moved out', by: 'Ada' };
const SECRET = 'at home with the windows open';
const readings = [...someReadings, { quantity: 'note', unit: '', timeMs: 1_763_884_800_000, value: SECRET }];

async function opened(t: TestContext) {
  const harness = await openIngestHarness();
  t.after(() => harness.close());
  const { ingest, sequences, member, log, bodies, projections } = harness;
  const { runner, sources } = projections;
  const { store } = sources;
  const issuer = new Issuer({
    random: systemRandom,
    signer: member,
    keyOwner: didKey(member.publicKey),
    network: networkId,
    ingest,
    sequences,
  });
  const eraser = new Eraser({ log, bodies, store, runner, ingest, issuer, timers: systemTimers, random: systemRandom });
  const [one, other] = [temporarySigner(), temporarySigner()];
  await harness.enrol(one, 'thing/1');
  await harness.enrol(other, 'thing/2');
  const detached = [await harness.pack(one, { readings }), await harness.pack(one, { readings })];
  await harness.send(...detached);
  await harness.send(await harness.pack(one, { open: true }));
  await harness.send(await harness.pack(other, { subject: 'thing/2' }));
  return {
    harness,
    eraser,
    store,
    one,
    detached,
    options: { log, bodies, store, runner, ingest, issuer, timers: systemTimers, random: systemRandom },
  };
}

const valuesOf = (store: IngestHarness['projections']['sources']['store'], subject: string) =>
  store.query(
    `SELECT leaf, value::VARCHAR AS value FROM readings JOIN streams USING (stream) WHERE subject = $1
     UNION ALL SELECT leaf, value FROM texts JOIN streams USING (stream) WHERE subject = $1 ORDER BY leaf`,
    [subject],
  );

function certificateAt({ log }: IngestHarness, index: number) {
  const leaf = decodeLeaf(log.read(index));
  assert.ok(leaf.kind === 'statement');
  const { header, payload } = parseStatement(leaf.statement);
  assert.deepEqual([header.kind, header.subject], ['erasure', 'thing/1']);
  return erasurePayload.decode(payload);
}

test('the values are gone from bodies, tables, file and rebuild; open statements and proofs stay, and it is certified', async (t) => {
  const { harness, eraser, store } = await opened(t);
  const { log, bodies, projections } = harness;
  await projections.runner.flush();
  assert.equal((await valuesOf(store, 'thing/1')).length, 7);
  const done = await eraser.forget('thing/1', said);
  // The enrolment and a pack whose body is in the log itself.
  assert.deepEqual([done.bodies, done.open], [2, 2]);
  assert.deepEqual(certificateAt(harness, done.leaf), { trine: 'erasure/1', ...said, bodies: 2, open: 2 });
  assert.deepEqual(
    [2, 3, 4, 5].map((index) => bodies.standing(index)),
    ['erased', 'erased', 'none', 'kept'],
  );
  assert.deepEqual(
    (await valuesOf(store, 'thing/1')).map(({ leaf }) => leaf),
    [4],
  );
  assert.equal((await valuesOf(store, 'thing/2')).length, 1);
  const again = await harness.replay();
  await again.close();
  assert.equal(again.unread, 2);
  assert.deepEqual(again.runner.unreadable, []);
  assert.deepEqual(await valuesOf(again.sources.store, 'thing/1'), await valuesOf(store, 'thing/1'));
  const statements = 'SELECT leaf, readings, first_ms, last_ms, flag FROM statements WHERE leaf < $1 ORDER BY leaf';
  assert.deepEqual(
    await again.sources.store.query(statements, [done.leaf]),
    await store.query(statements, [done.leaf]),
  );
  const { size, root } = await log.publish();
  for (const index of [2, 3]) {
    const proof = await log.inclusionProof(index, size);
    assert.ok(verifyInclusion(index, size, leafHash(log.read(index)), proof, root));
  }
});

test('nothing of it can be read in the files', async (t) => {
  const { harness, eraser } = await opened(t);
  await harness.ingest.snapshot();
  const folder = join(harness.log.publicDirectory, '..', '..');
  const found = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && readFileSync(join(file.parentPath, file.name)).includes(SECRET))
      .map(({ name }) => name);
  await eraser.forget('thing/2', said);
  assert.deepEqual(found(), ['views-0.duckdb'], 'what others said is not touched');
  await eraser.forget('thing/1', said);
  assert.deepEqual(found(), []);
});

test('a second time there is nothing to erase, and an unknown thing never had anything', async (t) => {
  const { harness, eraser } = await opened(t);
  await eraser.forget('thing/1', said);
  const { size } = harness.log;
  await assert.rejects(eraser.forget('thing/1', said), {
    code: 'erased',
    message: /2 bodies about it were erased before/,
  });
  await assert.rejects(eraser.forget('thing/9', said), { code: 'not-found' });
  assert.equal(harness.log.size, size, 'nothing is certified');
});

test('what is said later is kept under a new key; what was erased is not taken back, though it be sent again', async (t) => {
  const { harness, eraser, store, one, detached } = await opened(t);
  await eraser.forget('thing/1', said);
  const answers = await harness.send(...detached);
  assert.deepEqual(
    answers.map(({ verdict }) => verdict),
    ['duplicate', 'duplicate'],
  );
  assert.equal(harness.bodies.standing(2), 'erased');
  const [later] = await harness.send(await harness.pack(one, { readings }));
  assert.deepEqual([later?.verdict, later?.flag], ['sealed', undefined]);
  assert.equal(harness.bodies.standing(later?.index as number), 'kept');
  await harness.projections.runner.flush();
  assert.equal((await valuesOf(store, 'thing/1')).filter(({ leaf }) => leaf === later?.index).length, 3);
  const { bodies } = await eraser.forget('thing/1', said);
  assert.equal(bodies, 1);
});

test('interrupted after any step before the certificate, it is put right by asking again', async (t) => {
  const { harness, store, options } = await opened(t);
  const failing = async () => Promise.reject(new Error('gone'));
  const lost = new Proxy(store, { get: (of, name) => (name === 'erase' ? failing : Reflect.get(of, name).bind(of)) });
  await assert.rejects(new Eraser({ ...options, store: lost }).forget('thing/1', said), /gone/);
  assert.equal((await valuesOf(store, 'thing/1')).length, 7, 'the key is gone, the tables are as they were');
  await assert.rejects(new Eraser({ ...options, issuer: { issue: failing } }).forget('thing/1', said), /gone/);
  assert.equal((await valuesOf(store, 'thing/1')).length, 1);
  const done = await new Eraser(options).forget('thing/1', said);
  assert.deepEqual(certificateAt(harness, done.leaf), { trine: 'erasure/1', ...said, bodies: 2, open: 2 });
  await assert.rejects(new Eraser(options).forget('thing/1', said), { code: 'erased' });
});

test('interrupted after the certificate, it is not certified a second time', async (t) => {
  const { harness, one, options } = await opened(t);
  const uncertified = new Proxy(options.bodies, {
    get: (of, name) => (name === 'certified' ? () => assert.fail('gone') : Reflect.get(of, name, of)?.bind?.(of)),
  });
  await assert.rejects(new Eraser({ ...options, bodies: uncertified }).forget('thing/1', said), /gone/);
  assert.equal(harness.bodies.uncertified('thing/1')?.bodies, 2);
  await assert.rejects(new Eraser(options).forget('thing/1', said), { code: 'erased' });
  await harness.send(await harness.pack(one, { readings }));
  assert.equal((await new Eraser(options).forget('thing/1', said)).bodies, 1);
});
