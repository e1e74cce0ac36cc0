import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addressOfPrivateKey } from '@trine/protocol';
import { canIsolate, processCommand } from './anvil.ts';
import { checkChain, TEST_SEED } from './chain.checks.ts';
import { type Chain, publicClient } from './chain.ts';
import { type EmbeddedChain, startEmbedded } from './embedded.ts';
import { connectExternal } from './external.ts';
import { publicRpc } from './public-rpc.ts';
import { accountOf, fundedKeys } from './testing/network.ts';
import { startOtherChain } from './testing/other-chain.ts';
import { until } from './testing/until.ts';
import { signTransaction, waitForReceipt } from './transactions.ts';

const chainId = 31_999n;
const keys = fundedKeys(TEST_SEED);
const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const start = (folder: string, over: object = {}) =>
  startEmbedded({ folder, chainId, keys, blockIntervalMs: 50, ...over });

checkChain('embedded chain', (folder) => start(join(folder, 'chain')));

/** The chain of TRINE_TEST_CHAIN, or one started here that makes a block each second, as chains of others do. */
async function openExternal(): Promise<Chain> {
  const given = process.env.TRINE_TEST_CHAIN;
  if (given) return connectExternal({ url: given, confirmations: 1 });
  const other = await startOtherChain(Number(chainId));
  const chain = await connectExternal({ url: other.url, confirmations: 1 });
  for (const key of keys) await other.fund(addressOfPrivateKey(key));
  const stop = async () => {
    await chain.stop();
    other.stop();
  };
  return new Proxy(chain, { get: (target, name) => (name === 'stop' ? stop : Reflect.get(target, name)) });
}
checkChain('external chain', openExternal);

/** Sends a little ether to nobody and waits for the block. */
async function pay(chain: EmbeddedChain, nonce: number) {
  const { key } = accountOf(TEST_SEED, 'operator');
  const { raw, hash } = await signTransaction(chain, key, { to: `0x${'22'.repeat(20)}`, data: '0x' }, nonce, 50_000n);
  await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
  return waitForReceipt(chain, hash);
}

test('continues where it stopped, with the same blocks', async () => {
  const folder = newFolder();
  let chain = await start(folder);
  const receipt = await pay(chain, 0);
  await chain.stop();
  chain = await start(folder);
  const again = await publicClient(chain).getTransactionReceipt({ hash: receipt.transactionHash });
  assert.equal(again.blockHash, receipt.blockHash);
  await pay(chain, 1);
  await chain.stop();
});

test('a torn or spoiled copy of the state is passed over for the one before', async () => {
  const folder = newFolder();
  let chain = await start(folder);
  const first = await pay(chain, 0);
  await until('durable', async () => (await chain.finalBlock()) >= first.blockNumber);
  await pay(chain, 1);
  await chain.stop();
  const copies = () => readdirSync(join(folder, 'state')).sort();
  const newest = copies().at(-1) as string;
  truncateSync(join(folder, 'state', newest), 700);
  appendFileSync(join(folder, 'state', 'state-999999999999.json.gz.part'), 'half');
  chain = await start(folder);
  assert.equal(await publicClient(chain).getBlockNumber(), first.blockNumber);
  assert.equal(await chain.finalBlock(), first.blockNumber);
  await pay(chain, 1);
  await chain.stop();
});

test('a chain whose process is killed says so, and starts again with what was durable', async () => {
  const folder = newFolder();
  let chain = await start(folder);
  const receipt = await pay(chain, 0);
  await until('durable', async () => (await chain.finalBlock()) >= receipt.blockNumber);
  process.kill(chain.pid, 'SIGKILL');
  await assert.rejects(chain.ended, /ended unexpectedly/);
  await assert.rejects(chain.request({ method: 'eth_blockNumber' }), /connection/);
  await chain.stop();
  chain = await start(folder);
  assert.equal(await publicClient(chain).getBlockNumber(), receipt.blockNumber);
  await chain.stop();
});

