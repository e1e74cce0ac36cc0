// The life of a model on a running node: tried beside, approved, promoted, found wrong by people, rolled back; and a
// proof of every step.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { domains } from '@trine/cli/domains.ts';
import { replayWith } from '@trine/engine/replay.ts';
import { buildEvidence } from '@trine/node/evidence/build.ts';
import {
  approvalDigest,
  decodeEvidence,
  decodeLeaf,
  encodeEvidence,
  fromHex,
  modelHash,
  parseStatement,
  signDigest,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { decided, type Platform, startPlatform, until } from './platform.ts';

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
  const [agreement] = platform.node.decisions.policies.agreements();
  assert.ok(agreement);
  return agreement;
};
const active = () => platform.node.decisions.standing(agreementOf().hash)?.model.identity;
const verify = (file: Uint8Array) =>
  verifyEvidence(file, { network: platform.node.genesis.network, replay: replayWith(domains()) });

test('a model nobody registered, or with parameters nobody knows, is refused', async () => {
  const { life } = platform.node.decisions;
  const unknown = toHex(Uint8Array.from(randomBytes(32)));
  await assert.rejects(life.shadow(agreementOf(), unknown), /No model .* is registered/);
  await assert.rejects(life.speak(agreementOf(), unknown, 'approve'), /No model .* is registered/);
  await assert.rejects(life.register('service-level', { speed: 1 }, card), /no parameter speed/);
  await assert.rejects(life.register('weather', {}, card), /not installed/);
});

test('tried beside, it takes over only once both parties approved it, and every decision of it is provable', async () => {
  const { node } = platform;
  const { life } = node.decisions;
  const agreement = agreementOf();
  const hash = await life.register('service-level', parameters, card);
  assert.equal(await life.register('service-level', parameters, card), hash, 'registered once');
  const watch = await life.shadow(agreement, hash);
  await until('three windows beside', async () => {
    const [one] = await life.trials(agreement);
    return one && one.trial.windows >= 3 ? one : undefined;
  });
  assert.notEqual(toHex(modelHash(active() as never)), hash, 'nobody approved it yet');
  const advice = await node.views.decisions(200);
  assert.ok(advice.some(({ terms, outcome }) => terms === watch.hash && outcome !== 'pay'));

  const domain = {
    chainId: BigInt(agreement.terms.money.chainId),
    verifyingContract: agreement.terms.money.contract as `0x${string}`,
  };
  const said = { agreement: agreement.id, model: fromHex(hash), stand: 'approve' as const, atMs: Date.now() };
  const forged = fromHex(signDigest(approvalDigest(said, domain), Uint8Array.from(randomBytes(32))).slice(2));
  await life.speak(agreement, hash, 'approve', {
    party: agreement.terms.recipient.address,
    signature: forged,
    atMs: said.atMs,
  });
  const payer = fromHex(signDigest(approvalDigest(said, domain), node.genesis.keys.account).slice(2));
  await life.speak(agreement, hash, 'approve', {
    party: agreement.terms.payer.address,
    signature: payer,
    atMs: said.atMs,
  });
  await until('two more windows', async () => {
    const [one] = await life.trials(agreement);
    return one && one.trial.windows >= 6 ? one : undefined;
  });
  assert.notEqual(toHex(modelHash(active() as never)), hash, 'a forged approval counts for nothing');

  await life.speak(agreement, hash, 'approve');
  await until('the promotion', async () => (toHex(modelHash(active() as never)) === hash ? true : undefined), 20_000);
  const first = await decided(node, ({ model, terms }) => model === hash && terms === agreement.hash);
  const file = await node.evidence(fromHex(first.id));
  const report = verify(file);
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
  for (const kind of ['approval', 'model-change', 'model']) {
    const leaves = evidence.leaves.filter(({ leaf }) => {
      const decoded = decodeLeaf(leaf);
      return decoded.kind !== 'statement' || parseStatement(decoded.statement).header.kind !== kind;
    });
    assert.ok(leaves.length < evidence.leaves.length, kind);
    assert.equal(verify(encodeEvidence({ ...evidence, leaves })).verdict, 'broken', kind);
  }
  // A node that leaves the approvals out makes a file that is whole, and still proves nothing.
  const { models, policies, sources } = node.decisions;
  const blind = Object.assign(Object.create(models) as typeof models, {
    approvalsOf: () => [],
    refusalOf: () => undefined,
  });
  const without = await buildEvidence(
    { ...sources, models: blind, settler: node.settler, domains: domains(), policy: (of) => policies.get(of) },
    fromHex(first.id),
  );
  const broken = verify(without);
  const failed = broken.steps.find(({ status }) => status === 'failed');
  assert.deepEqual([broken.verdict, failed?.name], ['broken', 'model']);
  assert.match(failed?.detail ?? '', /This computer \(payer\) did not approve it/);
  const shadow = (await node.views.decisions(200)).find(({ terms }) => terms === watch.hash);
  assert.equal(
    verify(await node.evidence(fromHex(shadow?.id as string))).verdict,
    'trusted',
    'advice is provable, too',
  );
});

test('people find its decisions wrong: the one before comes back by the rule, and stays', async () => {
  const { node } = platform;
  const hash = toHex(modelHash(active() as never));
  const wrong = await until('three decisions of it', async () => {
    const all = (await node.views.decisions(200)).filter(
      ({ model, agreement }) => model === hash && agreement !== undefined,
    );
    return all.length >= 3 ? all.slice(0, 3) : undefined;
  });
  for (const { id } of wrong)
    await node.decisions.label(id, { stand: 'refuse', by: 'Operator on duty', note: 'That was not so.' });
  await until('the rollback', async () => (toHex(modelHash(active() as never)) !== hash ? true : undefined), 20_000);
  const back = await decided(
    node,
    ({ model, agreement, fromMs }) => model !== hash && agreement !== undefined && fromMs > (wrong[0]?.fromMs ?? 0),
  );
  assert.equal(verify(await node.evidence(fromHex(back.id))).verdict, 'trusted');
  const labelled = (await node.views.decisions(200)).find(({ id }) => id === wrong[0]?.id);
  assert.equal(labelled?.labels, 1);
  await assert.rejects(
    node.decisions.label('0'.repeat(64), { stand: 'approve', by: 'x', note: '' }),
    /Nothing was decided/,
  );
});

test('everything is found again after a restart', async () => {
  const { home } = platform;
  const before = active();
  const models = platform.node.decisions.models.registered().length;
  await platform.stop();
  platform = await startPlatform(home, { shadowWindowsMin: 2 });
  assert.deepEqual(active(), before);
  assert.equal(platform.node.decisions.models.registered().length, models);
  const last = Math.max(...(await platform.node.views.decisions(10)).map(({ fromMs }) => fromMs));
  await decided(platform.node, ({ fromMs, agreement }) => fromMs > last && agreement !== undefined);
});
