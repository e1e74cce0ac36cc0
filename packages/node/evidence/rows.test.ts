// Evidence of one party's line: it holds for a stranger, shows nobody else's readings, and says what was erased.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { replayWith } from '@trine/engine';
import { decisionId, decodeEvidence, didKey, encodeEvidence, verifyEvidence } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { Eraser } from '../access/erase.ts';
import { lined } from '../testing/lines.ts';
import { installedCounting, type Logged, Parts } from '../testing/parts.ts';
import { buildEvidence } from './build.ts';

const things = ['home/1', 'home/2', 'home/3'];
let parts: Parts;
let said: Logged[];

before(async () => {
  parts = await Parts.open({ installed: [installedCounting, lined] });
  const identity = parts.domains.identity('toy');
  await parts.propose(parts.monitor({ domain: 'toy', model: identity, terms: { things }, subject: 'market/1' }));
  said = await parts.say([
    { thing: 'market/1', atMs: 1_000, value: 10 },
    { thing: 'home/1', atMs: 2_000, value: 3 },
    { thing: 'home/2', atMs: 3_000, value: 4 },
    { thing: 'market/1', atMs: 11_000, value: 5 },
    { thing: 'home/1', atMs: 12_000, value: 1 },
  ]);
  await parts.decideAt(21_500);
  await parts.does(parts.projections.runner.flush());
});
after(() => parts.close());

const nothingPaid = { payment: async () => undefined, settledBatch: async () => undefined };
function evidence(of: Parts, id: Uint8Array): Promise<Uint8Array> {
  return of.does(
    buildEvidence({ ...of.sources, log: of.log, settler: nothingPaid, policies: of.projections.policies }, id),
  );
}
async function report(of: Parts, file: Uint8Array): Promise<unknown[]> {
  const found = await verifyEvidence(file, { network: of.genesis.network, replay: replayWith(of.domains) });
  return [found.about, found.verdict, found.steps.find(({ status }) => status === 'failed')?.detail];
}
const rows = () =>
  parts.does(
    parts.store.query<{ statement: Uint8Array; key: string; from_ms: number; amount: number }>(
      'SELECT statement, key, from_ms, amount FROM rows ORDER BY from_ms, key',
    ),
  );

test('every line holds by itself, in the first window and in one that continues it', async () => {
  const lines = await rows();
  assert.deepEqual(
    lines.map(({ key, amount }) => [key, amount]),
    [
      ['home/1', 30],
      ['home/2', 40],
      ['home/3', 0],
      ['home/1', 5],
      ['home/2', 0],
      ['home/3', 0],
    ],
  );
  for (const { statement } of lines)
    assert.deepEqual(await report(parts, await evidence(parts, statement)), ['row', 'trusted', undefined]);
  for (const one of parts.decided)
    assert.deepEqual(await report(parts, await evidence(parts, decisionId(one))), ['decision', 'trusted', undefined]);
});

test('the salt of a line is that of its own body: another is refused, though the line comes out the same', async () => {
  const [line] = await rows();
  const file = decodeEvidence(await evidence(parts, line?.statement ?? assert.fail()));
  assert.deepEqual(
    file.salts?.map(({ purpose }) => purpose),
    ['row'],
  );
  const salts = file.salts?.map((one) => ({ ...one, salt: new Uint8Array(16) }));
  const [, verdict, why] = await report(parts, encodeEvidence({ ...file, salts }));
  assert.deepEqual([verdict, why], ['broken', 'The salt of the row is not the one under which it was committed to.']);
});

test('a line starts from its own state as it was committed to, and from no other', async () => {
  const line = (await rows())[3];
  const file = decodeEvidence(await evidence(parts, line?.statement ?? assert.fail()));
  const [state] = file.states ?? [];
  assert.equal(state?.key, 'home/1');
  const disclosure = Uint8Array.from(state?.disclosure ?? []);
  // Another salt, behind two bytes of form: it opens to the same state.
  disclosure[2] = (disclosure[2] as number) ^ 1;
  const no = 'The state in the file is not the one the row started from.';
  for (const states of [[{ key: 'home/1', disclosure }], undefined]) {
    const { states: _, ...rest } = file;
    const [, verdict, why] = await report(parts, encodeEvidence(states ? { ...rest, states } : rest));
    assert.deepEqual([verdict, why], ['broken', no]);
  }
});

test('a line shows what is common and its own, and neither a reading nor a state of anybody else', async () => {
  const lines = await rows();
  const [market, one, two] = said.map(({ leaf }) => leaf) as [number, number, number];
  for (const [line, own, others] of [
    [lines[0], one, two],
    [lines[1], two, one],
  ] as const) {
    const file = decodeEvidence(await evidence(parts, line?.statement ?? assert.fail()));
    const shown = (file.logs[0]?.bodies ?? []).map(({ index }) => index);
    assert.ok(shown.includes(market) && shown.includes(own), 'the price and its own');
    assert.ok(!shown.includes(others), 'nobody else’s');
    assert.deepEqual(file.inputs?.map(({ key }) => key).sort(), ['', line?.key]);
    assert.ok((file.salts ?? []).every(({ key }) => key === line?.key));
    assert.ok((file.states ?? []).every(({ key }) => key === line?.key));
  }
});

