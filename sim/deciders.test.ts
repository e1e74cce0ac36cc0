// Two of three deciders: one node alone cannot move money; a second that recomputes the decision can.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cosign } from '@trine/node/settle/attest.ts';
import { addressOfPrivateKey, fromHex, verifyEvidence } from '@trine/protocol';
import { decided, paid, startPlatform, until } from './platform.ts';

test('2 of 3 deciders: unpaid with one signature, refused when the intent is changed, paid with two', async (t) => {
  const others = [randomBytes(32), randomBytes(32)].map((key) => Uint8Array.from(key));
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const platform = await startPlatform(home, { deciders: others.map(addressOfPrivateKey), quorum: 2 });
  t.after(() => platform.remove());
  const { node } = platform;
  (node.ownDevice as { paused: boolean }).paused = true;
  const decision = await decided(node, ({ outcome, payment }) => outcome === 'pay' && payment !== undefined);
  const [waiting] = await until('an intent that waits', async () => {
    const found = (await node.settler.unsigned()).filter((one) => one.decision === decision.id && one.signatures === 1);
    return found.length > 0 ? found : undefined;
  });
  assert.ok(waiting);
  assert.equal(waiting.signatures, 1);
  assert.equal(waiting.quorum, 2);

  const evidence = await node.evidence(fromHex(decision.id));
  const options = { network: node.genesis.network, domains: node.domains, key: others[0] as Uint8Array };
  for (const change of [
    { entries: waiting.intent.entries.map((entry) => ({ ...entry, amount: 500n })) },
    { entries: waiting.intent.entries.map(({ from, to, amount }) => ({ from: to, to: from, amount })) },
    { obligation: `0x${'11'.repeat(32)}` as const },
  ])
    await assert.rejects(cosign(evidence, { ...waiting.intent, ...change }, options), { name: 'StepError' });
  const tampered = evidence.slice();
  tampered[tampered.length >> 1]! ^= 1;
  await assert.rejects(cosign(tampered, waiting.intent, options), { name: 'CosignError' });

  const digest = fromHex(waiting.digest);
  const stranger = { ...options, key: Uint8Array.from(randomBytes(32)) };
  await assert.rejects(
    node.settler.addSignature(digest, await cosign(evidence, waiting.intent, stranger)),
    /no decider/,
  );
  assert.equal(
    (await node.views.payments({ limit: 100 })).items.find(({ id }) => id === waiting.digest)?.state,
    'ordered',
  );

  await node.settler.addSignature(digest, await cosign(evidence, waiting.intent, options));
  const payment = await paid(node, ({ id }) => id === waiting.digest);
  const report = await verifyEvidence(await node.evidence(fromHex(payment.id)), { network: node.genesis.network });
  assert.match(report.steps.find(({ name }) => name === 'deciders')?.detail ?? '', /2 of 3 deciders; 2 needed/);
});
