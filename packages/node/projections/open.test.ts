// Everything that follows from the log, joined: what one part needs of another it finds, and a start that fails lets go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Domains } from '@trine/engine';
import { type Answer, decodeLeaf, didKey, parseStatement } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import { openProjections } from './open.ts';

const bytesAt = (parts: Parts, index: number): Uint8Array => {
  const leaf = decodeLeaf(parts.log.read(index));
  assert.ok(leaf.kind === 'statement');
  return parseStatement(leaf.statement).bytes.slice();
};

test('a statement that its sequence no longer remembers is known by the tables: it takes no second leaf', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const said = await parts.say(Array.from({ length: 300 }, (_, i) => ({ atMs: i, open: true })));
  const [first] = said;
  const bytes = bytesAt(parts, first?.leaf ?? -1);
  const { size } = parts.log;
  const { answers } = await parts.does(parts.ingest.submit([{ statement: bytes }], 'test'));
  const [answer] = answers as Answer[];
  assert.deepEqual([answer?.verdict, answer?.index], ['duplicate', first?.leaf]);
  assert.equal(parts.log.size, size);
});

test('a policy about the past learns what the log holds of it, replacements and all, and decides it once', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const [first] = await parts.say([{ atMs: 1_000 }, { atMs: 11_000 }]);
  await parts.say([{ atMs: 12_000, ofMs: 2_000, supersedes: first?.id ?? new Uint8Array() }]);
  await parts.world.reaches(30_000);
  const { startMs } = parts.monitor().period;
  await parts.propose(parts.monitor());
  const decided = await parts.decideAt(31_000);
  assert.deepEqual(
    decided.map(({ obligation, facts }) => [obligation.fromMs - startMs, facts.came]),
    [
      [0, 1],
      [10_000, 1],
    ],
    'what was replaced counts no more',
  );
  assert.deepEqual(await parts.decideAt(32_000), []);
});

test('where it cannot be opened, the threads that check are ended', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { genesis, log, bodies, store, world, life } = parts;
  const { timers, workers } = world.system(life);
  let ended = 0;
  const counted: typeof workers = {
    ...workers,
    start: (module, given) => {
      const worker = workers.start(module, given);
      return { ...worker, terminate: async () => void ended++ };
    },
  };
  const broken = { ...store, position: 0, query: () => Promise.reject(new Error('The tables are away.')) };
  const opening = openProjections({
    ...{ network: genesis.network, log, bodies, store: broken as never, domains: new Domains([]), timers },
    decider: didKey(genesis.keys.member.publicKey),
    agreementId: () => new Uint8Array(32),
    workers: counted,
    onError: assert.fail,
  });
  await assert.rejects(parts.does(opening), /tables are away/);
  assert.equal(ended, counted.parallelism);
});
