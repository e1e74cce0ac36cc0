// A decision with more lines than one file can hold is ordered all the same: all of it computed again, and files of single
// lines held against what a stranger would check.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, type InstalledDomain, type RowInput, replayWith } from '@trine/engine';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { outcome, type ToyTerms, toyDomain } from '@trine/engine/testing/toy.ts';
import { decisionId, toHex, verifyEvidence } from '@trine/protocol';
import { buildEvidence, buildLines } from '../evidence/build.ts';
import { bankOf, batched, Customers, WINDOW_S as PAYABLE_S } from '../testing/customers.ts';
import { installedCounting } from '../testing/parts.ts';
import { openSettling } from '../testing/settling.ts';

const LINES = 4_100;
const WINDOW_MS = 240_000;
const homesOf = (count: number) => Array.from({ length: count }, (_, i) => `home/${i}`);
const homes = homesOf(LINES);
/** Each home owes what it said first, and remembers how often it was asked. @param common what is owed besides, minor units */
const crowded = (all: readonly string[], common = 0): InstalledDomain => ({
  identity: testIdentity('toy'),
  domain: toyDomain({
    triggers: [{ name: 'window', on: 'window', startMs: 0, lengthMs: WINDOW_MS, graceMs: 1_000 }],
    rows: () => all,
    inputs: (_, { fromMs, toMs }) =>
      all.map((row) => ({ name: 'said', subjects: [row], kinds: ['pack'] as const, fromMs, toMs, row })),
    engine: {
      decide: () => outcome({ effects: common > 0 ? [entry('payer', 'recipient', common, 'EUR')] : [] }),
      row({ key, inputs, state }: RowInput<ToyTerms>) {
        const said = Number(inputs.get('said')?.readings[0]?.value ?? 0);
        const effects = said > 0 ? [entry(key, 'recipient', said, 'EUR')] : [];
        return { ...outcome({ facts: { said } }), state: Uint8Array.of((state(key)[0] ?? 0) + 1), effects };
      },
    },
  }),
});
const damaged = (file: Uint8Array) => file.map((byte, i) => (i === 900 ? byte ^ 1 : byte));
const paying = [7, 2_000, 4_099].map((i) => homes[i] as string);

test(`a decision of ${LINES} lines is ordered once files of its lines hold, settled, and proven line by line`, async (t) => {
  let isDamaged = true;
  const settling = await openSettling({ installed: [installedCounting, crowded(homes)] }, ({ lines }) => ({
    lines: async (id, keys) => (await lines(id, keys)).map((file) => (isDamaged ? damaged(file) : file)),
  }));
  t.after(() => settling.close());
  const { parts, decisions, settler } = settling;
  const policy = batched(settling, paying, { gate: { ...parts.agreement().gate, heartbeatGapMsMax: WINDOW_MS } });
  const logged = await parts.does(decisions.propose({ ...policy, terms: { things: [] } }));
  await settling.settle();
  const customers = new Customers(bankOf(() => settling));
  for (const home of paying) {
    await customers.fund(home, 100n);
    assert.equal((await customers.authorizes(home, logged.id as Uint8Array, policy)).state, 'confirmed');
  }
  await parts.say(paying.map((thing, i) => ({ thing, atMs: WINDOW_MS - 1_000 + i, value: 3 + i })));
  const [decision, ...more] = await parts.decideAt(WINDOW_MS + 1_500);
  assert.deepEqual([decision?.outcome, decision?.rows?.count, more], ['pay', LINES, []]);
  const id = decisionId(decision ?? assert.fail());
  await settling.settle();
  const said = `^The decision ${toHex(id).slice(0, 16)} is not paid: its own evidence of the line of home/\\d+ does not hold`;
  assert.match(settler.problem ?? '', new RegExp(said));
  assert.deepEqual(await parts.does(parts.store.query('SELECT * FROM intents')), []);
  isDamaged = false;
  for (const seconds of [30, PAYABLE_S]) {
    await parts.world.reaches(parts.world.time.elapsedMs + seconds * 1_000);
    settler.round();
    await settling.settle();
  }
  assert.equal(settler.problem, undefined);
  assert.equal((await parts.does(parts.store.query('SELECT * FROM settlements'))).length, 1);
  const options = { ...parts.sources, log: parts.log, settler, policies: parts.projections.policies };
  for (const file of await parts.does(buildLines(options, id, paying))) {
    const report = await verifyEvidence(file, { network: parts.genesis.network, replay: replayWith(parts.domains) });
    assert.deepEqual([report.verdict, report.about], ['members-word', 'row'], JSON.stringify(report.steps));
    assert.ok(file.length < 100_000);
  }
  await assert.rejects(parts.does(buildEvidence(options, id)), {
    code: 'unsupported',
    message: /ask for that of one line/,
  });
});

test('where none of many lines pays, and what is common does, files of lines must hold all the same', async (t) => {
  let isDamaged = true;
  const few = homesOf(300);
  const settling = await openSettling({ installed: [installedCounting, crowded(few, 5)] }, ({ lines }) => ({
    lines: async (id, keys) => (await lines(id, keys)).map((file) => (isDamaged ? damaged(file) : file)),
  }));
  t.after(() => settling.close());
  const { parts, decisions, settler } = settling;
  const { gate } = parts.agreement();
  const model = parts.domains.identity('toy');
  const given = { domain: 'toy', model, terms: { things: [] }, gate: { ...gate, heartbeatGapMsMax: WINDOW_MS } };
  await parts.does(decisions.propose(parts.agreement(given)));
  await parts.say([{ thing: 'home/7', atMs: WINDOW_MS - 1_000, value: 0 }]);
  const [decision] = await parts.decideAt(WINDOW_MS + 1_500);
  assert.deepEqual([decision?.outcome, decision?.rows?.count], ['pay', 300]);
  await settling.settle();
  assert.match(settler.problem ?? '', /its own evidence of the line of home\/\d+ does not hold/);
  assert.deepEqual(await parts.does(parts.store.query('SELECT * FROM intents')), []);
  isDamaged = false;
  await parts.world.reaches(parts.world.time.elapsedMs + 30_000);
  await settling.settle();
  assert.equal(settler.problem, undefined);
  assert.equal((await parts.does(parts.store.query('SELECT * FROM settlements'))).length, 1);
});
