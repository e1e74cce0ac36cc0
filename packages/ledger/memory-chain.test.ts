import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Hex } from '@trine/protocol';
import { encodeFunctionData } from 'viem';
import { registerKeyCall } from './calls.ts';
import { checkChain, TEST_SEED } from './chain.checks.ts';
import type { Chain } from './chain.ts';
import { registryAbi } from './contracts.ts';
import { proveReceipt } from './proofs.ts';
import { type MemoryOptions, startMemory } from './testing/memory-chain.ts';
import { fundedKeys, setUp } from './testing/network.ts';
import { VirtualTime } from './testing/virtual-time.ts';
import { sendCall, signTransaction } from './transactions.ts';

checkChain('chain in memory', () => startMemory({ chainId: 31_997n, keys: fundedKeys(TEST_SEED) }));

async function founded(t: TestContext, on: Partial<MemoryOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const time = new VirtualTime();
  const options = { chainId: 31_997n, keys: fundedKeys(TEST_SEED), clock: time, timers: time, ...on };
  const chain = await startMemory(options);
  return { chain, time, network: await setUp(chain, TEST_SEED, folder) };
}

const block = async (chain: Chain, tag: string) =>
  (await chain.request({ method: 'eth_getBlockByNumber', params: [tag, false] })) as Record<string, string>;

test('the same deeds at the same times make the same chain', async (t) => {
  const heads = [];
  for (let run = 0; run < 2; run++) {
    const { chain, time, network } = await founded(t);
    time.set(time.now() + 100_000);
    network.decide('same', 1n);
    await sendCall(chain, network.operator.key, await network.kinds.anchor.call(network.checkpoint()));
    heads.push(await block(chain, 'latest'));
  }
  assert.deepEqual(heads[0], heads[1]);
});

test('blocks are taken back with what they did, and not further than what was final', async (t) => {
  const { chain, network } = await founded(t, { confirmations: 3 });
  const before = await block(chain, 'latest');
  const { key, address } = network.operator;
  const balance = () => chain.request({ method: 'eth_getBalance', params: [address, 'latest'] });
  const held = await balance();
  const call = registerKeyCall(network.contracts, network.word('k'), network.word('s'), 'gateway');
  const receipt = await sendCall(chain, key, call);
  assert.notEqual(await balance(), held);
  await chain.reorg(1);
  assert.deepEqual(await block(chain, 'latest'), before);
  assert.equal(await balance(), held);
  const at = { method: 'eth_getTransactionReceipt', params: [receipt.transactionHash] };
  assert.equal(await chain.request(at), null);
  await chain.mine();
  const again = (await chain.request(at)) as { blockHash: string };
  assert.notEqual(again.blockHash, receipt.blockHash); // another branch
  await proveReceipt(chain, receipt.transactionHash);
  await assert.rejects(chain.reorg(3), /is final/);
});

test('a copy begins where the chain stands, and neither changes the other', async (t) => {
  const { chain, time, network } = await founded(t);
  const copy = await chain.copy({ clock: time, timers: time });
  assert.deepEqual(await block(copy, 'latest'), await block(chain, 'latest'));
  const key: Hex = `0x${'12'.repeat(32)}`;
  const call = registerKeyCall(network.contracts, key, network.word('subject'), 'software');
  await sendCall(copy, network.operator.key, call);
  await assert.rejects(sendCall(copy, network.operator.key, call), /KeyExists/);
  await sendCall(chain, network.operator.key, call);
  assert.equal((await block(copy, 'latest')).number, (await block(chain, 'latest')).number);
});

test('what is read of an earlier block is what was so then', async (t) => {
  const { chain, network } = await founded(t);
  const { number } = await block(chain, 'latest');
  const keyId = network.word('later');
  await sendCall(chain, network.operator.key, registerKeyCall(network.contracts, keyId, network.word('s'), 'gateway'));
  const args = [network.operator.address, keyId] as const;
  const data = encodeFunctionData({ abi: registryAbi, functionName: 'getKey', args });
  const call = { to: network.contracts.registry, data };
  const read = (tag: unknown) => chain.request({ method: 'eth_call', params: [call, tag] });
  assert.notEqual(await read('latest'), await read(number));
  assert.equal(await read({ blockNumber: number }), await read(number));
});

test('the machine is the one the contracts are compiled for', async () => {
  const chain = await startMemory({ chainId: 1n, keys: [] });
  const call = (data: string, to?: string) =>
    chain.request({ method: 'eth_call', params: [to === undefined ? { data } : { data, to }, 'latest'] });
  // CLZ of 1 (EIP-7939); and P256VERIFY (EIP-7951), which gives nothing for a signature of zeros.
  assert.equal(BigInt((await call('0x60011e60005260206000f3')) as string), 255n);
  assert.equal(await call(`0x${'00'.repeat(160)}`, `0x${'00'.repeat(18)}0100`), '0x');
  await assert.rejects(call('0x60006000fd'), { code: 3, data: '0x' });
  const loop = { data: '0x5b600056', gas: '0x186a0' };
  await assert.rejects(chain.request({ method: 'eth_call', params: [loop, 'latest'] }), /out of gas/);
});

test('transactions are taken and refused as other chains do', async (t) => {
  const { chain, network } = await founded(t, {});
  const { key, address } = network.operator;
  const nonce = Number(await chain.request({ method: 'eth_getTransactionCount', params: [address, 'latest'] }));
  const send = async (number: number, gas = 50_000n, by: Hex = key) => {
    const { raw, hash } = await signTransaction(chain, by, { to: address, data: '0x' }, number, gas);
    await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    return hash;
  };
  const isMined = async (hash: Hex) =>
    (await chain.request({ method: 'eth_getTransactionReceipt', params: [hash] })) !== null;
  const second = await send(nonce + 1); // waits for the one before it
  assert.equal(await isMined(second), false);
  await send(nonce);
  assert.equal(await isMined(second), true);
  await assert.rejects(send(nonce), /nonce too low/);
  await assert.rejects(send(nonce + 2, 2n ** 24n + 1n), /EIP-7825/);
  await assert.rejects(send(0, 50_000n, network.recipient.key), /insufficient funds/);
  chain.holdNext(1);
  await send(nonce + 2);
  await assert.rejects(send(nonce + 2), /already known/);
  await assert.rejects(send(nonce + 2, 60_000n), /underpriced/);
  await assert.rejects(chain.request({ method: 'eth_sendRawTransaction', params: ['0x02c0'] }), /failed to decode/);
  chain.failNext('eth_chainId');
  await assert.rejects(chain.request({ method: 'eth_chainId' }), { problem: 'chain-lost' });
  assert.equal(await chain.request({ method: 'eth_chainId' }), '0x7cfd');
});
