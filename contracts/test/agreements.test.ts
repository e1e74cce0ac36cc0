import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type Intent, intentDigest, ZERO_HASH } from '@trine/protocol';
import { type Hex, parseEventLogs } from 'viem';
import { account } from './chain.ts';
import { abi, DISPUTE_WINDOW, reverts, type Scene, startScene } from './scene.ts';

const decider = account('decider');
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const WINDOW = Number(DISPUTE_WINDOW);
let scene: Scene;
let agreement: Hex;

beforeEach(async () => {
  scene = await startScene();
  agreement = await scene.openAgreement(await scene.terms([decider], 1));
});

/** Signs, seals and returns the arguments of `settle`. */
async function sealed(over: Partial<Intent> = {}, signers = [decider]) {
  const intent = await scene.intent(agreement, over);
  const proof = await scene.seal(intent);
  return [intent, await scene.sign(signers, intent), proof] as const;
}
const settle = (args: readonly unknown[]) => scene.send(scene.payer, scene.agreements, 'settle', [...args]);
const announce = (args: readonly unknown[]) => scene.send(scene.payer, scene.agreements, 'announce', [...args]);
const dispute = (by: typeof decider, hash: Hex) =>
  scene.send(by, scene.agreements, 'dispute', [agreement, word('0c'), hash]);
const resolve = (by: typeof decider, hash: Hex) =>
  scene.send(by, scene.agreements, 'resolve', [agreement, word('0c'), hash]);

test('pays an intent once, after its dispute window, to the recipient', async () => {
  const args = await sealed();
  await reverts(settle(args), 'TooEarly');
  await scene.chain.advance(WINDOW);
  const receipt = await settle(args);
  const [event] = parseEventLogs({ abi, logs: receipt.logs, eventName: 'Settled' });
  assert.equal(event?.args.intentHash, intentDigest(args[0]));
  assert.equal(event?.args.amount, 300n);
  assert.equal(await scene.balanceOf(scene.recipient), 300n);
  assert.equal(await scene.balanceOf(scene.agreements), 1200n);
  await reverts(settle(args), 'AlreadySettled');
});

test('never twice for one occasion, whatever decision is named', async () => {
  const first = await sealed();
  const second = await sealed({ decision: word('d2'), amount: 301n });
  await scene.chain.advance(WINDOW);
  await settle(first);
  await reverts(settle(second), 'AlreadySettled');
  assert.equal(await scene.balanceOf(scene.recipient), 300n);
});

test('refuses an intent with any field that is not the agreement’s', async () => {
  const cases: [Partial<Intent>, string][] = [
    [{ network: word('00') }, 'Mismatch'],
    [{ chainId: 1n }, 'Mismatch'],
    [{ agreements: `0x${'11'.repeat(20)}` }, 'Mismatch'],
    [{ agreement: word('0a') }, 'NoSuchAgreement'],
    [{ termsHash: word('00') }, 'Mismatch'],
    [{ recipient: `0x${'11'.repeat(20)}` }, 'Mismatch'],
    [{ token: `0x${'11'.repeat(20)}` }, 'Mismatch'],
    [{ amount: 501n }, 'AboveOccasionCap'],
    [{ validAfter: (await scene.chain.now()) + 10n * 86_400n }, 'TooEarly'],
    [{ deadline: await scene.chain.now() }, 'TooLate'],
  ];
  for (const [over, error] of cases) {
    const args = await sealed(over);
    await scene.chain.advance(WINDOW);
    await reverts(settle(args), error);
  }
  assert.equal(await scene.balanceOf(scene.recipient), 0n);
});

test('refuses an intent whose signed fields were changed, field by field', async () => {
  const [intent, signatures, proof] = await sealed();
  await scene.chain.advance(WINDOW);
  for (const field of Object.keys(intent) as (keyof Intent)[]) {
    const value = intent[field];
    const other = typeof value === 'bigint' ? value - 1n : `${value.slice(0, -1)}${value.endsWith('1') ? '2' : '1'}`;
    await assert.rejects(settle([{ ...intent, [field]: other }, signatures, proof]), `changed ${field}`);
  }
  await settle([intent, signatures, proof]);
});

test('refuses what is not in an anchored log of the agreement', async () => {
  const [intent, signatures, proof] = await sealed();
  await scene.chain.advance(WINDOW);
  await reverts(settle([intent, signatures, { ...proof, index: proof.index - 1n }]), 'NotIncluded');
  await reverts(settle([intent, signatures, { ...proof, path: proof.path.slice(1) }]), 'NotIncluded');
  await reverts(settle([intent, signatures, { ...proof, root: word('00') }]), 'NotAnchored');
  await reverts(settle([intent, signatures, { ...proof, originHash: word('00') }]), 'Mismatch');
});

