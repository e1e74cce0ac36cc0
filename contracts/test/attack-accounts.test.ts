// Tokens and signers that mean ill, against the balances of others.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { concatHex, encodeFunctionData, type Hex, keccak256, parseAbi, zeroHash } from 'viem';
import { publicKeyToAddress } from 'viem/accounts';
import { accountsAbi } from '../artifacts/Accounts.ts';
import { account } from './chain.ts';
import { reverts } from './scene.ts';
import { NO_PROOF, type SettlementScene, startSettlementScene } from './settlement-scene.ts';

const tokenAbi = parseAbi([
  'function mint(address to, uint256 amount)',
  'function turn(uint8 mode, address target, bytes data)',
  'function balanceOf(address account) view returns (uint256)',
  'function succeeded() view returns (bool)',
]);
const [HONEST, LIES, FEE, CALLS_BACK] = [0, 1, 2, 3];
const honest = account('who saves');
const thief = account('thief');
let scene: SettlementScene;
let hostile: Hex;
let nonces = 0n;
before(async () => {
  scene = await startSettlementScene();
  hostile = await scene.chain.deploy(await scene.chain.wallet(thief), 'HostileTokenHarness');
  await scene.fund(honest, 1000n);
});

const token = async (functionName: 'mint' | 'turn', args: unknown[]) => {
  const wallet = await scene.chain.wallet(thief);
  const call = { address: hostile, abi: tokenAbi, functionName, args, account: thief, gas: 1n << 23n };
  return scene.chain.reader.waitForTransactionReceipt({ hash: await wallet.writeContract(call as never) });
};
const balance = (who: Hex, of = hostile) => scene.read(scene.accounts, 'balanceOf', [who, of]) as Promise<bigint>;
const deposit = (who = thief, amount = 100n) =>
  scene.send(scene.accounts, 'depositFor', [who.address, hostile, amount], who);
const withdrawal = async (who: Hex, of: Hex, amount: bigint) => ({
  account: who,
  token: of,
  to: thief.address,
  amount,
  nonce: nonces++,
  deadline: (await scene.chain.now()) + 3600n,
});
/** Tokens that are there, less what the books owe the two and what is held. */
async function surplus(): Promise<bigint> {
  const there = (await scene.chain.reader.readContract({
    address: hostile,
    abi: tokenAbi,
    functionName: 'balanceOf',
    args: [scene.accounts],
  })) as bigint;
  const held = (await scene.read(scene.accounts, 'heldBy', [scene.direct, hostile])) as bigint;
  return there - (await balance(thief.address)) - (await balance(honest.address)) - held;
}

test('a token that lies or keeps a fee credits what arrived', async () => {
  await token('mint', [thief.address, 1000n]);
  await token('turn', [LIES, scene.token, '0x']);
  await deposit();
  assert.equal(await balance(thief.address), 0n);
  await token('turn', [FEE, scene.token, '0x']);
  await deposit();
  assert.equal(await balance(thief.address), 90n);
  await token('turn', [HONEST, scene.token, '0x']);
  assert.equal(await surplus(), 0n);
});

test('a token that calls back while it arrives or leaves credits nothing twice, and reaches no other token', async () => {
  await token('mint', [honest.address, 500n]);
  await deposit(honest, 500n);
  const call = (functionName: 'depositFor' | 'withdraw' | 'lock' | 'credit', args: readonly unknown[]) =>
    encodeFunctionData({ abi: accountsAbi, functionName, args } as never);
  // The token is an account like any other: what it calls it calls in its own name.
  const own = await withdrawal(hostile, hostile, 1n);
  const calls = [
    call('depositFor', [thief.address, hostile, 100n]),
    call('withdraw', [own, NO_PROOF]),
    call('lock', [honest.address, scene.token, 1000n]),
    call('credit', [thief.address, scene.token, 1000n]),
    call('credit', [thief.address, hostile, 90n]),
  ];
  for (const data of calls) {
    await token('turn', [CALLS_BACK, scene.accounts, data]);
    const before = await balance(thief.address);
    await deposit();
    assert.equal(await balance(thief.address), before + 100n);
    const out = await withdrawal(thief.address, hostile, await balance(thief.address));
    await scene.send(scene.accounts, 'withdraw', [out, NO_PROOF], thief);
    const answered = await scene.chain.reader.readContract({
      address: hostile,
      abi: tokenAbi,
      functionName: 'succeeded',
    });
    assert.equal(answered, false);
    assert.equal(await balance(thief.address), 0n);
    assert.equal(await surplus(), 0n);
  }
  assert.equal(await scene.balance(honest.address), 1000n);
  assert.equal(await scene.balanceOf(scene.accounts), 1000n);
});

test('an agreement in one token reaches nothing of another', async () => {
  await token('turn', [HONEST, scene.accounts, '0x']);
  await token('mint', [thief.address, 1000n]);
  await deposit(thief, 900n);
  const parties = [thief.address, scene.recipient.address];
  const id = await scene.open(await scene.terms({ token: hostile, window: 0n, parties }));
  await scene.authorize(thief, id, { amount: 500n });
  const entries = [{ from: thief.address, to: scene.recipient.address, amount: 300n }];
  const asked = await scene.intent(id, { entries });
  await reverts(scene.send(scene.direct, 'settle', [asked, ...(await scene.seal(asked))]), 'NotAgreed');
  const what = await scene.intent(id, { entries, token: hostile });
  await scene.send(scene.direct, 'settle', [what, ...(await scene.seal(what))]);
  assert.equal(await balance(scene.recipient.address), 300n);
  assert.equal(await scene.balance(scene.recipient.address), 0n);
  const out = await withdrawal(scene.recipient.address, scene.token, 300n);
  await reverts(scene.send(scene.accounts, 'withdraw', [out, NO_PROOF], scene.recipient), 'BalanceTooLow');
});

test('an account’s public key is no verifier that speaks for it, nor is any other signer than its own', async () => {
  const out = await withdrawal(honest.address, scene.token, 7n);
  // keccak256 of an ECDSA key's 64 bytes ends in its address, as that of a signer `verifier ‖ key` does in its account.
  const key: Hex = `0x${honest.publicKey.slice(4)}`;
  assert.equal(`0x${keccak256(key).slice(26)}`, honest.address.toLowerCase());
  assert.equal(publicKeyToAddress(honest.publicKey), honest.address);
  const yes = `0x${'00'.repeat(19)}04` as Hex;
  for (const signer of [key, honest.address, concatHex([yes, honest.address]), yes, '0x01', '0x'] as Hex[])
    for (const signature of ['0x', '0x01', zeroHash] as Hex[])
      await reverts(scene.send(scene.accounts, 'withdraw', [out, { signer, signature }], thief), 'BadSignature');
});
