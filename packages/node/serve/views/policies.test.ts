// Agreements and monitors as they are shown: how far each is decided, what the chain holds, and why one is not decided.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstalledDomain, Trigger } from '@trine/engine';
import { counting } from '@trine/engine/testing/counting.ts';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { fromHex, type Monitor, modelHash, toHex } from '@trine/protocol';
import { installedCounting, type Parts } from '../../testing/parts.ts';
import { nodeOf, openSettling, type Settling } from '../../testing/settling.ts';
import { windows } from '../../testing/teachable.ts';
import { T0 } from '../../testing/world.ts';
import { agreements, monitors } from './policies.ts';
import { agreementSchema, monitorSchema } from './policy-schemas.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const later = { startMs: T0 + DAY, endMs: T0 + 2 * DAY };

const agreed =
  ({ parts }: Settling, limit = 9) =>
  (node: Settling) =>
    parts.does(agreements(nodeOf(node), limit));
const shown = (settling: Settling, limit?: number) => agreed(settling, limit)(settling);
const watched = (settling: Settling, limit = 9) => settling.parts.does(monitors(nodeOf(settling), limit));

test('an agreement is shown with what was decided and paid under it, and what the contract still holds', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions } = settling;
  const logged = await parts.does(decisions.propose(parts.agreement()));
  const { policy, hash, id } = logged;
  const [before] = await shown(settling);
  assert.deepEqual(
    { ...before, policy: undefined },
    {
      ...{ hash, id: toHex(id ?? assert.fail()), leaf: logged.index, loggedMs: logged.arrivalMs, policy: undefined },
      triggers: [{ name: 'window', on: 'window', graceMs: 1_000, startMs: 0, lengthMs: 10_000 }],
      model: toHex(modelHash(policy.model)),
      ...{ decidedUntilMs: undefined, verdicts: {}, held: 0, problem: undefined, standing: 'in-force', end: undefined },
      ...{ signed: [], paid: 0, locked: 0 },
    },
  );
  assert.deepEqual(before?.policy, JSON.parse(JSON.stringify(policy)));
  await parts.say([{ atMs: 1_000 }, { atMs: 11_000 }, { atMs: 12_000 }]);
  await parts.decideAt(21_500);
  await settling.settle();
  const [after] = await shown(settling);
  assert.deepEqual(
    [after?.decidedUntilMs, after?.verdicts, after?.held, after?.paid, after?.locked],
    [T0 + 20_000, { met: 1, missed: 1 }, 0, 5, 9_995],
  );
  agreementSchema.strict().parse(JSON.parse(JSON.stringify(after)));
});

test('what is held is counted as such, beside its verdict', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions } = settling;
  // The gate wants more owners behind it than there are.
  const { gate } = parts.agreement();
  await parts.does(decisions.propose(parts.agreement({ gate: { ...gate, ownersMin: 9 } })));
  await windows(parts, 0, 1, 1);
  await windows(parts, 1, 2);
  const [one] = await shown(settling);
  assert.deepEqual([one?.verdicts, one?.held], [{ met: 1, missed: 1 }, 1]);
});

test('the newest are shown, in the order in which they were made; agreements and monitors apart', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts } = settling;
  for (const title of ['a', 'b', 'c']) {
    await parts.propose(parts.agreement({ title }));
    await parts.propose(parts.monitor({ title: `${title} watched` }));
  }
  const titles = (found: readonly { policy: { title: string } }[]) => found.map(({ policy }) => policy.title);
  assert.deepEqual(titles(await shown(settling, 2)), ['b', 'c']);
  assert.deepEqual(titles(await shown(settling)), ['a', 'b', 'c']);
  assert.deepEqual(titles(await watched(settling, 1)), ['c watched']);
});

test('a policy is not begun, in force, ended, or replaced from when another goes on in its place', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts } = settling;
  const monitor = (title: string, given: Partial<Monitor> = {}) => parts.propose(parts.monitor({ title, ...given }));
  const first = await monitor('first', { period: { startMs: T0, endMs: T0 + 9 * DAY } });
  await monitor('next', { replaces: fromHex(first.hash), period: later });
  await monitor('short', { period: { startMs: T0, endMs: T0 + HOUR } });
  await parts.propose(parts.agreement({ period: later }));
  const standings = async () =>
    [...(await watched(settling)), ...(await shown(settling))].map(({ standing }) => standing);
  assert.deepEqual(await standings(), ['in-force', 'not-begun', 'in-force', 'not-begun']);
  await parts.world.reaches(HOUR);
  assert.deepEqual(await standings(), ['in-force', 'not-begun', 'ended', 'not-begun'], 'the end is no part of it');
  await parts.world.reaches(DAY);
  assert.deepEqual(await standings(), ['replaced', 'in-force', 'ended', 'in-force']);
  const [, next] = await watched(settling);
  assert.equal(next?.policy.replaces, first.hash, 'bytes as hex');
  monitorSchema.strict().parse(JSON.parse(JSON.stringify(next)));
});

const triggers: Trigger[] = [
  { name: 'months', on: 'calendar', graceMs: 1, period: 'month', timeZone: 'Europe/Zurich' },
  { name: 'asked', on: 'demand', graceMs: 2, askers: ['thing/1'], lookBackMs: 1_000 },
  { name: 'alarm', on: 'event', graceMs: 3, subjects: ['thing/1'], matches: () => true },
];
const other: InstalledDomain = {
  domain: { ...counting, manifest: { ...counting.manifest, name: 'other' }, triggers: () => triggers },
  identity: testIdentity('other'),
};

/** Under a domain, with the model that it has here. */
const under = (parts: Parts, domain: string, terms = parts.monitor().terms) =>
  parts.propose(parts.monitor({ domain, model: testIdentity(domain), terms }));

test('triggers are shown as far as they are data; none where the domain is not here or its terms are of another version', async (t) => {
  const settling = await openSettling({ installed: [installedCounting, other] });
  t.after(() => settling.close());
  const { parts } = settling;
  await under(parts, 'other');
  await under(parts, 'elsewhere');
  await under(parts, 'counting', { another: 1 });
  const [known, ...strange] = await watched(settling);
  assert.deepEqual(known?.triggers, [
    { name: 'months', on: 'calendar', graceMs: 1, period: 'month', timeZone: 'Europe/Zurich' },
    { name: 'asked', on: 'demand', graceMs: 2 },
    { name: 'alarm', on: 'event', graceMs: 3 },
  ]);
  for (const { triggers: none, problem, verdicts, decidedUntilMs } of strange) {
    assert.deepEqual([none, verdicts, decidedUntilMs], [[], {}, undefined]);
    assert.equal(typeof problem, 'string', 'it is said why it cannot be decided');
  }
});
