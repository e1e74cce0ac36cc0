// Batches: a second decider computes their lines again, reads the chain itself, and signs no line twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commitRows,
  encodeIntent,
  fromHex,
  hexOf,
  type Intent,
  intentDigest,
  Positions,
  partId,
  readRows,
  splitRows,
} from '@trine/protocol';
import { rowBytes } from '../settle/batches.ts';
import { keptIn, peerOf, secondDecider, twoDeciders } from '../testing/co-deciding.ts';
import { WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { HeldLines } from '../testing/held-lines.ts';
import { ServedNode } from '../testing/served.ts';
import { DeciderMemory } from './memory.ts';

const START_MS = 60_000;

test('a batch is paid once a second decider signed it, who signs it in no other form', async (t) => {
  const district = await District.open(t, ['home/1', 'home/2'], ({ parts }) => twoDeciders(parts.agreement()));
  const { settling } = district;
  const { parts, settler } = settling;
  const served = ServedNode.over(settling);
  const decision = await district.decide(START_MS, [3, 4, 2]);
  const [waiting] = await parts.does(settler.unsigned());
  assert.deepEqual([waiting?.signatures, waiting?.quorum], [1, 2]);
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 0);
  const intent = waiting?.intent as Intent;
  const rows = fromHex(waiting?.rows as string);
  // More for one and less for another adds up to zero, too.
  const [one, two] = readRows(splitRows(rows)).filter(({ amount }) => amount < 0n);
  const moved = readRows(splitRows(rows)).map((row) => {
    if (row.number === one?.number) return { ...row, amount: row.amount - 1n };
    return row.number === two?.number ? { ...row, amount: row.amount + 1n } : row;
  });
  const { rowsHash } = commitRows(moved);
  const lies: [Intent, RegExp, Uint8Array][] = [
    [{ ...intent, positionsBefore: intent.positionsAfter }, /positions that the chain shows/, rows],
    [{ ...intent, positionsAfter: intent.positionsBefore }, /would be refuted: root/, rows],
    [{ ...intent, obligation: `0x${'11'.repeat(32)}` }, /obligation/, rows],
    [
      { ...intent, rowsHash, positionsAfter: new Positions().apply(moved).root() },
      /rows are not those of the decision/,
      rowBytes(moved),
    ],
  ];
  const given = new Map(lies.map(([lie, , bytes]) => [intentDigest(lie).slice(2), bytes]));
  const honest = peerOf(served);
  const peer = {
    ...honest,
    rows: async (policy: string, digest: string) => given.get(digest) ?? honest.rows(policy, digest),
  };
  for (const [lie] of lies) await served.does(parts.ingest.appendIntent(encodeIntent(lie)));
  await served.recorded();
  // One that has yet to sign the right one.
  const kept = keptIn(served, '/third');
  new DeciderMemory(kept.memory).close(waiting?.digest as string, 'over', 'Left out here.');
  const refused = await secondDecider(served, kept, { peer }).round();
  for (const [lie, why] of lies) {
    const about = refused.find(({ payment }) => payment === intentDigest(lie).slice(2));
    assert.notEqual(about?.state, 'signed');
    assert.match(about?.words ?? '', why);
  }
  const second = secondDecider(served, keptIn(served), { peer });
  const said = await second.round();
  assert.deepEqual(
    said.flatMap(({ state, payment }) => (state === 'signed' ? [payment] : [])),
    [waiting?.digest],
  );
  // The same lines again, under the id of a later part.
  const again = { ...intent, obligation: hexOf(partId(decision.obligation, 1)) };
  given.set(intentDigest(again).slice(2), rows);
  await served.does(parts.ingest.appendIntent(encodeIntent(again)));
  await served.recorded();
  const [twice] = (await second.round()).filter(({ payment }) => payment === intentDigest(again).slice(2));
  assert.deepEqual(
    [twice?.state, twice?.words],
    ['refused', 'The line of home/1 is in a batch that was signed before.'],
  );
  await settling.settle();
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  const line = await district.verify(await district.lineOf(homes[0] as string, START_MS));
  assert.equal(line.verdict, 'members-word');
  assert.match(line.steps.find(({ name }) => name === 'deciders')?.detail ?? '', /^2 of 2 deciders; 2 needed$/);
});

test('a correction of lines is computed again by a second decider: what they were ordered before is left out', async (t) => {
  const district = await District.open(t, homes, ({ parts }) => ({
    ...twoDeciders(parts.agreement()),
    correctableMs: 86_400_000,
  }));
  const { settling } = district;
  const { parts } = settling;
  const served = ServedNode.over(settling);
  const second = secondDecider(served, keptIn(served));
  const states = async () => (await second.round()).map(({ state, words }) => `${state}: ${words}`);
  await district.decide(START_MS, [3, 4]);
  assert.deepEqual(await states(), ['signed: a batch over 3 accounts']);
  await settling.settle();
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  // What the third said, late: it alone owes.
  const atMs = parts.world.time.elapsedMs + 1_000;
  await parts.say([{ thing: 'home/3', atMs, ofMs: START_MS + 3_000, value: 2 }]);
  const again = (await parts.decideAt(atMs + 12_000)).find(({ obligation }) => obligation.base !== undefined);
  assert.equal(again?.outcome, 'pay');
  await settling.settle();
  assert.deepEqual(await states(), ['signed: a batch over 2 accounts']);
});

test('a batch with a held line is signed only where its release stands in the log before the order', async (t) => {
  const scene = await HeldLines.open(t);
  const { district, served } = scene;
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/2': 4, 'home/3': 2 });
  await scene.pays();
  const [first] = await district.query('SELECT digest FROM intents');
  const payment = await served.does(served.node.settler.payment(first?.digest as Uint8Array));
  assert.ok(payment);
  // The line of a home for the recipient, as the next batch, ordered by a node that asks nobody.
  const paid = readRows(splitRows(served.node.settler.rowsOf(first?.digest as Uint8Array) as Uint8Array));
  const recipient = paid.find(({ amount }) => amount > 0n)?.number as number;
  const own = await district.numberOf('home/3');
  const next = [
    { number: own, amount: -20n },
    { number: recipient, amount: 20n },
  ].sort((a, b) => a.number - b.number);
  const { rowsHash, rowCount } = commitRows(next);
  const lie: Intent = {
    ...payment.intent,
    ...{ rowsHash, rowCount, obligation: hexOf(partId(decision.obligation, 1)) },
    positionsBefore: payment.intent.positionsAfter,
    positionsAfter: new Positions().apply(paid).apply(next).root(),
    deadline: payment.intent.deadline + 900n,
  };
  await served.does(served.parts.ingest.appendIntent(encodeIntent(lie)));
  await served.recorded();
  const honest = peerOf(served);
  const digest = intentDigest(lie).slice(2);
  const rows: typeof honest.rows = async (policy, asked) =>
    asked === digest ? rowBytes(next) : honest.rows(policy, asked);
  const of = async (name: string) => {
    const said = await secondDecider(served, keptIn(served, name), { peer: { ...honest, rows } }).round();
    return said.flatMap(({ payment: about, state, words }) => (about === digest ? [`${state}: ${words}`] : []));
  };
  // None of its lines pays.
  const refused = ['refused: The batch moves nothing.'];
  assert.deepEqual(await of('/unreleased'), refused);
  // Released: another line; and this one, after the order.
  await scene.rules(decision, { row: 'home/2' });
  assert.deepEqual(await of('/another'), refused);
  await scene.rules(decision, { row: 'home/3' });
  assert.deepEqual(await of('/later'), refused);
});