test('two of three deciders: fewer, repeated and foreign signers are refused', async () => {
  const deciders = [account('d1'), account('d2'), account('d3')];
  agreement = await scene.openAgreement(await scene.terms(deciders, 2, { salt: word('01') }));
  const [intent, signatures, proof] = await sealed({}, deciders.slice(0, 2));
  await scene.chain.advance(WINDOW);
  await reverts(settle([intent, signatures.slice(0, 1), proof]), 'NotEnoughSignatures');
  await reverts(settle([intent, [signatures[0], signatures[0]], proof]), 'SignersNotAscending');
  await reverts(settle([intent, await scene.sign([deciders[0]!, decider], intent), proof]), 'NotADecider');
  await settle([intent, await scene.sign([deciders[0]!, deciders[2]!], intent), proof]);
  assert.equal(await scene.balanceOf(scene.recipient), 300n);
});

test('all occasions together stay within the total cap and the balance', async () => {
  for (const byte of ['a1', 'a2']) {
    const args = await sealed({ occasion: word(byte), amount: 500n });
    await scene.chain.advance(WINDOW);
    await settle(args);
  }
  const third = await sealed({ occasion: word('a3'), amount: 201n });
  await scene.chain.advance(WINDOW);
  await reverts(settle(third), 'AboveTotalCap');
  agreement = await scene.openAgreement(await scene.terms([decider], 1, { salt: word('02') }), 100n);
  const poor = await sealed({ amount: 101n });
  await scene.chain.advance(WINDOW);
  await reverts(settle(poor), 'Underfunded');
});

test('an announced intent is paid although its root is no longer kept', async () => {
  const args = await sealed();
  await announce(args);
  for (let i = 0; i < 257; i++) {
    scene.log.append(Uint8Array.of(1, i & 255, 7));
    await scene.anchor();
  }
  await scene.chain.advance(WINDOW);
  await settle([args[0], [], { ...args[2], path: [] }]);
  assert.equal(await scene.balanceOf(scene.recipient), 300n);
});

test('a disputed payment waits; the arbiter releases or rejects it', async () => {
  const args = await sealed();
  const hash = intentDigest(args[0]);
  await reverts(dispute(scene.recipient, hash), 'NotAllowed');
  await dispute(scene.payer, hash);
  await scene.chain.advance(WINDOW);
  await reverts(settle(args), 'OnHold');
  await reverts(resolve(scene.recipient, hash), 'NotAllowed');
  await resolve(scene.arbiter, hash);
  await settle(args);
  const other = await sealed({ occasion: word('0d') });
  await scene.send(scene.arbiter, scene.agreements, 'dispute', [agreement, word('0d'), intentDigest(other[0])]);
  await scene.send(scene.arbiter, scene.agreements, 'resolve', [agreement, word('0d'), ZERO_HASH]);
  await scene.chain.advance(WINDOW);
  await reverts(settle(other), 'AlreadyRejected');
  assert.equal(await scene.balanceOf(scene.recipient), 300n);
});

test('deciders answer a dispute with a superseding intent, and the payer cannot dispute that', async () => {
  const wrong = await sealed({ amount: 400n });
  await announce(wrong);
  await dispute(scene.payer, intentDigest(wrong[0]));
  const unrelated = await sealed({ amount: 200n, decision: word('d3') });
  const right = await sealed({ amount: 250n, supersedes: intentDigest(wrong[0]) });
  await scene.chain.advance(WINDOW);
  await reverts(settle(unrelated), 'OtherIntentPending');
  await announce(right);
  await reverts(dispute(scene.payer, intentDigest(right[0])), 'NotAllowed');
  await reverts(settle(wrong), 'OtherIntentPending');
  await settle(right);
  assert.equal(await scene.balanceOf(scene.recipient), 250n);
});

test('the arbiter cannot have paid what no decider signed', async () => {
  const intent = await scene.intent(agreement);
  const proof = await scene.seal(intent);
  await dispute(scene.arbiter, intentDigest(intent));
  await resolve(scene.arbiter, intentDigest(intent));
  await scene.chain.advance(WINDOW);
  await reverts(settle([intent, [], proof]), 'NotEnoughSignatures');
  await reverts(settle([intent, await scene.sign([scene.arbiter], intent), proof]), 'NotADecider');
});

