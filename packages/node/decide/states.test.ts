// The states that a decision started from: as they were kept, or computed again from there; and what it says where they
// cannot be had.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitStates, keepState, NO_STATES } from '@trine/engine';
import { type Decision, decisionId, decodeCbor, fromHex, toHex } from '@trine/protocol';
import { Eraser } from '../access/erase.ts';
import type { LoggedPolicy } from '../projections/policies.ts';
import { Parts, type Said } from '../testing/parts.ts';
import {
  baseDecision,
  decisionAt,
  lastDecision,
  leafOfDecision,
  restate,
  standingDecision,
  statesAfter,
  statesBefore,
} from './states.ts';

const WINDOWS = 24;
/** Two statements in each window but the one before the last. */
const steady = Array.from({ length: 2 * WINDOWS }, (_, i): Said => ({ atMs: 2_500 + i * 5_000 })).filter(
  (_, i) => i !== 2 * WINDOWS - 4,
);

async function decidedParts(given: Parameters<Parts['agreement']>[0] = {}): Promise<[Parts, LoggedPolicy]> {
  const parts = await Parts.open();
  const logged = await parts.propose(parts.agreement(given));
  await parts.say(steady);
  await parts.decideAt(WINDOWS * 10_000 + 1_000);
  await parts.does(parts.projections.runner.flush());
  assert.equal(parts.decided.length, WINDOWS);
  return [parts, logged];
}

async function at(parts: Parts, n: number): Promise<{ leaf: number; decision: Decision }> {
  const id = decisionId(parts.decided.at(n) as Decision);
  const leaf = (await parts.does(leafOfDecision(parts.sources, id))) as number;
  return { leaf, decision: decisionAt(parts.log, leaf) };
}

const total = (states: Awaited<ReturnType<typeof statesBefore>>['states']) =>
  decodeCbor(states.get('thing/1')?.state ?? new Uint8Array(), 'total');

test('the first started from none; others from what was kept, or computed again from there', async (t) => {
  const [parts, logged] = await decidedParts();
  t.after(() => parts.close());
  const before = async (n: number) => parts.does(statesBefore(parts.sources, logged, await at(parts, n)));
  assert.deepEqual(await before(0), { states: NO_STATES, computed: 0 });
  const known: number[] = [];
  for (let n = 1; n < WINDOWS; n++) {
    const { states, computed } = await before(n);
    assert.deepEqual(commitStates(states), parts.decided[n]?.statesBefore);
    known.push(computed);
  }
  assert.deepEqual(known.slice(0, 4), [0, 1, 2, 3], 'kept before the second');
  assert.deepEqual(known.slice(-2), [0, 1], 'and before what pays');
  const after = await parts.does(statesAfter(parts.sources, logged, await at(parts, WINDOWS - 1)));
  assert.deepEqual(commitStates(after.states), parts.decided.at(-1)?.statesAfter);
  assert.equal(total(after.states), 2 * WINDOWS - 1);
});

test('where a kept state was erased they are computed again from further back; where readings were, it is said', async (t) => {
  const [parts, logged] = await decidedParts();
  t.after(() => parts.close());
  const { log, bodies, store, ingest, world, life } = parts;
  const { runner } = parts.projections;
  const { timers, random } = world.system(life);
  const eraser = new Eraser({
    ...{ log, bodies, store, runner, ingest, timers, random },
    issuer: parts.identities.member,
  });
  await parts.does(eraser.forget('thing/1', { reason: 'asked', by: 'Ada' }));
  const last = await at(parts, WINDOWS - 1);
  await assert.rejects(parts.does(statesBefore(parts.sources, logged, last)), (error: Error & { code: string }) => {
    assert.equal(error.code, 'damaged');
    return /were readings erased\?/.test(error.message);
  });
  const first = await at(parts, 0);
  assert.equal((await parts.does(statesBefore(parts.sources, logged, first))).states.size, 0);
});

test('where the decision before is in no table, it says how to make them again', async (t) => {
  const [parts, logged] = await decidedParts();
  t.after(() => parts.close());
  const third = await at(parts, 3);
  const { store } = parts.sources;
  const query = async (sql: string, values?: readonly unknown[]) =>
    sql.includes('FROM decisions WHERE decision') ? [] : store.query(sql, values);
  const lacking = { ...store, position: 0, query } as typeof store;
  await assert.rejects(
    parts.does(statesBefore({ ...parts.sources, store: lacking }, logged, third)),
    /No states lead to the decision at leaf \d+ of "Counting".*trine rebuild/,
  );
});

test('the newest decision of ours is what the next continues; a correction is not, but stands in its place', async (t) => {
  const [parts, { hash }] = await decidedParts({ correctableMs: 600_000 });
  t.after(() => parts.close());
  const decider = parts.agreement().deciders.list[0]?.key as string;
  const newest = await at(parts, -1);
  assert.deepEqual(await parts.does(lastDecision(parts.sources, hash, decider)), newest);
  assert.equal(await parts.does(lastDecision(parts.sources, hash, 'did:key:z6Mkother')), undefined);
  assert.equal(await parts.does(lastDecision(parts.sources, '0'.repeat(64), decider)), undefined);
  await parts.say([{ atMs: WINDOWS * 10_000 + 2_000, ofMs: (WINDOWS - 2) * 10_000 + 1 }]);
  const [correction] = await parts.decideAt(WINDOWS * 10_000 + 15_000);
  await parts.does(parts.projections.runner.flush());
  assert.ok(correction?.obligation.base);
  const plain = parts.decided.findLastIndex(({ obligation: { base } }) => base === undefined);
  assert.deepEqual(await parts.does(lastDecision(parts.sources, hash, decider)), await at(parts, plain));
  const missed = await at(parts, WINDOWS - 2);
  const { obligation } = missed.decision;
  const stands = (about: Decision['obligation'], by = decider) =>
    parts.does(standingDecision(parts.sources, hash, about, by));
  assert.deepEqual((await stands(obligation))?.id, decisionId(correction));
  assert.deepEqual((await stands(correction.obligation))?.id, decisionId(correction));
  assert.equal(await stands(obligation, 'did:key:z6Mkother'), undefined);
  assert.deepEqual(await parts.does(baseDecision(parts.sources, hash, correction.obligation, decider)), missed);
});

test('a leaf that is no decision is none, and an id that nobody decided has no leaf', async (t) => {
  const [parts] = await decidedParts();
  t.after(() => parts.close());
  assert.throws(() => decisionAt(parts.log, 0));
  assert.equal(await parts.does(leafOfDecision(parts.sources, new Uint8Array(32))), undefined);
});

test('states of one policy as another’s are the same bytes, committed to anew, each under its own salt', () => {
  const policy = { hash: 'ab'.repeat(32) } as LoggedPolicy;
  const salt = (key: string) => new Uint8Array(16).fill(key.length);
  const kept = keepState(fromHex('cd'.repeat(32)), 5, 'pump', Uint8Array.of(1, 2), new Uint8Array(16));
  const again = restate(policy, new Map([['pump', kept]]), 9, salt).get('pump');
  assert.deepEqual(again?.state, kept.state);
  assert.notEqual(toHex(again?.commitment as Uint8Array), toHex(kept.commitment));
  assert.deepEqual(again, keepState(fromHex(policy.hash), 9, 'pump', kept.state, salt('pump')));
  assert.equal(restate(policy, NO_STATES, 0, salt).size, 0);
});
