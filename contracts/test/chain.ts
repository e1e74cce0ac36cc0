// A chain in this process (Hardhat's EVM, osaka) for the contracts' tests. Contracts come from the committed artifacts,
// so these tests need no compiler.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import {
  type Abi,
  createPublicClient,
  createWalletClient,
  custom,
  defineChain,
  type Hex,
  type PrivateKeyAccount,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import config from '../hardhat.config.ts';

export type TestChain = Awaited<ReturnType<typeof startChain>>;
type Wallet = WalletClient<Transport, ReturnType<typeof defineChain>, PrivateKeyAccount>;

/** An account of the tests, always the same for a name. */
export function account(name: string): PrivateKeyAccount {
  return privateKeyToAccount(`0x${createHash('sha256').update(`test account ${name}`).digest('hex')}`);
}

/** The same accounts, in ascending order of their addresses, as quorums must be. */
export function sorted<T extends { address: Hex }>(accounts: T[]): T[] {
  return [...accounts].sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
}

function readArtifact(name: string): { abi: Abi; bytecode: Hex } {
  const folder = name.endsWith('Harness') ? './fixtures' : '../artifacts';
  return JSON.parse(readFileSync(new URL(`${folder}/${name}.json`, import.meta.url), 'utf8'));
}

export async function startChain() {
  const environment = await createHardhatRuntimeEnvironment(config, {}, import.meta.dirname.replace(/\/test$/, ''));
  const { provider } = await environment.network.create();
  const request = (method: string, params: unknown[] = []) => provider.request({ method, params });
  const chain = defineChain({
    id: Number(await request('eth_chainId')),
    name: 'test',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  const transport = custom(provider, { retryCount: 0 });
  const reader: PublicClient = createPublicClient({ chain, transport, pollingInterval: 1, cacheTime: 0 });

  async function wallet(from: PrivateKeyAccount): Promise<Wallet> {
    await request('hardhat_setBalance', [from.address, '0x56bc75e2d63100000']);
    return createWalletClient({ account: from, chain, transport });
  }
  async function deploy(from: Wallet, name: string, args: unknown[] = []): Promise<Hex> {
    const { abi, bytecode } = readArtifact(name);
    const hash = await from.deployContract({ abi, bytecode, args, account: from.account, chain });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    return receipt.contractAddress as Hex;
  }
  async function now(): Promise<bigint> {
    return (await reader.getBlock()).timestamp;
  }
  async function advance(seconds: number): Promise<void> {
    await request('evm_increaseTime', [seconds]);
    await request('evm_mine');
  }
  return { reader, request, wallet, deploy, now, advance, chainId: BigInt(chain.id) };
}