test('of a line whose readings were erased it is said that they were, and the other lines with it', async () => {
  const { log, bodies, store, ingest, world, life } = parts;
  const { timers, random } = world.system(life);
  const { runner } = parts.projections;
  const eraser = new Eraser({
    ...{ log, bodies, store, runner, ingest, timers, random },
    issuer: parts.identities.member,
  });
  const lines = await rows();
  await parts.does(eraser.forget('home/2', { reason: 'asked', by: 'Ada' }));
  for (const line of lines.slice(0, 2))
    await assert.rejects(evidence(parts, line.statement), { code: 'erased', name: 'NoEvidenceError' });
  await assert.rejects(evidence(parts, said[2]?.id ?? assert.fail()), { code: 'erased' });
  // What others said themselves is still shown.
  assert.deepEqual(await report(parts, await evidence(parts, said[1]?.id ?? assert.fail())), [
    'reading',
    'trusted',
    undefined,
  ]);
});

for (const follows of ['the one before it', 'the one in its place'])
  test(`a sequence that goes on after a fork by what follows ${follows} is shown with the word that ended it`, async (t) => {
    const other = await Parts.open();
    t.after(() => other.close());
    await other.propose(other.agreement());
    const [first, second] = await other.say([{ atMs: 1_000 }, { atMs: 2_000 }]);
    // As a copy of the device says it, which stood at the first; or as somebody who wants to be in the way.
    const prev = follows === 'the one before it' ? first?.id : second?.id;
    await other.say([{ atMs: 3_000, seq: 1, value: 2, prev: prev ?? assert.fail() }]);
    const key = temporarySigner();
    const forked = { subject: 'thing/1', keyOwner: 'thing/1', key: didKey(key.publicKey), reason: 'copied' };
    const { leaf } = await other.does(other.identities.recover(forked));
    await other.decideAt(12_000);
    await other.does(other.projections.runner.flush());
    const file = await evidence(other, decisionId(other.decided[0] ?? assert.fail()));
    const [log] = decodeEvidence(file).logs;
    const shown = (log?.leaves ?? []).map(({ index }) => index);
    assert.ok(shown.includes(leaf), 'the recovery');
    assert.deepEqual(await report(other, file), ['decision', 'trusted', undefined]);
  });

/** A line that is corrected so often, of which the last correction is asked for. */
async function corrected(times: number): Promise<{ other: Parts; file: Uint8Array }> {
  const other = await Parts.open({ installed: [installedCounting, lined] });
  const policy = other.monitor({
    ...{ domain: 'toy', model: other.domains.identity('toy'), terms: { things }, subject: 'market/1' },
    correctableMs: 600_000,
  });
  await other.propose(policy);
  await other.say([
    { thing: 'market/1', atMs: 1_000, value: 10 },
    { thing: 'home/1', atMs: 5_000, value: 3 },
    { thing: 'home/2', atMs: 6_000, value: 4 },
  ]);
  await other.decideAt(11_500);
  for (let i = 0; i < times; i++) {
    const atMs = 13_000 + i * 3_000;
    await other.say([{ thing: 'home/1', atMs, ofMs: 4_000 - i, value: 5 + i }]);
    await other.decideAt(atMs + 1_500);
  }
  await other.does(other.projections.runner.flush());
  const last = other.decided.at(-1);
  assert.equal(last?.obligation.revision, times);
  const [line] = await other.does(
    other.store.query<{ statement: Uint8Array }>(
      "SELECT statement FROM rows WHERE key = 'home/1' ORDER BY leaf DESC LIMIT 1",
    ),
  );
  return { other, file: await evidence(other, line?.statement ?? assert.fail()) };
}

test('a line that was corrected is computed again from what its party’s lines ordered before', async (t) => {
  const { other, file } = await corrected(2);
  t.after(() => other.close());
  assert.deepEqual(await report(other, file), ['row', 'trusted', undefined]);
  const { row, ...rest } = decodeEvidence(file);
  assert.equal(row?.before?.length, 2);
  const [newest, oldest] = row?.before ?? [];
  assert.ok(row && newest && oldest);
  const told = (before: typeof row.before) =>
    report(other, encodeEvidence({ ...rest, row: { ...row, ...(before && { before }) } }));
  const { before: _, ...without } = row;
  // Its lines before are in the file and nothing says what they are: nothing needs them.
  assert.equal((await report(other, encodeEvidence({ ...rest, row: without })))[1], 'broken');
  assert.equal((await told([newest]))[1], 'broken', 'of another number of decisions');
  assert.equal((await told([oldest, newest]))[1], 'broken', 'in another order');
  assert.equal((await told([newest, newest]))[1], 'broken', 'the same twice');
});

test('however often a period was corrected, its lines have proofs', async (t) => {
  const { other, file } = await corrected(66);
  t.after(() => other.close());
  assert.deepEqual(await report(other, file), ['row', 'trusted', undefined]);
  assert.equal(decodeEvidence(file).row?.before?.length, 66);
});