test('ends with its parent, even one that is killed', async () => {
  const folder = newFolder();
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(import.meta.resolve('./embedded.ts'))});
    const chain = await startEmbedded({ folder: ${JSON.stringify(folder)}, chainId: 31999n, keys: [] });
    console.log(chain.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(processCommand(pid));
  await assert.rejects(start(folder), /Another node .* stop it first/);
  parent.kill('SIGKILL');
  await until('the chain’s end', () => !processCommand(pid));
  const chain = await start(folder);
  await chain.stop();
});

test('holds money for nobody but its own accounts, and knows no accounts', async () => {
  const chain = await start(newFolder());
  // The first account of the mnemonic that development chains come with.
  const wellKnown = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
  assert.equal(await publicClient(chain).getBalance({ address: wellKnown }), 0n);
  assert.deepEqual(await chain.request({ method: 'eth_accounts' }), []);
  assert.ok((await publicClient(chain).getBalance({ address: accountOf(TEST_SEED, 'payer').address })) > 0n);
  await chain.stop();
});

test('its network is its own', { skip: !canIsolate() && 'no network namespaces here' }, async () => {
  const chain = await start(newFolder());
  assert.equal(chain.isolation, 'namespace');
  assert.notEqual(readlinkSync(`/proc/${chain.pid}/ns/net`), readlinkSync('/proc/self/ns/net'));
  await chain.stop();
});

test('works where the system allows no namespace, and says so', async () => {
  const chain = await start(newFolder(), { isolate: false });
  assert.equal(chain.isolation, 'loopback');
  await pay(chain, 0);
  await chain.stop();
});

test('strangers may read and send, nothing else', async () => {
  const chain = await start(newFolder());
  const rpc = publicRpc(chain);
  const call = async (method: string, params: unknown[] = []) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return JSON.parse((await rpc({ client: 'a', contentType: 'application/json', body })).body);
  };
  assert.deepEqual(await call('eth_chainId'), { jsonrpc: '2.0', id: 1, result: '0x7cff' });
  for (const method of ['anvil_setBalance', 'evm_mine', 'hardhat_impersonateAccount', 'eth_sendTransaction'])
    assert.equal((await call(method)).error.code, -32601, method);
  await chain.stop();
});

test('strangers who keep the chain at work hold up neither blocks nor reads', async (t) => {
  const chain = await start(newFolder());
  const rpc = publicRpc(chain);
  const ask = (client: string, body: object) =>
    rpc({ client, contentType: 'application/json', body: JSON.stringify(body) });
  const loop = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ data: '0x5b600056' }, 'latest'] };
  // Hashes until its gas is nearly gone, whatever it was given, and then succeeds only if that was a lot.
  const search = `0x5a5b61ffff600020506200ea605a1160015762f0000010601d575f5ffd5b00`;
  const estimate = { ...loop, method: 'eth_estimateGas', params: [{ data: search }] };
  let isOver = false;
  let refused = 0;
  const attack = async (client: string) => {
    while (!isOver) {
      const { status } = await ask(client, client === 'many 9' ? estimate : Array(50).fill(loop));
      if (status === 503) refused++;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const attackers = Array.from({ length: 16 }, (_, i) => attack(i < 8 ? 'one' : `many ${i}`));
  t.after(async () => {
    isOver = true;
    await Promise.all(attackers);
    await chain.stop();
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const slowest = { block: 0, look: 0, call: 0 };
  const timed = async (what: keyof typeof slowest, work: () => Promise<unknown>) => {
    const from = performance.now();
    await work();
    slowest[what] = Math.max(slowest[what], performance.now() - from);
  };
  for (let nonce = 0; nonce < 4; nonce++) {
    await timed('block', () => pay(chain, nonce));
    for (const [what, method] of [
      ['look', 'eth_blockNumber'],
      ['call', 'eth_call'],
    ] as const)
      await timed(what, async () => {
        const params = method === 'eth_call' ? [{ to: `0x${'22'.repeat(20)}` }, 'latest'] : [];
        const { status, body } = await ask('10.0.1.1', { jsonrpc: '2.0', id: 1, method, params });
        assert.equal(status, 200);
        assert.ok('result' in JSON.parse(body));
      });
  }
  t.diagnostic(`slowest, ms: ${JSON.stringify(slowest)}; ${refused} bodies refused`);
  for (const [what, ms] of Object.entries(slowest)) assert.ok(ms < 10_000, `${what}: ${ms} ms`);
});
