// Puts the contracts of a new network on a chain, once: what was begun before a crash is continued.
import accounts from '@trine/contracts/artifacts/Accounts.json' with { type: 'json' };
import agreementTerms from '@trine/contracts/artifacts/AgreementTerms.json' with { type: 'json' };
import batchSettlement from '@trine/contracts/artifacts/BatchSettlement.json' with { type: 'json' };
import checkpoints from '@trine/contracts/artifacts/Checkpoints.json' with { type: 'json' };
import directSettlement from '@trine/contracts/artifacts/DirectSettlement.json' with { type: 'json' };
import fiatToken from '@trine/contracts/artifacts/FiatToken.json' with { type: 'json' };
import registry from '@trine/contracts/artifacts/Registry.json' with { type: 'json' };
import { type Hex, ZERO_HASH } from '@trine/protocol';
import { type Disk, replaceNow } from '@trine/system/disk.ts';
import { systemDisk } from '@trine/system/system-disk.ts';
import { type Abi, encodeDeployData, getContractAddress, keccak256, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { mintCall } from './calls.ts';
import { type Chain, publicClient } from './chain.ts';
import { accountsAbi, type Contracts, fiatTokenAbi } from './contracts.ts';
import { LedgerError } from './errors.ts';
import { minedNonce, sendCall, signTransaction, waitForReceipt } from './transactions.ts';

export type Member = {
  /** the account that signs anchors */
  readonly address: Hex;
  /** the organisation's identifier, such as a did:web */
  readonly organisation: string;
  /** SHA-256 of the verifier key of its log */
  readonly logKey?: Hex;
};

export type DeployOptions = {
  readonly chain: Chain;
  /** pays for the deployment, 32 bytes as hex; has no rights afterwards unless it is the issuer */
  readonly deployerKey: Hex;
  /** where progress and the result are kept */
  readonly file: string;
  /** default: the machine's own */
  readonly disk?: Disk;
  readonly members: readonly Member[];
  /** signatures for an anchor or a change of members: more than half of the members */
  readonly quorum: number;
  readonly currency: {
    /** ISO 4217 */
    readonly code: string;
    readonly minorDigits: number;
    /** practice money stands for no deposit */
    readonly practice: boolean;
    /** mints; 32 bytes as hex */
    readonly issuerKey: Hex;
  };
  /** first money, minted by the issuer: practice money to begin with */
  readonly funds?: readonly { readonly to: Hex; readonly amount: bigint }[];
};

/** The file: where each contract is, written before its transaction is sent. */
type Progress = { chainId: string; fromBlock: string; addresses: Record<string, Hex> };

const DEPLOY_GAS_MARGIN = 1.1;
/** Anyone has that long at least to recompute a batch and refute it. */
export const BATCH_WINDOW_MIN_S = 3600n;

/**
 * Deploys the contracts, or finds those deployed before.
 *
 * @returns their addresses
 * @throws LedgerError when the file is of another chain
 */
export async function deployContracts(options: DeployOptions): Promise<Contracts> {
  const { chain, currency } = options;
  const progress = await begin(options);
  const issuer = privateKeyToAccount(currency.issuerKey).address;
  const members = [...options.members].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const deploy = (name: string, artifact: { abi: unknown; bytecode: string }, args: unknown[]) =>
    deployOne(options, progress, name, artifact, args);
  const at: Record<Exclude<keyof Contracts, 'fromBlock'>, Hex> = {
    registry: await deploy('registry', registry, [
      members.map((m) => m.address),
      members.map((m) => m.organisation),
      members.map((m) => m.logKey ?? ZERO_HASH),
      options.quorum,
    ]),
    ...{ checkpoints: '0x', accounts: '0x', terms: '0x', direct: '0x', batch: '0x', token: '0x' },
  };
  at.checkpoints = await deploy('checkpoints', checkpoints, [at.registry]);
  at.terms = await deploy('terms', agreementTerms, [at.checkpoints]);
  // Accounts and what settles know one another for good: the addresses of the next two are known beforehand.
  at.accounts = await deploy('accounts', accounts, [await nextAddresses(options, progress, 'accounts', 2)]);
  at.direct = await deploy('direct', directSettlement, [at.accounts, at.terms]);
  at.batch = await deploy('batch', batchSettlement, [at.accounts, at.terms, BATCH_WINDOW_MIN_S]);
  await checkControllers(chain, at);
  at.token = await deploy('token', fiatToken, [currency.code, currency.minorDigits, currency.practice, issuer, issuer]);
  const contracts = { ...at, fromBlock: BigInt(progress.fromBlock) };
  for (const [i, fund] of (options.funds ?? []).entries()) await mintOnce(options, contracts, i, fund);
  return contracts;
}

async function begin({ chain, file, disk = systemDisk }: DeployOptions): Promise<Progress> {
  if (disk.has(file)) {
    const progress = JSON.parse(disk.read(file).toString('utf8')) as Progress;
    if (progress.chainId !== String(chain.chainId))
      throw new LedgerError(
        'chain-wrong',
        `${file} is of chain ${progress.chainId}; this is chain ${chain.chainId}: name that chain, or begin in a new folder.`,
        'never',
      );
    // Nothing of it on the chain: the chain was begun anew, or the first deployment never arrived. Begin again too.
    const first = progress.addresses.registry;
    if (first !== undefined && (await publicClient(chain).getCode({ address: first })) !== undefined) return progress;
  }
  const fromBlock = String(await publicClient(chain).getBlockNumber());
  const progress: Progress = { chainId: String(chain.chainId), fromBlock, addresses: {} };
  save(disk, file, progress);
  return progress;
}

/** The address is known before: it is a function of sender and nonce. */
async function deployOne(
  { chain, deployerKey, file, disk = systemDisk }: DeployOptions,
  progress: Progress,
  name: string,
  artifact: { abi: unknown; bytecode: string },
  args: unknown[],
): Promise<Hex> {
  const known = progress.addresses[name];
  const client = publicClient(chain);
  if (known !== undefined && (await client.getCode({ address: known })) !== undefined) return known;
  const from = privateKeyToAccount(deployerKey).address;
  const nonce = await minedNonce(chain, from);
  const address = getContractAddress({ from, nonce: BigInt(nonce) }).toLowerCase() as Hex;
  progress.addresses[name] = address;
  save(disk, file, progress);
  const data = encodeDeployData({ abi: artifact.abi as Abi, bytecode: artifact.bytecode as Hex, args });
  const gas = await client.estimateGas({ account: from, data });
  const allowed = BigInt(Math.ceil(Number(gas) * DEPLOY_GAS_MARGIN));
  const transaction = await signTransaction(chain, deployerKey, { data }, nonce, allowed);
  await chain.request({ method: 'eth_sendRawTransaction', params: [transaction.raw] });
  const receipt = await waitForReceipt(chain, transaction.hash);
  if (receipt.status !== 'success')
    throw new LedgerError(
      'call-failed',
      `The contract ${name} could not be deployed: look at transaction ${transaction.hash}, then start again.`,
      'later',
    );
  return address;
}

/** Where the contracts go that are deployed after this one; what is deployed already keeps the list it was given. */
async function nextAddresses(
  { chain, deployerKey }: DeployOptions,
  progress: Progress,
  name: string,
  count: number,
): Promise<Hex[]> {
  const from = privateKeyToAccount(deployerKey).address;
  const known = progress.addresses[name];
  const isThere = known !== undefined && (await publicClient(chain).getCode({ address: known })) !== undefined;
  if (isThere) return [];
  const nonce = BigInt(await minedNonce(chain, from));
  return Array.from({ length: count }, (_, i) => getContractAddress({ from, nonce: nonce + BigInt(i) + 1n }));
}

/** Another transaction of the deployer in between would leave accounts that nothing settles. @throws LedgerError */
async function checkControllers(chain: Chain, at: Pick<Contracts, 'accounts' | 'direct' | 'batch'>): Promise<void> {
  for (const controller of [at.direct, at.batch]) {
    const isController = await publicClient(chain).readContract({
      ...{ address: at.accounts, abi: accountsAbi, functionName: 'isController', args: [controller] },
    });
    if (!isController)
      throw new LedgerError(
        'call-failed',
        `The accounts at ${at.accounts} know nothing of ${controller}: the deployer sent something else meanwhile. Remove the file of the deployment and begin again.`,
        'never',
      );
  }
}

/** A reference mints once, so first funds are given once however often this runs. */
async function mintOnce(
  { chain, currency }: DeployOptions,
  contracts: Contracts,
  number: number,
  fund: { readonly to: Hex; readonly amount: bigint },
): Promise<void> {
  const reference = keccak256(toHex(`first funds ${number}`));
  const done = await publicClient(chain).readContract({
    ...{ address: contracts.token, abi: fiatTokenAbi, functionName: 'minted', args: [reference] },
  });
  if (!done) await sendCall(chain, currency.issuerKey, mintCall(contracts, fund.to, fund.amount, reference));
}

function save(disk: Disk, file: string, progress: Progress): void {
  replaceNow(disk, file, JSON.stringify(progress, null, 2));
}
