// Any EVM JSON-RPC by one setting: the whole way to a paid credit on a chain that the node did not start.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findAnvil } from '@trine/ledger/anvil.ts';
import { openKeys } from '@trine/node/genesis/genesis.ts';
import { addressOfPrivateKey, fromHex, verifyEvidence } from '@trine/protocol';
import { decided, paid, startPlatform, until } from '../platform.ts';

test('a chain of others: unfunded it says what to do, funded it pays and proves', async (t) => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const url = `http://127.0.0.1:${port}`;
  const chain = spawn(
    findAnvil(),
    [
      '--port',
      String(port),
      '--chain-id',
      '4242',
      '--block-time',
      '1',
      '--hardfork',
      'osaka',
      '--accounts',
      '1',
      '--silent',
    ],
    { stdio: 'ignore' },
  );
  const rpc = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
  };
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  let stop: () => Promise<void> = async () => undefined;
  t.after(async () => {
    await stop();
    chain.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });
  await until('the chain answers', () =>
    rpc('eth_chainId', []).then(
      () => true,
      () => undefined,
    ),
  );
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ chain: { url, practice: true, confirmations: 1 } }));
  await assert.rejects(
    startPlatform(home),
    /account 0x[0-9a-f]{40} has nothing to pay for transactions with on chain 4242/,
  );

  await rpc('anvil_setBalance', [addressOfPrivateKey(openKeys(home).account), '0x56bc75e2d63100000']);
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
