// Signing and sending one transaction. What must survive crashes goes through the outbox instead.
import type { Hex } from '@trine/protocol';
import { keccak256, numberToHex, type TransactionReceipt } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { type Chain, publicClient } from './chain.ts';
import { type Call, refusalOf, revertOf } from './contracts.ts';
import { LedgerError } from './errors.ts';
import { sleep } from './time.ts';

export type SignedTransaction = { readonly raw: Hex; readonly hash: Hex };

/** Gas beyond the estimate: state may change a little between estimate and block. */
const GAS_MARGIN = 1.25;
const RECEIPT_MS_MAX = 120_000;
const RECEIPT_POLL_MS = 50;

/**
 * Tries a call without sending it.
 *
 * @param from lower-case address
 * @param block on whose state, the newest by default
 * @returns the gas to allow
 * @throws LedgerError when the contract refuses it; any other error as the chain gave it
 */
export async function tryCall(chain: Chain, from: Hex, call: Call, block: Hex | 'latest' = 'latest'): Promise<bigint> {
  const params = [{ from, to: call.to, data: call.data }, block];
  try {
    await chain.request({ method: 'eth_call', params });
    const gas = BigInt((await chain.request({ method: 'eth_estimateGas', params })) as string);
    return BigInt(Math.ceil(Number(gas) * GAS_MARGIN));
  } catch (error) {
    const revert = revertOf(error);
    if (revert) throw refusalOf(revert);
    throw error;
  }
}

/**
 * Signs a transaction (EIP-1559) at today's fees.
 *
 * @param call `to` absent creates a contract
 * @param sender its private key, 32 bytes as hex; or its account, where it sends often: to find its address takes a while
 */
export async function signTransaction(
  chain: Chain,
  sender: Hex | PrivateKeyAccount,
  call: { readonly to?: Hex; readonly data: Hex },
  nonce: number,
  gas: bigint,
): Promise<SignedTransaction> {
  const fees = await publicClient(chain).estimateFeesPerGas();
  const account = typeof sender === 'string' ? privateKeyToAccount(sender) : sender;
  const raw = await account.signTransaction({
    ...{ type: 'eip1559', chainId: Number(chain.chainId), nonce, gas, data: call.data },
    ...(call.to === undefined ? {} : { to: call.to }),
    ...{ maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas },
  });
  return { raw, hash: keccak256(raw) };
}

/** How many transactions of an account are in blocks: its next nonce. */
export async function minedNonce(chain: Chain, address: Hex): Promise<number> {
  return Number(await chain.request({ method: 'eth_getTransactionCount', params: [address, 'latest'] }));
}

/** By chain and sender: two transactions at once would have one nonce, and the chain takes one of them. */
const turns = new WeakMap<Chain, Map<Hex, Promise<unknown>>>();

/**
 * Sends one call and waits until it is in a block. Those of one sender follow each other.
 *
 * @param privateKey of the sender, 32 bytes as hex
 * @returns its receipt
 * @throws LedgerError when the contract refuses it or no block takes it
 */
export async function sendCall(chain: Chain, privateKey: Hex, call: Call): Promise<TransactionReceipt> {
  const from = privateKeyToAccount(privateKey).address.toLowerCase() as Hex;
  const ofChain = turns.get(chain) ?? new Map<Hex, Promise<unknown>>();
  turns.set(chain, ofChain);
  const send = () => sendInTurn(chain, privateKey, from, call);
  const sent = (ofChain.get(from) ?? Promise.resolve()).then(send, send);
  ofChain.set(from, sent);
  return sent;
}

async function sendInTurn(chain: Chain, privateKey: Hex, from: Hex, call: Call): Promise<TransactionReceipt> {
  await chain.refresh();
  const gas = await tryCall(chain, from, call);
  const transaction = await signTransaction(chain, privateKey, call, await minedNonce(chain, from), gas);
  await chain.request({ method: 'eth_sendRawTransaction', params: [transaction.raw] });
  const receipt = await waitForReceipt(chain, transaction.hash);
  if (receipt.status !== 'success')
    throw new LedgerError(
      'call-failed',
      `The transaction ${transaction.hash} was included but had no effect: the state changed under way, try again.`,
      'later',
    );
  return receipt;
}

/** Waits until a transaction is in a block. @throws LedgerError after two minutes */
export async function waitForReceipt(chain: Chain, hash: Hex): Promise<TransactionReceipt> {
  const client = publicClient(chain);
  // Counted in pauses, so that a clock set forward or back ends nothing early and lets nothing wait for ever.
  for (let waitedMs = 0; waitedMs < RECEIPT_MS_MAX; waitedMs += RECEIPT_POLL_MS) {
    const receipt = await client.getTransactionReceipt({ hash }).catch(() => undefined);
    if (receipt) return receipt;
    await sleep(chain.timers, RECEIPT_POLL_MS);
  }
  throw new LedgerError(
    'not-included',
    `No block took the transaction ${hash}: look whether the chain goes on.`,
    'later',
  );
}

/** A block number as JSON-RPC wants it. */
export const blockTag = (number: bigint): Hex => numberToHex(number);