test('an announced intent that nobody paid in time frees its occasion', async () => {
  const args = await sealed();
  await announce(args);
  await reverts(scene.send(scene.payer, scene.agreements, 'expire', [agreement, word('0c')]), 'TooEarly');
  await scene.chain.advance(8 * 86_400);
  await reverts(settle(args), 'TooLate');
  await scene.send(scene.payer, scene.agreements, 'expire', [agreement, word('0c')]);
  const again = await sealed({ decision: word('d4') });
  await scene.chain.advance(WINDOW);
  await settle(again);
});

test('what is left returns to the payer after the end, less what is still disputed', async () => {
  const withdraw = (by: typeof decider) => scene.send(by, scene.agreements, 'withdraw', [agreement]);
  await dispute(scene.payer, word('99'));
  await reverts(withdraw(scene.payer), 'TooEarly');
  await scene.chain.advance(30 * 86_400 + 2 * WINDOW + 86_400 + 60);
  await reverts(withdraw(scene.recipient), 'NotAllowed');
  await withdraw(scene.payer);
  assert.equal(await scene.balanceOf(scene.payer), 1000n);
  await reverts(withdraw(scene.payer), 'NothingToWithdraw');
  await resolve(scene.arbiter, ZERO_HASH);
  await withdraw(scene.payer);
  assert.equal(await scene.balanceOf(scene.payer), 1500n);
  const late = await sealed({ occasion: word('0e') });
  await reverts(settle(late), 'TooLate');
});

test('opening needs the recipient’s signature over the same terms, once', async () => {
  const terms = await scene.terms([decider], 1, { salt: word('03') });
  const id = (await scene.read(scene.agreements, 'termsDigest', [terms])) as Hex;
  const open = async (by: typeof decider, over: Record<string, unknown>, signer: typeof decider) =>
    scene.send(by, scene.agreements, 'open', [{ ...terms, ...over }, await signer.sign({ hash: id }), 0n]);
  await reverts(open(scene.recipient, {}, scene.recipient), 'NotAllowed');
  await reverts(open(scene.payer, {}, scene.payer), 'BadRecipientSignature');
  await reverts(open(scene.payer, { totalCap: 5000n }, scene.recipient), 'BadRecipientSignature');
  await open(scene.payer, {}, scene.recipient);
  await reverts(open(scene.payer, {}, scene.recipient), 'AgreementExists');
  const bad: Record<string, unknown>[] = [
    { arbiter: scene.payer.address },
    { recipient: scene.payer.address },
    { token: account('nobody').address },
    { occasionCap: 1201n },
    { threshold: 2 },
    { threshold: 0 },
    { deciders: [decider.address, decider.address] },
    { origins: [] },
    { validUntil: terms.validFrom },
    { disputeWindow: 400n * 86_400n },
  ];
  for (const over of bad) await reverts(open(scene.payer, over, scene.recipient), 'BadTerms');
});

test('a deposit by permit works, also when someone used the permit first', async () => {
  const deadline = (await scene.chain.now()) + 1000n;
  await scene.send(scene.deployer, scene.token, 'mint', [scene.payer.address, 70n, word('70')]);
  const nonce = (await scene.read(scene.token, 'nonces', [scene.payer.address])) as bigint;
  const signature = await scene.payer.signTypedData({
    domain: { name: 'EUR practice money', version: '1', chainId: scene.chain.chainId, verifyingContract: scene.token },
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Permit',
    message: { owner: scene.payer.address, spender: scene.agreements, value: 70n, nonce, deadline },
  });
  const v = Number.parseInt(signature.slice(130), 16);
  const [r, s] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`];
  await scene.send(scene.recipient, scene.token, 'permit', [
    ...[scene.payer.address, scene.agreements, 70n, deadline],
    ...[v, r, s],
  ]);
  await scene.send(scene.payer, scene.agreements, 'depositWithPermit', [agreement, 70n, deadline, v, r, s]);
  const held = (await scene.read(scene.agreements, 'getAccount', [agreement])) as { balance: bigint };
  assert.equal(held.balance, 1570n);
});

test('money of account: minted once per deposit by the issuer alone, redeemed by the holder', async () => {
  const mint = (by: typeof decider, amount: bigint) =>
    scene.send(by, scene.token, 'mint', [scene.recipient.address, amount, word('11')]);
  await reverts(mint(scene.payer, 10n), 'AccessControlUnauthorizedAccount');
  await mint(scene.deployer, 10n);
  await reverts(mint(scene.deployer, 10n), 'AlreadyMinted');
  await scene.send(scene.recipient, scene.token, 'redeem', [4n, word('12')]);
  assert.equal(await scene.balanceOf(scene.recipient), 6n);
  assert.equal(await scene.read(scene.token, 'symbol'), 'EUR-practice');
  assert.equal(await scene.read(scene.token, 'decimals'), 2);
});
