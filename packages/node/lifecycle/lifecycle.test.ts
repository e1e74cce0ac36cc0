// The life of a model: who may let it in, what it must have shown before it decides, and what takes it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Domains } from '@trine/engine';
import {
  type Agreement,
  addressOfPrivateKey,
  approvalDigest,
  decisionId,
  fromHex,
  type Hex,
  labelPayload,
  modelHash,
  signDigest,
  toHex,
} from '@trine/protocol';
import { isAgreement, type LoggedAgreement } from '../projections/policies.ts';
import { Parts } from '../testing/parts.ts';
import { card, teachable, windows } from '../testing/teachable.ts';
import { ModelLifecycle, passes } from './lifecycle.ts';
import type { Trial } from './shadow.ts';

const rule = { approvals: ['payer', 'recipient'], shadowsMin: 2, differencesMaxPpm: 500_000 };
const rollback = { labelsMin: 2, wrongMaxPpm: 500_000 };

async function agreed(change: Agreement['modelChange'] = { ...rule, rollback }): Promise<[Parts, LoggedAgreement]> {
  const parts = await Parts.open({ installed: [teachable] });
  const logged = await parts.propose(parts.agreement(change ? { modelChange: change } : {}));
  assert.ok(isAgreement(logged));
  return [parts, logged];
}

const registered = (parts: Parts, lenient = 1) => parts.does(parts.lifecycle.register('counting', { lenient }, card));
const inForce = (parts: Parts, agreement: LoggedAgreement) =>
  toHex(modelHash(parts.decider.standing(agreement)?.model.identity ?? assert.fail()));

test('a model is registered once, whatever is said of it later; only for a domain that is here and knows its parameters', async (t) => {
  const [parts] = await agreed();
  t.after(() => parts.close());
  const hash = await registered(parts);
  const { size } = parts.log;
  assert.equal(
    await parts.does(parts.lifecycle.register('counting', { lenient: 1 }, { ...card, purpose: 'Other.' })),
    hash,
  );
  assert.equal(parts.log.size, size);
  assert.notEqual(await registered(parts, 2), hash);
  await assert.rejects(parts.does(parts.lifecycle.register('elsewhere', {}, card)), /not installed/);
});

test('each party whose key is here votes; a vote signed elsewhere counts where it is a party’s', async (t) => {
  const [parts, agreement] = await agreed();
  t.after(() => parts.close());
  const hash = await registered(parts);
  const { account, recipient, issuer } = parts.genesis.keys;
  const ours = [account, recipient].map(addressOfPrivateKey);
  assert.deepEqual(await parts.does(parts.lifecycle.approve(agreement, hash, 'approve')), ours);
  const { models } = parts.projections;
  const standing = () => models.refusalOf(agreement.policy, agreement.id, fromHex(hash), Number.POSITIVE_INFINITY);
  assert.equal(standing(), undefined);
  const { money } = agreement.policy;
  const domain = { chainId: BigInt(money.chainId), verifyingContract: money.contract as Hex };
  const signed = (key: Uint8Array, atMs: number) => {
    const digest = approvalDigest({ agreement: agreement.id, model: fromHex(hash), vote: 'reject', atMs }, domain);
    return { party: addressOfPrivateKey(key), atMs, signature: fromHex(signDigest(digest, key)) };
  };
  const later = parts.world.now() + 5;
  await parts.does(parts.lifecycle.approve(agreement, hash, 'reject', signed(recipient, later)));
  assert.match(standing() ?? '', /Customer \(recipient\) did not approve/);
  await assert.rejects(parts.does(parts.lifecycle.approve(agreement, hash, 'reject', signed(issuer, later))), {
    code: 'forbidden',
  });
  await assert.rejects(parts.does(parts.lifecycle.approve(agreement, '0'.repeat(64), 'approve')), {
    code: 'not-found',
  });
  const { projections, decider, domains, identities, store, world } = parts;
  const { models: known, policies, runner } = projections;
  const keyless = new ModelLifecycle({
    ...{ models: known, policies, decider, domains, issuer: identities.member, store, runner, now: world.now },
    partyKeys: [issuer],
  });
  await assert.rejects(parts.does(keyless.approve(agreement, hash, 'approve')), { code: 'invalid' });
});

