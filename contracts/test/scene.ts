// A network on a test chain: members, token, checkpoints, a log; and the calls that tests repeat.
import assert from 'node:assert/strict';
import { anchorDigest, originHash, ZERO_HASH } from '@trine/protocol';
import { BaseError, ContractFunctionRevertedError, type Hex, type PrivateKeyAccount } from 'viem';
import { checkpointsAbi } from '../artifacts/Checkpoints.ts';
import { fiatTokenAbi } from '../artifacts/FiatToken.ts';
import { registryAbi } from '../artifacts/Registry.ts';
import { account, sorted, startChain } from './chain.ts';
import { ReferenceLog } from './log.ts';

export const ORIGIN = 'log.example/utility';
export const NETWORK: Hex = `0x${'4e'.repeat(32)}`;
export const TERMS_HASH: Hex = `0x${'7e'.repeat(32)}`;
export const abi = [...checkpointsAbi, ...fiatTokenAbi, ...registryAbi] as const;

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
    ...{ registry, checkpoints, token },
    ...{ send, read, signAnchor, anchor, prove, balanceOf },
  };
}
