// The life of a model on a running node: tried beside, approved, promoted, found wrong by people, rolled back; and a
// proof of every step.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { replayWith } from '@trine/engine';
import { buildEvidence } from '@trine/node/evidence/build.ts';
import {
  approvalDigest,
  decodeEvidence,
  decodeLeaf,
  type EvidenceLog,
  encodeEvidence,
  fromHex,
  modelHash,
  parseStatement,
  partyOf,
  signDigest,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { decided, type Platform, startPlatform, until } from '../platform.ts';

const card = {
  purpose: 'Less eager about processor load',
  data: 'none',
  split: 'none',
  metric: 'none',
  result: 'not measured',
  limits: 'a test',
  licence: 'Apache-2.0',
};
/** Of a quantity that is not measured here: another model that decides alike, however busy the machine is. */
const parameters = { thresholdPpm: { 'gpu/load': 990_000 } };

let platform: Platform;
before(async () => {
  platform = await startPlatform(undefined, { shadowWindowsMin: 2 });
  await decided(platform.node, () => true);
});
after(() => platform.remove());

const agreementOf = () => {
  const [agreement] = platform.node.policies.agreements();
  assert.ok(agreement);
  return agreement;
};
const active = () => platform.node.decisions.standing(agreementOf())?.model.identity;
const verify = (file: Uint8Array) =>
  verifyEvidence(file, { network: platform.node.genesis.network, replay: replayWith(platform.node.domains) });

test('a model nobody registered, or with parameters nobody knows, is refused', async () => {
  const { lifecycle } = platform.node;
  const unknown = toHex(Uint8Array.from(randomBytes(32)));
  await assert.rejects(lifecycle.shadow(agreementOf(), unknown), /No model .* is registered/);
  await assert.rejects(lifecycle.approve(agreementOf(), unknown, 'approve'), /No model .* is registered/);
  await assert.rejects(lifecycle.register('service-level', { speed: 1 }, card), /no parameter speed/);
  await assert.rejects(lifecycle.register('weather', {}, card), /not installed/);
});

test('tried beside, it takes over only once both parties approved it, and every decision of it is provable', async () => {
  const { node } = platform;
  const { lifecycle } = node;
  const agreement = agreementOf();
  const hash = await lifecycle.register('service-level', parameters, card);
  assert.equal(await lifecycle.register('service-level', parameters, card), hash, 'registered once');
  const monitor = await lifecycle.shadow(agreement, hash);
  await until('three windows beside', async () => {
    const [one] = await lifecycle.trials(agreement);
    return one && one.trial.obligations >= 3 ? one : undefined;
  });
  assert.notEqual(toHex(modelHash(active() as never)), hash, 'nobody approved it yet');
  const { items: advice } = await node.views.decisions({ limit: 200 });
  assert.ok(advice.some(({ policy, outcome }) => policy === monitor.hash && outcome !== 'pay'));

  const domain = {
    chainId: BigInt(agreement.policy.money.chainId),
    verifyingContract: agreement.policy.money.contract as `0x${string}`,
  };
  const said = { agreement: agreement.id, model: fromHex(hash), vote: 'approve' as const, atMs: Date.now() };
  const forged = fromHex(signDigest(approvalDigest(said, domain), Uint8Array.from(randomBytes(32))).slice(2));
  const { address: party } = partyOf(agreement.policy, 'recipient');
  const vote = lifecycle.approve(agreement, hash, 'approve', { party, signature: forged, atMs: said.atMs });
  await assert.rejects(vote, { code: 'not-proven' });
  const payer = fromHex(signDigest(approvalDigest(said, domain), node.genesis.keys.account).slice(2));
  await lifecycle.approve(agreement, hash, 'approve', {
    party: partyOf(agreement.policy, 'payer').address,
    signature: payer,
    atMs: said.atMs,
  });
  await until('two more windows', async () => {
    const [one] = await lifecycle.trials(agreement);
    return one && one.trial.obligations >= 6 ? one : undefined;
  });
  assert.notEqual(toHex(modelHash(active() as never)), hash, 'one of two parties has not approved it');

  await lifecycle.approve(agreement, hash, 'approve');
  await until('the promotion', async () => (toHex(modelHash(active() as never)) === hash ? true : undefined), 20_000);
  const first = await decided(node, ({ model, policy }) => model === hash && policy === agreement.hash);
  const file = await node.evidence(fromHex(first.id));
  const report = await verify(file);
  assert.deepEqual(
    report.steps.filter(({ status }) => status !== 'ok'),
    [],
  );
  assert.equal(report.verdict, 'trusted');
  assert.match(
    report.steps.find(({ name }) => name === 'model')?.detail ?? '',
    /approved by the parties, in force since/,
  );

  // Without an approval, or without the succession, the file proves nothing.
  const evidence = decodeEvidence(file);
  const [shown] = evidence.logs as [EvidenceLog];
  for (const kind of ['approval', 'model-change', 'model']) {
    const leaves = shown.leaves.filter(({ leaf }) => {
      const decoded = decodeLeaf(leaf);
      return decoded.kind !== 'statement' || parseStatement(decoded.statement).header.kind !== kind;
    });
    assert.ok(leaves.length < shown.leaves.length, kind);
    assert.equal((await verify(encodeEvidence({ ...evidence, logs: [{ ...shown, leaves }] }))).verdict, 'broken', kind);
  }
  // A node that leaves the approvals out makes a file that is whole, and still proves nothing.
  const { models, policies, log, settler, decisions } = node;
  const blind = {
    get: (of: string) => models.get(of),
    deciding: (of: Parameters<typeof models.deciding>[0]) => models.deciding(of),
    modelChangesOf: (...of: Parameters<typeof models.modelChangesOf>) => models.modelChangesOf(...of),
    approvalsOf: () => [],
  } as unknown as typeof models;
  const without = await buildEvidence(
    { ...decisions.sources, models: blind, settler, log, policies },
    fromHex(first.id),
  );
  const broken = await verify(without);
  const failed = broken.steps.find(({ status }) => status === 'failed');
  assert.deepEqual([broken.verdict, failed?.name], ['broken', 'model']);
  assert.match(failed?.detail ?? '', /This computer \(payer\) did not approve it/);
  const shadow = (await node.views.decisions({ limit: 200 })).items.find(({ policy }) => policy === monitor.hash);
  assert.equal(
    (await verify(await node.evidence(fromHex(shadow?.id as string)))).verdict,
    'trusted',
    'advice is provable, too',
  );
});

test('people find its decisions wrong: the one before comes back by the rule, and stays', async () => {
  const { node } = platform;
  const hash = toHex(modelHash(active() as never));
  const wrong = await until('three decisions of it', async () => {
    const all = (await node.views.decisions({ limit: 200 })).items.filter(
      ({ model, agreement }) => model === hash && agreement !== undefined,
    );
    return all.length >= 3 ? all.slice(0, 3) : undefined;
  });
  for (const { id } of wrong)
    await node.decisions.label(id, { assessment: 'wrong', by: 'Operator on duty', note: 'That was not so.' });
  await until('the rollback', async () => (toHex(modelHash(active() as never)) !== hash ? true : undefined), 20_000);
  const back = await decided(
    node,
    ({ model, agreement, fromMs }) => model !== hash && agreement !== undefined && fromMs > (wrong[0]?.fromMs ?? 0),
  );
  assert.equal((await verify(await node.evidence(fromHex(back.id)))).verdict, 'trusted');
  const labelled = (await node.views.decisions({ limit: 200 })).items.find(({ id }) => id === wrong[0]?.id);
  assert.equal(labelled?.labels, 1);
  await assert.rejects(
    node.decisions.label('0'.repeat(64), { assessment: 'right', by: 'x', note: '' }),
    /No decision has this id/,
  );
});

test('everything is found again after a restart', async () => {
  const { home } = platform;
  const before = active();
  const models = platform.node.models.registered().length;
  await platform.stop();
  platform = await startPlatform(home, { shadowWindowsMin: 2 });
  assert.deepEqual(active(), before);
  assert.equal(platform.node.models.registered().length, models);
  const last = Math.max(...(await platform.node.views.decisions({ limit: 10 })).items.map(({ fromMs }) => fromMs));
  await decided(platform.node, ({ fromMs, agreement }) => fromMs > last && agreement !== undefined);
});
