import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { p256 } from '@noble/curves/nist.js';
import { bytesToHex, concatHex, type Hex, hashTypedData, hexToBytes, keccak256, parseSignature } from 'viem';
import { account } from './chain.ts';
import { reverts } from './scene.ts';
import { HOUR, NO_PROOF, type SettlementScene, startSettlementScene } from './settlement-scene.ts';

const PERMIT = [
  { name: 'owner', type: 'address' },
  { name: 'spender', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint256' },
];
let scene: SettlementScene;
before(async () => {
  scene = await startSettlementScene();
});
const withdrawal = (who: { address: Hex }, amount: bigint, over = {}) => ({
  account: who.address,
  token: scene.token,
  to: who.address,
  amount,
  ...over,
});

test('a deposit is taken on its owner’s signature, by anyone, and leaves the same way', async () => {
  const who = account('resident');
  await scene.fund(who, 700n);
  assert.equal(await scene.balance(who.address), 700n);
  const { act, proof } = await scene.sign(scene.accounts, 'Withdrawal', who, withdrawal(who, 200n));
  await scene.send(scene.accounts, 'withdraw', [act, proof]);
  assert.equal(await scene.balance(who.address), 500n);
  assert.equal(await scene.balanceOf(who.address), 200n, 'in the wallet');
});

test('an act counts once, in time, and only from its account', async () => {
  const who = account('resident 2');
  await scene.fund(who, 700n);
  const signed = await scene.sign(scene.accounts, 'Withdrawal', who, withdrawal(who, 100n));
  await scene.send(scene.accounts, 'withdraw', [signed.act, signed.proof]);
  await reverts(scene.send(scene.accounts, 'withdraw', [signed.act, signed.proof]), 'NonceUsed');
  const changed = { ...signed.act, nonce: 9_999n, amount: 700n };
  await reverts(scene.send(scene.accounts, 'withdraw', [changed, signed.proof]), 'BadSignature');
  const late = await scene.sign(scene.accounts, 'Withdrawal', who, withdrawal(who, 100n, { deadline: 1n }));
  await reverts(scene.send(scene.accounts, 'withdraw', [late.act, late.proof]), 'ActExpired');
  const thief = await scene.sign(scene.accounts, 'Withdrawal', account('thief'), withdrawal(who, 100n));
  await reverts(scene.send(scene.accounts, 'withdraw', [thief.act, thief.proof]), 'BadSignature');
  const unsigned = { ...thief.act, nonce: 77n };
  await reverts(scene.send(scene.accounts, 'withdraw', [unsigned, NO_PROOF]), 'BadSignature');
  // The account itself needs no signature, and can make a signed act worthless.
  await scene.send(scene.accounts, 'withdraw', [unsigned, NO_PROOF], who);
  const second = await scene.sign(scene.accounts, 'Withdrawal', who, withdrawal(who, 100n));
  await scene.send(scene.accounts, 'cancelNonce', [second.act.nonce], who);
  await reverts(scene.send(scene.accounts, 'withdraw', [second.act, second.proof]), 'NonceUsed');
});

test('nobody takes more than it has, nothing, or another’s', async () => {
  const who = account('resident 3');
  await scene.fund(who, 50n);
  const more = await scene.sign(scene.accounts, 'Withdrawal', who, withdrawal(who, 51n));
  await reverts(scene.send(scene.accounts, 'withdraw', [more.act, more.proof]), 'BalanceTooLow');
  const none = await scene.sign(scene.accounts, 'Withdrawal', who, withdrawal(who, 0n));
  await reverts(scene.send(scene.accounts, 'withdraw', [none.act, none.proof]), 'ZeroAmount');
  await reverts(scene.send(scene.accounts, 'lock', [who.address, scene.token, 1n]), 'NotAController');
  await reverts(scene.send(scene.accounts, 'credit', [who.address, scene.token, 1n]), 'NotAController');
  await reverts(scene.send(scene.accounts, 'depositFor', [who.address, who.address, 1n]), 'NotAToken');
});

test('a permit stands for the approval, and a used one does no harm', async () => {
  const who = account('resident 4');
  await scene.mint(who.address, 90n);
  const domain = {
    name: (await scene.readToken('name')) as string,
    version: '1',
    chainId: Number(scene.chain.chainId),
    verifyingContract: scene.token,
  };
  const deadline = (await scene.chain.now()) + HOUR;
  const message = { owner: who.address, spender: scene.accounts, value: 90n, nonce: 0n, deadline };
  const signature = parseSignature(
    await who.signTypedData({ domain, types: { Permit: PERMIT }, primaryType: 'Permit', message }),
  );
  const permit = { deadline, v: Number(signature.v), r: signature.r, s: signature.s };
  const deposit = (amount: bigint) =>
    scene.sign(scene.accounts, 'Deposit', who, { account: who.address, token: scene.token, amount });
  // Somebody saw the permit and used it first.
  await scene.send(scene.token, 'permit', [who.address, scene.accounts, 90n, deadline, permit.v, permit.r, permit.s]);
  const { act, proof } = await deposit(90n);
  await scene.send(scene.accounts, 'deposit', [act, permit, proof]);
  assert.equal(await scene.balance(who.address), 90n);
});

test('a P-256 key is an account of its own', async () => {
  const { secretKey, publicKey } = p256.keygen();
  const verifier = await scene.chain.deploy(await scene.chain.wallet(scene.anyone), 'P256Verifier');
  const signer = concatHex([verifier, bytesToHex(p256.Point.fromBytes(publicKey).toBytes(false).slice(1))]);
  const who: Hex = `0x${keccak256(signer).slice(-40)}`;
  await scene.mint(scene.anyone.address, 30n);
  await scene.send(scene.token, 'approve', [scene.accounts, 30n]);
  await scene.send(scene.accounts, 'depositFor', [who, scene.token, 30n]);
  assert.equal(await scene.balance(who), 30n);
  const deadline = (await scene.chain.now()) + HOUR;
  const act = { ...withdrawal({ address: who }, 30n, { to: scene.recipient.address }), nonce: 1n, deadline };
  const digest = hashTypedData(scene.typed(scene.accounts, 'Withdrawal', act) as never);
  const signature = bytesToHex(p256.sign(hexToBytes(digest), secretKey, { prehash: false }));
  const other = `0x${'11'.repeat(64)}`;
  await reverts(scene.send(scene.accounts, 'withdraw', [act, { signer, signature: other }]), 'BadSignature');
  const stranger = concatHex([signer, '0x']).replace(/..$/, '00') as Hex;
  await reverts(scene.send(scene.accounts, 'withdraw', [act, { signer: stranger, signature }]), 'BadSignature');
  await scene.send(scene.accounts, 'withdraw', [act, { signer, signature }]);
  assert.equal(await scene.balance(who), 0n);
});

test('a contract that is an account signs by ERC-1271', async () => {
  const owner = account('owner of a wallet');
  const wallet = await scene.chain.deploy(await scene.chain.wallet(owner), 'Wallet1271Harness', [owner.address]);
  await scene.mint(scene.anyone.address, 30n);
  await scene.send(scene.token, 'approve', [scene.accounts, 30n]);
  await scene.send(scene.accounts, 'depositFor', [wallet, scene.token, 30n]);
  const thief = await scene.sign(scene.accounts, 'Withdrawal', account('thief'), withdrawal({ address: wallet }, 30n));
  await reverts(scene.send(scene.accounts, 'withdraw', [thief.act, thief.proof]), 'BadSignature');
  const { act, proof } = await scene.sign(scene.accounts, 'Withdrawal', owner, withdrawal({ address: wallet }, 30n));
  await scene.send(scene.accounts, 'withdraw', [act, proof]);
  assert.equal(await scene.balanceOf(wallet), 30n);
});
