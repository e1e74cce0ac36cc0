import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeErrorResult, type Hex, keccak256, parseEventLogs, toHex, zeroHash } from 'viem';
import { fiatTokenAbi } from '../artifacts/FiatToken.ts';
import { account, startChain } from './chain.ts';
import { reverts } from './scene.ts';

const chain = await startChain();
const [administrator, issuer, holder] = await Promise.all(
  ['administrator', 'issuer', 'holder'].map((name) => chain.wallet(account(name))),
);
type Wallet = NonNullable<typeof issuer>;
const deploy = (code = 'EUR', digits = 2, practice = false) =>
  chain.deploy(administrator as Wallet, 'FiatToken', [
    ...[code, digits, practice, administrator?.account.address, issuer?.account.address],
  ]);
async function send(from: Wallet | undefined, address: Hex, functionName: string, args: unknown[]) {
  const call = { address, abi: fiatTokenAbi, functionName, args, account: from?.account } as never;
  await chain.reader.simulateContract(call);
  const hash = await (from as Wallet).writeContract(call);
  const { logs } = await chain.reader.waitForTransactionReceipt({ hash });
  return parseEventLogs({ abi: fiatTokenAbi, logs }).map(({ eventName, args: given }) => [eventName, given] as const);
}
const read = (address: Hex, functionName: string, args: unknown[] = []) =>
  chain.reader.readContract({ address, abi: fiatTokenAbi, functionName, args } as never) as Promise<unknown>;
/** The contract's error behind a deployment that was refused, by its data: words about it depend on what was compiled before. */
function refusalOf(error: unknown): string | undefined {
  for (let at = error as { cause?: unknown; data?: unknown } | undefined; at; at = at.cause as typeof at)
    if (typeof at.data === 'string') return decodeErrorResult({ abi: fiatTokenAbi, data: at.data as Hex }).errorName;
  return undefined;
}
const reference = (text: string) => keccak256(toHex(text));

test('a token says its currency, its digits, and whether deposits stand behind it', async () => {
  for (const [practice, name, symbol] of [
    [false, 'CHF deposits', 'CHF'],
    [true, 'CHF practice money', 'CHF-practice'],
  ] as const) {
    const token = await deploy('CHF', 3, practice);
    const said = ['currency', 'decimals', 'practice', 'name', 'symbol'].map((field) => read(token, field));
    assert.deepEqual(await Promise.all(said), ['CHF', 3, practice, name, symbol]);
  }
  await deploy('AAA');
  await deploy('ZZZ');
  for (const code of ['', 'EU', 'EURO', 'eur', 'E1R', '@UR', 'EU[', 'EUr'])
    await assert.rejects(deploy(code), (error) => refusalOf(error) === 'BadCurrencyCode');
});

test('a payment mints once, for the issuer alone, and tells whom it was for', async () => {
  const token = await deploy();
  const to = holder?.account.address as Hex;
  const mint = (from: Wallet | undefined, amount: bigint, text: string) =>
    send(from, token, 'mint', [to, amount, reference(text)]);
  const said = await mint(issuer, 500n, 'first');
  assert.deepEqual(said.find(([name]) => name === 'Minted')?.[1], {
    paymentReference: reference('first'),
    to,
    amount: 500n,
  });
  assert.equal(await read(token, 'minted', [reference('first')]), true);
  assert.equal(await read(token, 'minted', [reference('second')]), false);
  await reverts(mint(issuer, 500n, 'first'), 'AlreadyMinted');
  await mint(issuer, 1n, 'second');
  for (const other of [administrator, holder])
    await reverts(mint(other, 1n, 'third'), 'AccessControlUnauthorizedAccount');
  assert.equal(await read(token, 'balanceOf', [to]), 501n);
  assert.equal(await read(token, 'totalSupply'), 501n);
});

test('who holds money redeems its own, no more, and says where to', async () => {
  const token = await deploy();
  const from = holder?.account.address as Hex;
  await send(issuer, token, 'mint', [from, 500n, zeroHash]);
  const said = await send(holder, token, 'redeem', [200n, reference('iban')]);
  assert.deepEqual(said.find(([name]) => name === 'Redeemed')?.[1], {
    paymentReference: reference('iban'),
    from,
    amount: 200n,
  });
  assert.equal(await read(token, 'balanceOf', [from]), 300n);
  assert.equal(await read(token, 'totalSupply'), 300n);
  await reverts(send(holder, token, 'redeem', [301n, zeroHash]), 'ERC20InsufficientBalance');
  await reverts(send(issuer, token, 'redeem', [1n, zeroHash]), 'ERC20InsufficientBalance');
});

test('the administrator appoints and dismisses issuers, and nobody else does', async () => {
  const token = await deploy();
  const role = (await read(token, 'ISSUER_ROLE')) as Hex;
  const given = [role, holder?.account.address];
  for (const other of [issuer, holder])
    await reverts(send(other, token, 'grantRole', given), 'AccessControlUnauthorizedAccount');
  await send(administrator, token, 'grantRole', given);
  await send(holder, token, 'mint', [holder?.account.address, 1n, zeroHash]);
  await send(administrator, token, 'revokeRole', [role, issuer?.account.address]);
  await reverts(send(issuer, token, 'mint', [holder?.account.address, 1n, role]), 'AccessControlUnauthorizedAccount');
});
