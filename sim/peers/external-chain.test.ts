// Any EVM JSON-RPC by one setting: the whole way to a paid credit on a chain that the node did not start.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOtherChain } from '@trine/ledger/testing/other-chain.ts';
import { openKeys } from '@trine/node/genesis/genesis.ts';
import { addressOfPrivateKey, fromHex, verifyEvidence } from '@trine/protocol';
import { decided, paid, startPlatform } from '../platform.ts';

test('a chain of others: unfunded it says what to do, funded it pays and proves', async (t) => {
  const chain = await startOtherChain(4242);
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  let stop: () => Promise<void> = async () => undefined;
  t.after(async () => {
    await stop();
    chain.stop();
    rmSync(home, { recursive: true, force: true });
  });
  writeFileSync(
    join(home, 'settings.json'),
    JSON.stringify({ chain: { url: chain.url, practice: true, confirmations: 1 } }),
  );
  await assert.rejects(
    startPlatform(home),
    /account 0x[0-9a-f]{40} has nothing to pay for transactions with on chain 4242/,
  );

  await chain.fund(addressOfPrivateKey(openKeys(home).account));
  const platform = await startPlatform(home);
  stop = platform.stop;
  const { node } = platform;
  assert.equal(node.genesis.network.chain.kind, 'evm');
  assert.equal(node.genesis.network.chain.id, 4242);
  await decided(node, ({ verdict }) => verdict === 'met');
  (node.ownDevice as { paused: boolean }).paused = true;
  const payment = await paid(node);
  const report = await verifyEvidence(await node.evidence(fromHex(payment.id)), { network: node.genesis.network });
  assert.equal(report.verdict, 'members-word');
  assert.ok(!report.assumptions.some((assumption) => assumption.includes('practice chain')));
});
