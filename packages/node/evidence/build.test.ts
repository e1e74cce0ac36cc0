// Gathering evidence: what is collected about a reading, a decision or a correction holds for a stranger; what cannot be
// shown is said, with what to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayWith } from '@trine/engine';
import { decisionId, decodeEvidence, verifyEvidence } from '@trine/protocol';
import { Eraser } from '../access/erase.ts';
import { Parts } from '../testing/parts.ts';
import { buildEvidence } from './build.ts';

const nothingPaid = { payment: async () => undefined, settledBatch: async () => undefined };

function evidence(parts: Parts, id: Uint8Array): Promise<Uint8Array> {
  const options = { ...parts.sources, log: parts.log, settler: nothingPaid, policies: parts.projections.policies };
  return parts.does(buildEvidence(options, id));
}

async function report(parts: Parts, file: Uint8Array): Promise<unknown[]> {
  const found = await verifyEvidence(file, { network: parts.genesis.network, replay: replayWith(parts.domains) });
  return [found.about, found.verdict, found.steps.find(({ status }) => status === 'failed')?.detail];
}

async function decidedParts(): Promise<Parts> {
  const parts = await Parts.open();
  await parts.propose(parts.agreement({ correctableMs: 60_000 }));
  await parts.say([{ atMs: 1_000 }, { atMs: 2_000, open: true }, { atMs: 11_000 }]);
  await parts.decideAt(21_500);
  await parts.does(parts.projections.runner.flush());
  return parts;
}

test('a reading, in the log or behind its hash, is shown with who let its key in', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const said = await parts.say([{ atMs: 100 }, { atMs: 200, open: true }, { atMs: 300, text: 'open the gate' }]);
  await parts.does(parts.projections.runner.flush());
  for (const { id } of said) {
    const file = await evidence(parts, id);
    assert.deepEqual(await report(parts, file), ['reading', 'trusted', undefined]);
    const [log] = decodeEvidence(file).logs;
    assert.equal(log?.leaves.length, 3, 'the network, the enrolment, the statement');
  }
});

test('a decision holds by its own id and by that of its statement, the first one and one that continues it', async (t) => {
  const parts = await decidedParts();
  t.after(() => parts.close());
  const rows = await parts.does(parts.store.query('SELECT decision, statement FROM decisions ORDER BY leaf'));
  assert.equal(rows.length, 2);
  for (const [i, row] of rows.entries()) {
    const file = await evidence(parts, row.decision as Uint8Array);
    assert.deepEqual(await report(parts, file), ['decision', 'trusted', undefined]);
    const { assumptions } = await verifyEvidence(file, { network: parts.genesis.network });
    const said = assumptions.join('\n');
    assert.equal(/states before came about/.test(said), i === 1, 'what began with the policy continues nothing');
    assert.doesNotMatch(said, /whose states it should have continued/);
    assert.deepEqual(await evidence(parts, row.statement as Uint8Array), file);
  }
});

test('a correction is shown with what it corrects, and the later one with both', async (t) => {
  const parts = await decidedParts();
  t.after(() => parts.close());
  await parts.say([{ atMs: 22_000, ofMs: 12_000 }]);
  const [correction] = (await parts.decideAt(33_000)).filter(({ obligation }) => obligation.base);
  assert.ok(correction);
  await parts.does(parts.projections.runner.flush());
  const file = await evidence(parts, decisionId(correction));
  assert.deepEqual(await report(parts, file), ['decision', 'trusted', undefined]);
});

test('after a restart with lost tables the same file is gathered', async (t) => {
  const first = await decidedParts();
  const id = decisionId(first.decided[1] ?? assert.fail());
  const file = await evidence(first, id);
  await first.close();
  await first.world.loseTables();
  const parts = await Parts.open({ world: first.world });
  t.after(() => parts.close());
  const [again] = decodeEvidence(await evidence(parts, id)).logs;
  const [before] = decodeEvidence(file).logs;
  assert.deepEqual(again?.leaves, before?.leaves);
  assert.deepEqual(again?.bodies, before?.bodies);
});