test('a model is tried beside once; not the one in force, none that is unknown, none that is not the same here', async (t) => {
  const [parts, agreement] = await agreed();
  t.after(() => parts.close());
  const hash = await registered(parts);
  const shadow = await parts.does(parts.lifecycle.shadow(agreement, hash));
  assert.deepEqual(shadow.policy.terms, agreement.policy.terms);
  assert.equal(await parts.does(parts.lifecycle.shadow(agreement, hash)), shadow);
  const own = toHex(modelHash(agreement.policy.model));
  await assert.rejects(parts.does(parts.lifecycle.shadow(agreement, own)), { code: 'conflict' });
  await assert.rejects(parts.does(parts.lifecycle.shadow(agreement, '0'.repeat(64))), { code: 'not-found' });
  const { projections, decider, identities, store, world } = parts;
  const { models, policies, runner } = projections;
  const elsewhere = new ModelLifecycle({
    ...{ models, policies, decider, issuer: identities.member, store, runner, now: world.now, partyKeys: [] },
    domains: new Domains([{ ...teachable, identity: { ...teachable.identity, code: 'e'.repeat(64) } }]),
  });
  await assert.rejects(parts.does(elsewhere.shadow(agreement, hash)), /agreed one/);
});

test('one put beside decides the newest obligations at once, but they do not count for promotion', async (t) => {
  const [parts, agreement] = await agreed();
  t.after(() => parts.close());
  await windows(parts, 0, 3);
  const hash = await registered(parts);
  const shadow = await parts.does(parts.lifecycle.shadow(agreement, hash));
  assert.equal(shadow.policy.period.startMs, agreement.policy.period.startMs);
  await windows(parts, 4, 6, 1);
  const [first] = await parts.does(parts.lifecycle.trials(agreement));
  assert.equal(first?.monitor.hash, shadow.hash);
  assert.deepEqual(
    [first?.trial.obligations, first?.trial.differences, first?.trial.amountActive, first?.trial.amountShadow],
    [2, 2, 10, 0],
  );
});

test('it decides once the rule is met and the parties approved, and the former goes on beside it', async (t) => {
  const [parts, agreement] = await agreed();
  t.after(() => parts.close());
  const before = inForce(parts, agreement);
  const hash = await registered(parts);
  await parts.does(parts.lifecycle.shadow(agreement, hash));
  await windows(parts, 1, 2);
  await parts.does(parts.lifecycle.round());
  assert.equal(inForce(parts, agreement), before, 'too few, and nobody approved');
  await windows(parts, 2, 4);
  await parts.does(parts.lifecycle.round());
  assert.equal(inForce(parts, agreement), before, 'nobody approved');
  await parts.does(parts.lifecycle.approve(agreement, hash, 'approve'));
  await parts.does(parts.lifecycle.round());
  const { models, policies } = parts.projections;
  const [change, ...more] = models.modelChangesOf(agreement.policy, agreement.id);
  assert.deepEqual(
    [change?.modelChange.cause, toHex(modelHash(change?.modelChange.model ?? assert.fail()))],
    ['promotion', hash],
  );
  assert.equal(change?.modelChange.approvals.length, 2);
  assert.equal(policies.shadowsOf(agreement.id).length, 2, 'the former is put beside');
  await windows(parts, 4, 6);
  assert.equal(inForce(parts, agreement), hash);
  await parts.does(parts.lifecycle.round());
  assert.deepEqual(
    [more, models.modelChangesOf(agreement.policy, agreement.id).length],
    [[], 1],
    'and does not come back',
  );
});

/** Another model decides under the agreement. */
async function promoted(
  change: Agreement['modelChange'] = { ...rule, rollback },
): Promise<[Parts, LoggedAgreement, string]> {
  const [parts, agreement] = await agreed(change);
  const hash = await registered(parts);
  await parts.does(parts.lifecycle.shadow(agreement, hash));
  await windows(parts, 1, 4);
  await parts.does(parts.lifecycle.approve(agreement, hash, 'approve'));
  await parts.does(parts.lifecycle.round());
  await windows(parts, 4, 7);
  assert.equal(inForce(parts, agreement), hash);
  return [parts, agreement, hash];
}

