// Models as they are shown: known from the terms or registered, and under each agreement what they are to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionId, modelHash, toHex } from '@trine/protocol';
import { isAgreement, type LoggedAgreement } from '../../projections/policies.ts';
import { nodeOf, openSettling, type Settling } from '../../testing/settling.ts';
import { card, teachable, windows } from '../../testing/teachable.ts';
import { T0 } from '../../testing/world.ts';
import { describeModels, type ModelView, modelSchema } from './models.ts';

const rule = { approvals: ['payer', 'recipient'], shadowsMin: 2, differencesMaxPpm: 500_000 };

async function agreed(): Promise<[Settling, LoggedAgreement]> {
  const settling = await openSettling({ installed: [teachable] });
  const logged = await settling.parts.propose(settling.parts.agreement({ modelChange: rule }));
  assert.ok(isAgreement(logged));
  return [settling, logged];
}

const register = ({ parts }: Settling, lenient: number) =>
  parts.does(parts.lifecycle.register('counting', { lenient }, card));

async function shown(settling: Settling, limit = 9): Promise<ModelView[]> {
  const found = await settling.parts.does(describeModels(nodeOf(settling), limit));
  for (const one of found) modelSchema.strict().parse(JSON.parse(JSON.stringify(one)));
  return found;
}

async function useOf(settling: Settling, hash: string) {
  const found = (await shown(settling)).find((one) => one.hash === hash) ?? assert.fail('it is not shown');
  assert.ok(found.uses.length < 2, 'one agreement');
  return found.uses[0];
}

test('the model of the terms is shown though nobody registered it: once, and in force', async (t) => {
  const [settling, agreement] = await agreed();
  t.after(() => settling.close());
  const { parts } = settling;
  await parts.propose(parts.agreement({ title: 'Another' }));
  const [one, ...more] = await shown(settling);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [one?.hash, one?.domain, one?.registeredMs, one?.card, one?.learnt, one?.installed, one?.parameters],
    [toHex(modelHash(agreement.policy.model)), 'counting', undefined, undefined, undefined, true, {}],
  );
  assert.deepEqual(
    one?.uses.map(({ title, role, sinceMs, trial, rule: change, currency }) => [
      title,
      role,
      sinceMs,
      trial,
      change,
      currency,
    ]),
    [
      ['Counting', 'active', T0, undefined, rule, 'EUR'],
      ['Another', 'active', T0, undefined, undefined, 'EUR'],
    ],
  );
  assert.deepEqual(one?.uses[0]?.approvals, [
    { role: 'payer', name: 'Operator', vote: 'named in the terms' },
    { role: 'recipient', name: 'Customer', vote: 'named in the terms' },
  ]);
});

test('registered ones come first, the newest before, as many as are asked for; unused where nobody spoke of them', async (t) => {
  const [settling, agreement] = await agreed();
  t.after(() => settling.close());
  const hashes = [await register(settling, 1), await register(settling, 2)];
  const found = await shown(settling);
  assert.deepEqual(
    found.map(({ hash }) => hash),
    [...hashes.toReversed(), toHex(modelHash(agreement.policy.model))],
  );
  const [newest] = found;
  assert.deepEqual(
    [newest?.parameters, newest?.card, newest?.installed, newest?.uses],
    [{ lenient: 2 }, card, true, []],
  );
  assert.ok((newest?.registeredMs as number) >= T0);
  assert.deepEqual(await shown(settling, 1), [newest]);
});

test('the model of the terms, registered later, is shown once: with its card', async (t) => {
  const [settling, { policy }] = await agreed();
  t.after(() => settling.close());
  const { parts } = settling;
  await parts.does(parts.lifecycle.register('counting', {}, card));
  const [one, ...more] = await shown(settling);
  assert.deepEqual([one?.hash, one?.card, one?.uses.length, more], [toHex(modelHash(policy.model)), card, 1, []]);
});

test('a model is proposed when a party votes, tried beside, then in force; the former stays with what it decided', async (t) => {
  const [settling, agreement] = await agreed();
  t.after(() => settling.close());
  const { parts } = settling;
  const { lifecycle } = parts;
  const first = toHex(modelHash(agreement.policy.model));
  const next = await register(settling, 1);
  const votes = async () => (await useOf(settling, next))?.approvals.map(({ vote }) => vote);
  await parts.does(lifecycle.approve(agreement, next, 'reject'));
  assert.equal((await useOf(settling, next))?.role, 'proposed');
  assert.deepEqual(await votes(), ['reject', 'reject']);
  await parts.world.reaches(parts.world.time.elapsedMs + 10);
  await parts.does(lifecycle.approve(agreement, next, 'approve'));
  assert.deepEqual(await votes(), ['approve', 'approve'], 'the newest vote counts');

  await parts.does(lifecycle.shadow(agreement, next));
  await windows(parts, 1, 3, 1);
  const beside = await useOf(settling, next);
  assert.deepEqual(
    [beside?.role, beside?.drift, beside?.heard, beside?.sinceMs],
    ['shadow', undefined, undefined, undefined],
  );
  assert.deepEqual(
    [beside?.trial?.obligations, beside?.trial?.differences, beside?.trial?.amountActive, beside?.trial?.amountShadow],
    [2, 2, 10, 0],
  );

  await windows(parts, 3, 8);
  await parts.does(lifecycle.round());
  await windows(parts, 8, 10);
  const active = await useOf(settling, next);
  assert.deepEqual([active?.role, active?.trial, active?.heard], ['active', undefined, { labels: 0, wrong: 0 }]);
  assert.ok((active?.sinceMs as number) > T0);
  assert.equal(active?.drift?.verdict, 'too-early');
  const former = await useOf(settling, first);
  assert.deepEqual([former?.role, former?.sinceMs], ['previous', T0]);
  const own = (hash: string) =>
    parts.decided.filter((one) => toHex(one.policy) === agreement.hash && toHex(modelHash(one.model)) === hash);
  assert.deepEqual(
    [former?.drift?.obligations, active?.drift?.obligations],
    [own(first).length, own(next).length],
    'each by what it decided itself',
  );
  assert.ok(own(next).length > 0);

  const [decision] = own(first);
  await parts.does(
    settling.decisions.label(toHex(decisionId(decision ?? assert.fail())), {
      assessment: 'wrong',
      by: 'Ada',
      note: '',
    }),
  );
  assert.deepEqual((await useOf(settling, first))?.heard, { labels: 1, wrong: 1 });
  assert.deepEqual((await useOf(settling, next))?.heard, { labels: 0, wrong: 0 });
});

test('a model of other code, or of a domain that is not here, cannot be computed here', async (t) => {
  const [settling, { policy }] = await agreed();
  t.after(() => settling.close());
  const { parts } = settling;
  await parts.propose(parts.agreement({ model: { ...policy.model, code: 'e'.repeat(64) } }));
  await parts.propose(parts.agreement({ domain: 'elsewhere', model: { ...policy.model, code: 'f'.repeat(64) } }));
  const found = await shown(settling);
  assert.deepEqual(
    found.map(({ domain, installed, uses }) => [domain, installed, uses.length]),
    [
      ['counting', true, 1],
      ['counting', false, 1],
      ['elsewhere', false, 1],
    ],
  );
});
