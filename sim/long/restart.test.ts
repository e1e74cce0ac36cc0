// Stopping and starting: everything continues where it was, also with an empty store and with a new model.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { installedDomains } from '@trine/domains/released.ts';
import { Domains } from '@trine/engine';
import { fromHex, verifyEvidence } from '@trine/protocol';
import { decided, paid, startPlatform } from '../platform.ts';

test('stop, start, lose the store, change the model: the log goes on, old proofs hold, money is paid once', async (t) => {
  const first = await startPlatform();
  let running = first;
  t.after(async () => {
    await running.stop();
    rmSync(first.home, { recursive: true, force: true });
  });
  await decided(first.node, ({ verdict }) => verdict === 'met');
  (first.node.ownDevice as { paused: boolean }).paused = true;
  const payment = await paid(first.node);
  const proof = await first.node.evidence(fromHex(payment.id));
  const before = {
    size: first.node.log.size,
    decisions: (await first.node.views.totals()).decisions,
    network: first.node.genesis.network,
  };
  await first.stop();

  const second = await startPlatform(first.home);
  running = second;
  assert.deepEqual(second.node.genesis.network, before.network);
  assert.ok(second.node.log.size >= before.size);
  await decided(second.node, ({ verdict, fromMs }) => verdict === 'met' && fromMs > payment.toMs);
  const device = second.node.sequences.get(
    second.node.ownDevice?.subject as string,
    second.node.ownDevice?.subject as string,
  );
  assert.deepEqual(device?.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
  const again = await second.node.evidence(fromHex(payment.id));
  assert.equal((await verifyEvidence(again, { network: before.network })).verdict, 'members-word');
  const known = await second.node.views.totals();
  await second.stop();

  rmSync(join(first.home, 'store'), { recursive: true });
  const third = await startPlatform(first.home);
  running = third;
  const rebuilt = await third.node.views.totals();
  assert.ok(rebuilt.decisions >= known.decisions && rebuilt.paid >= known.paid, 'the views come back from the log');
  assert.equal((await third.node.views.payment(fromHex(payment.id)))?.state, 'paid');
  await third.stop();

  const changed = installedDomains()
    .all()
    .map(({ domain, identity }) => ({ domain, identity: { ...identity, code: 'f'.repeat(64) } }));
  const fourth = await startPlatform(first.home, {}, new Domains(changed));
  running = fourth;
  assert.equal(fourth.node.policies.agreements().length, 2, 'the practice agreement is renewed');
  await decided(
    fourth.node,
    ({ fromMs }) => fromMs >= (fourth.node.policies.agreements()[1]?.policy.period.startMs as number),
  );
  assert.equal(
    (await verifyEvidence(proof, { network: before.network })).verdict,
    'members-word',
    'a proof made earlier holds for ever',
  );
});