test('what nobody said has none; a payment that is ordered and not made yet has none yet', async (t) => {
  const parts = await decidedParts();
  t.after(() => parts.close());
  await assert.rejects(evidence(parts, new Uint8Array(32)), { code: 'not-found', name: 'NoEvidenceError' });
  const [agreement] = await parts.does(parts.store.query('SELECT id FROM statements WHERE leaf = 0'));
  await assert.rejects(evidence(parts, agreement?.id as Uint8Array), { code: 'not-found' });
});

test('of erased readings it is said that they were erased, and a decision on them is not shown as another', async (t) => {
  const parts = await decidedParts();
  t.after(() => parts.close());
  const { log, bodies, store, ingest, world, life } = parts;
  const { timers, random } = world.system(life);
  const { runner } = parts.projections;
  const eraser = new Eraser({
    ...{ log, bodies, store, runner, ingest, timers, random },
    issuer: parts.identities.member,
  });
  const rows = await parts.does(
    parts.store.query<{ id: Uint8Array }>('SELECT id FROM statements WHERE kind = 1 AND readings = 1 ORDER BY leaf'),
  );
  await parts.does(eraser.forget('thing/1', { reason: 'asked', by: 'Ada' }));
  await assert.rejects(evidence(parts, rows[0]?.id as Uint8Array), { code: 'erased' });
  await assert.rejects(evidence(parts, decisionId(parts.decided[0] ?? assert.fail())), { code: 'erased' });
});

test('what else a thing says, of a kind that its policy does not look at, stands in its links and breaks nothing', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  await parts.propose(parts.agreement());
  await parts.say([{ atMs: 500, ofMs: -5_000 }, { atMs: 1_000 }, { atMs: 2_000, text: 'hello' }, { atMs: 3_000 }]);
  await parts.decideAt(12_000);
  await parts.does(parts.projections.runner.flush());
  const file = await evidence(parts, decisionId(parts.decided[0] ?? assert.fail()));
  const { network } = parts.genesis;
  const found = await verifyEvidence(file, { network, replay: replayWith(parts.domains) });
  assert.equal(found.verdict, 'trusted', JSON.stringify(found.steps));
  // When an event came its leaf tells: what it says is nobody's business here.
  const [log] = decodeEvidence(file).logs;
  const bodies = log?.bodies.map(({ disclosure }) => Buffer.from(disclosure).toString('latin1')) ?? [];
  assert.ok(bodies.length > 0 && !bodies.some((body) => body.includes('hello')));
  const order = found.steps.find(({ name }) => name === 'order')?.detail ?? '';
  assert.match(
    order,
    /of 1 sequence: 1 is linked over exactly these, without a promise, 1 about this time did not go in/,
  );
  // Who cannot ask the domain is told whom he believes.
  const blind = await verifyEvidence(file, { network });
  assert.match(
    blind.assumptions.join('\n'),
    /does not look at what was said of this time and did not go in: [0-9a-f]{64}/,
  );
});

test('links show that nothing else was said of the time up to what follows them; a promise, that nothing will be', async (t) => {
  const orderOf = async (lowMs: number | undefined) => {
    const parts = await Parts.open();
    t.after(() => parts.close());
    await parts.propose(parts.agreement());
    const next = { atMs: 10_100, ...(lowMs !== undefined && { lowMs }) };
    await parts.say([{ atMs: 500, ofMs: -5_000 }, { atMs: 1_000 }, { atMs: 3_000 }, next]);
    await parts.decideAt(12_000);
    await parts.does(parts.projections.runner.flush());
    const file = await evidence(parts, decisionId(parts.decided[0] ?? assert.fail()));
    const found = await verifyEvidence(file, { network: parts.genesis.network, replay: replayWith(parts.domains) });
    assert.equal(found.verdict, 'trusted', JSON.stringify(found.steps));
    return found.steps.find(({ name }) => name === 'order')?.detail ?? '';
  };
  const promise =
    /their own sequences show that there were no others, and their issuers promise that there will be none/;
  assert.match(await orderOf(10_000), promise);
  assert.match(await orderOf(10_100), promise);
  for (const short of [undefined, 9_999]) assert.match(await orderOf(short), /1 is linked over exactly these, without/);
});
