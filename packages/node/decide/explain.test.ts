// Why a decision is what it is: computed again, beside those that measured about the same, with what people said of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decisionId, toHex } from '@trine/protocol';
import { openSettling, type Settling } from '../testing/settling.ts';
import { teachable } from '../testing/teachable.ts';
import { decisionLeaf, explainDecision } from './explain.ts';

let settling: Settling;
/** Statements in each of the windows; after the first two, people speak. */
const CAME = [2, 0, 1, 2, 0, 1];

before(async () => {
  settling = await openSettling({ installed: [teachable] });
  const { parts, decisions } = settling;
  await parts.does(decisions.propose(parts.monitor()));
  await parts.say(
    CAME.flatMap((count, window) =>
      Array.from({ length: count }, (_, i) => ({ atMs: window * 10_000 + 1_000 * (i + 1) })),
    ),
  );
  await parts.decideAt(CAME.length * 10_000 + 1_000);
  await parts.does(parts.projections.runner.flush());
});
after(() => settling.close());

/** Windows in which nothing came are passed over. */
const idAt = (fromS: number) => {
  const start = settling.parts.decided[0]?.obligation.fromMs ?? 0;
  const found = settling.parts.decided.find(({ obligation }) => obligation.fromMs === start + fromS * 1_000);
  return toHex(decisionId(found ?? assert.fail(`nothing decided at ${fromS}`)));
};
const explained = async (fromS: number) => {
  const { parts } = settling;
  const leaf = await parts.does(decisionLeaf(parts.store, idAt(fromS)));
  return parts.does(explainDecision({ ...parts.sources, policies: parts.projections.policies }, leaf));
};

test('it is computed again, to the bit, and the domain says why', async () => {
  const { replayed, words, series } = await explained(20);
  assert.deepEqual([replayed, words, series], [true, ['1 came.'], []]);
});

test('past ones are shown, the nearest in what they measured first, never those after it', async () => {
  const { parts } = settling;
  const { similar } = await explained(50);
  const start = parts.decided[0]?.obligation.fromMs ?? 0;
  assert.deepEqual(similar.map(({ fromMs, verdict }) => [(fromMs - start) / 1_000, verdict]).slice(0, 1), [
    [20, 'missed'],
  ]);
  assert.ok(similar.every(({ fromMs }) => fromMs < start + 50_000));
  const distances = similar.map(({ distance }) => distance);
  assert.deepEqual(
    distances,
    [...distances].sort((a, b) => a - b),
  );
  const first = await explained(0);
  assert.deepEqual(first.similar, []);
});

test('with each stands what people said of it, the newest first', async () => {
  const { parts, decisions } = settling;
  await parts.does(decisions.label(idAt(20), { assessment: 'right', by: 'Ada', note: 'one' }));
  await parts.does(decisions.label(idAt(20), { assessment: 'corrected', verdict: 'met', by: 'Bob', note: 'two' }));
  const { similar } = await explained(50);
  assert.deepEqual(similar[0]?.labels, [
    { assessment: 'corrected', verdict: 'met', by: 'Bob', note: 'two' },
    { assessment: 'right', verdict: null, by: 'Ada', note: 'one' },
  ]);
});

test('a decision is found by its id and by that of its statement; of a policy that is not here nothing is explained', async () => {
  const { parts } = settling;
  const [row] = await parts.does(parts.store.query('SELECT leaf, statement FROM decisions ORDER BY leaf LIMIT 1'));
  assert.equal(await parts.does(decisionLeaf(parts.store, toHex(row?.statement as Uint8Array))), row?.leaf);
  await assert.rejects(parts.does(decisionLeaf(parts.store, '0'.repeat(64))), { code: 'not-found' });
  const none = { get: () => undefined, wordOn: () => undefined, releases: () => [] };
  await assert.rejects(parts.does(explainDecision({ ...parts.sources, policies: none }, row?.leaf as number)), {
    code: 'unsupported',
  });
});

test('advice that rests on too little says that: nothing is held where no money is', async (t) => {
  const own = await openSettling({ installed: [teachable] });
  t.after(() => own.close());
  const { parts, decisions } = own;
  const asked = parts.monitor();
  await parts.does(decisions.propose({ ...asked, gate: { ...asked.gate, heartbeatGapMsMax: 1 } }));
  await parts.say([{ atMs: 1_000 }]);
  await parts.decideAt(11_000);
  await parts.does(parts.projections.runner.flush());
  const decision = parts.decided[0] ?? assert.fail('nothing decided');
  assert.equal(decision.outcome, 'advice');
  const leaf = await parts.does(decisionLeaf(parts.store, toHex(decisionId(decision))));
  const { words } = await parts.does(explainDecision({ ...parts.sources, policies: parts.projections.policies }, leaf));
  assert.match(words.join('\n'), /^Not enough to rely on: the log took nothing for \d+ s/m);
});