async function label(
  parts: Parts,
  agreement: LoggedAgreement,
  back: number,
  assessment: 'right' | 'wrong',
): Promise<void> {
  const own = parts.decided.filter(({ policy }) => toHex(policy) === agreement.hash);
  const decision = decisionId(own.at(-back) ?? assert.fail());
  const payload = labelPayload.encode({ trine: 'label/1', decision, assessment, by: 'Ada', note: '' });
  await parts.does(parts.identities.member.issue('label', 'thing/1', payload));
}

test('more wrong than the rule allows, of enough that people looked at, brings the former back; so many do not', async (t) => {
  const [parts, agreement, hash] = await promoted();
  t.after(() => parts.close());
  await label(parts, agreement, 1, 'wrong');
  await parts.does(parts.lifecycle.round());
  await label(parts, agreement, 2, 'right');
  await parts.does(parts.lifecycle.round());
  assert.equal(inForce(parts, agreement), hash, 'half of them is what the rule allows');
  await label(parts, agreement, 3, 'wrong');
  await parts.does(parts.lifecycle.round());
  await windows(parts, 7, 8);
  assert.equal(inForce(parts, agreement), toHex(modelHash(agreement.policy.model)));
  const change = parts.projections.models.modelChangesOf(agreement.policy, agreement.id).at(-1)?.modelChange;
  assert.deepEqual([change?.cause, change?.facts], ['rollback', { labels: 3, wrong: 2 }]);
});

test('a party that takes its approval back brings the former back', async (t) => {
  const [parts, agreement, hash] = await promoted(rule);
  t.after(() => parts.close());
  await parts.does(parts.lifecycle.round());
  assert.equal(inForce(parts, agreement), hash);
  await parts.does(parts.lifecycle.approve(agreement, hash, 'reject'));
  await parts.does(parts.lifecycle.round());
  await windows(parts, 7, 8);
  assert.equal(inForce(parts, agreement), toHex(modelHash(agreement.policy.model)));
});

test('a person may bring the former back, where there is one', async (t) => {
  const [parts, agreement] = await promoted();
  t.after(() => parts.close());
  await parts.does(parts.lifecycle.rollback(agreement, 'Ada'));
  await windows(parts, 7, 8);
  assert.equal(inForce(parts, agreement), toHex(modelHash(agreement.policy.model)));
  const [other, alone] = await agreed();
  t.after(() => other.close());
  await assert.rejects(other.does(other.lifecycle.rollback(alone, 'Ada')), { code: 'conflict' });
});

test('a round that fails is told to who asked for it, and the next one runs', async (t) => {
  const [parts] = await agreed();
  t.after(() => parts.close());
  const { policies } = parts.projections;
  policies.agreements = () => {
    throw new Error('away');
  };
  await assert.rejects(parts.does(parts.lifecycle.round()), /away/);
  Reflect.deleteProperty(policies, 'agreements');
  await parts.does(parts.lifecycle.round());
});

test('a trial passes that is long enough, not too different, and no worse in people’s eyes', () => {
  const trial: Trial = {
    ...{ obligations: 10, differences: 3, excused: 1, amountActive: 0, amountShadow: 0 },
    ...{ labels: 4, rightActive: 2, rightShadow: 2 },
  };
  const given = { shadowsMin: 10, differencesMaxPpm: 200_000 };
  assert.equal(passes(trial, given), true);
  assert.equal(passes({ ...trial, obligations: 9, differences: 1 }, given), false);
  assert.equal(passes({ ...trial, excused: 0 }, given), false);
  assert.equal(passes({ ...trial, rightShadow: 1 }, given), false);
  assert.equal(passes({ ...trial, obligations: 0, differences: 0, excused: 0 }, { ...given, shadowsMin: 0 }), true);
});
