// A whole network on a test chain: members, token, checkpoints, agreements, a log; and the calls that tests repeat.
import assert from 'node:assert/strict';
import { anchorDigest, type Intent, intentDigest, intentLeaf, originHash, ZERO_HASH } from '@trine/protocol';
import { BaseError, ContractFunctionRevertedError, type Hex, type PrivateKeyAccount } from 'viem';
import { agreementsAbi } from '../artifacts/Agreements.ts';
import { checkpointsAbi } from '../artifacts/Checkpoints.ts';
import { fiatTokenAbi } from '../artifacts/FiatToken.ts';
import { registryAbi } from '../artifacts/Registry.ts';
import { account, sorted, startChain } from './chain.ts';
import { ReferenceLog } from './log.ts';

export const ORIGIN = 'log.example/utility';
export const NETWORK: Hex = `0x${'4e'.repeat(32)}`;
export const TERMS_HASH: Hex = `0x${'7e'.repeat(32)}`;
export const abi = [...agreementsAbi, ...checkpointsAbi, ...fiatTokenAbi, ...registryAbi] as const;
export const DISPUTE_WINDOW = 3600n;

export type Scene = Awaited<ReturnType<typeof startScene>>;
const lower = (hex: Hex) => hex.toLowerCase() as Hex;

/** Asserts that a call reverts with this custom error. */
export async function reverts(call: Promise<unknown>, errorName: string): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    const revert = error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError);
    const name = revert instanceof ContractFunctionRevertedError ? revert.data?.errorName : undefined;
    assert.equal(name ?? error.message, errorName);
    return true;
  });
}

export async function startScene(options: { members?: number; quorum?: number } = {}) {
  const chain = await startChain();
  const members = sorted(Array.from({ length: options.members ?? 3 }, (_, i) => account(`member ${i}`)));
  const quorum = options.quorum ?? 2;
  const deployer = await chain.wallet(account('deployer'));
  const [payer, recipient, arbiter] = [account('payer'), account('recipient'), account('arbiter')];
  const registry = await chain.deploy(deployer, 'Registry', [
    members.map((m) => m.address),
    members.map((_, i) => `did:web:member${i}.example`),
    members.map(() => ZERO_HASH),
    quorum,
  ]);
  const checkpoints = await chain.deploy(deployer, 'Checkpoints', [registry]);
  const agreements = await chain.deploy(deployer, 'Agreements', [checkpoints]);
  const token = await chain.deploy(deployer, 'FiatToken', [
    'EUR',
    2,
    true,
    deployer.account.address,
    deployer.account.address,
  ]);
  const log = new ReferenceLog();
  let anchored = 0;

  /** Sends one call and returns its receipt; a revert throws with its decoded error. */
  async function send(from: PrivateKeyAccount, address: Hex, functionName: string, args: unknown[]) {
    const wallet = await chain.wallet(from);
    const call = { address, abi, functionName, args, account: from } as never;
    await chain.reader.simulateContract(call);
    return chain.reader.waitForTransactionReceipt({ hash: await wallet.writeContract(call) });
  }
  const read = (address: Hex, functionName: string, args: unknown[] = []) =>
    chain.reader.readContract({ address, abi, functionName, args } as never) as Promise<never>;

  const signAnchor = (signers: PrivateKeyAccount[], size: number, root: Hex, origin = ORIGIN) => {
    const domain = { chainId: chain.chainId, verifyingContract: lower(checkpoints) };
    const hash = anchorDigest({ origin, size: BigInt(size), root }, domain);
    return Promise.all(sorted(signers).map((signer) => signer.sign({ hash })));
  };
  /** Anchors the log as it stands. */
  async function anchor() {
    const signatures = await signAnchor(members.slice(0, quorum), log.size, log.root());
    const proof = anchored === 0 ? [] : log.consistency(anchored);
    const receipt = await send(payer, checkpoints, 'anchor', [ORIGIN, BigInt(log.size), log.root(), proof, signatures]);
    anchored = log.size;
    return receipt;
  }

  async function terms(deciders: PrivateKeyAccount[], threshold: number, over: Record<string, unknown> = {}) {
    const now = await chain.now();
    return {
      network: NETWORK,
      payer: payer.address,
      recipient: recipient.address,
      arbiter: arbiter.address,
      token,
      occasionCap: 500n,
      totalCap: 1200n,
      termsHash: TERMS_HASH,
      validFrom: now - 10n,
      validUntil: now + 30n * 86_400n,
      disputeWindow: DISPUTE_WINDOW,
      threshold,
      deciders: sorted(deciders).map((d) => d.address),
      origins: [originHash(ORIGIN)],
      salt: ZERO_HASH,
      ...over,
    };
  }
  /** Opens and funds an agreement; returns its id. */
  async function openAgreement(agreed: Awaited<ReturnType<typeof terms>>, deposit = 1500n): Promise<Hex> {
    const id = (await read(agreements, 'termsDigest', [agreed])) as Hex;
    const signature = await recipient.sign({ hash: id });
    await send(deployer.account, token, 'mint', [payer.address, deposit, id]);
    await send(payer, token, 'approve', [agreements, deposit]);
    await send(payer, agreements, 'open', [agreed, signature, deposit]);
    return id;
  }

  async function intent(agreement: Hex, over: Partial<Intent> = {}): Promise<Intent> {
    const now = await chain.now();
    return {
      network: NETWORK,
      chainId: chain.chainId,
      agreements: lower(agreements),
      agreement,
      termsHash: TERMS_HASH,
      occasion: `0x${'0c'.repeat(32)}`,
      recipient: lower(recipient.address),
      token: lower(token),
      amount: 300n,
      validAfter: now,
      deadline: now + 7n * 86_400n,
      decision: `0x${'de'.repeat(32)}`,
      supersedes: ZERO_HASH,
      ...over,
    };
  }
  const sign = (signers: PrivateKeyAccount[], what: Intent) =>
    Promise.all(sorted(signers).map((signer) => signer.sign({ hash: intentDigest(what) })));
  /** Puts an intent into the log among other leaves and anchors it; returns how to prove it. */
  async function seal(what: Intent) {
    log.append(Uint8Array.of(1, log.size), intentLeaf(what), Uint8Array.of(1, 255, log.size));
    await anchor();
    return prove(log.size - 2);
  }
  const prove = (index: number, size = log.size) => ({
    originHash: originHash(ORIGIN),
    index: BigInt(index),
    size: BigInt(size),
    root: log.root(size),
    path: log.inclusion(index, size),
  });
  const balanceOf = (who: PrivateKeyAccount | Hex) =>
    read(token, 'balanceOf', [typeof who === 'string' ? who : who.address]) as Promise<bigint>;

  return {
    ...{ chain, members, quorum, deployer: deployer.account, payer, recipient, arbiter, log },
    ...{ registry, checkpoints, agreements, token },
    ...{ send, read, signAnchor, anchor, terms, openAgreement, intent, sign, seal, prove, balanceOf },
  };
}
