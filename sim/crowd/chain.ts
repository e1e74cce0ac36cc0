// The chain of a crowd: the real contracts in an EVM in JavaScript, thousands of transactions to a block, and what each cost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCall } from '@trine/ledger/agreements.ts';
import { admissionDigest, joinCall, NO_PERIODS } from '@trine/ledger/batches.ts';
import { approveCall, mintCall } from '@trine/ledger/calls.ts';
import { publicClient } from '@trine/ledger/chain.ts';
import { accountsAbi, type Call, type Contracts } from '@trine/ledger/contracts.ts';
import { deployContracts } from '@trine/ledger/deploy.ts';
import { type MemoryChain, startMemory } from '@trine/ledger/testing/memory-chain.ts';
import { VirtualTime } from '@trine/ledger/testing/virtual-time.ts';
import { minedNonce, sendCall } from '@trine/ledger/transactions.ts';
import {
  type Agreement,
  actDigest,
  addressOfPrivateKey,
  agreementId,
  chainTerms,
  type Hex,
  hexOf,
  sha256,
  signDigest,
  toUtf8,
} from '@trine/protocol';
import { encodeFunctionData } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** What one transaction may use (EIP-7825). */
export const TX_GAS_MAX = 2 ** 24;
/** A block has room for 60 million. */
const AT_ONCE = 100;
const JOIN_GAS = 500_000n;

/** secp256k1, from a name. */
export function keyOf(name: string): Uint8Array {
  return sha256(toUtf8(`account of ${name}`));
}
export const accountOf = (name: string): Hex => addressOfPrivateKey(keyOf(name));

export interface Cost {
  readonly hash: Hex;
  readonly gas: number;
}

export class CrowdChain {
  readonly chain: MemoryChain;
  readonly time: VirtualTime;
  readonly contracts: Contracts;
  #nonce = 0n;

  private constructor(chain: MemoryChain, time: VirtualTime, contracts: Contracts) {
    this.chain = chain;
    this.time = time;
    this.contracts = contracts;
  }

  /** @param members who sign anchors, all of whom must */
  static async open(
    t: { after(work: () => void): void },
    members: readonly string[],
    nowMs: number,
  ): Promise<CrowdChain> {
    const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const time = new VirtualTime();
    time.set(nowMs);
    const operator = hexOf(keyOf('operator'));
    const chain = await startMemory({ chainId: 31_337n, keys: [keyOf('operator')], clock: time, timers: time });
    const contracts = await deployContracts({
      ...{ chain, deployerKey: operator, file: join(folder, 'contracts.json'), quorum: members.length },
      members: members.map((name) => ({ address: accountOf(name), organisation: `did:web:${name}.example` })),
      currency: { code: 'EUR', minorDigits: 2, practice: true, issuerKey: operator },
    });
    return new CrowdChain(chain, time, contracts);
  }

  async send(call: Call): Promise<Cost> {
    const receipt = await sendCall(this.chain, hexOf(keyOf('operator')), call);
    return { hash: receipt.transactionHash, gas: Number(receipt.gasUsed) };
  }

  /** Many at once, some to a block. @throws Error where one of them fails */
  async sendAll(calls: readonly Call[]): Promise<Cost[]> {
    const { chain } = this;
    const sender = privateKeyToAccount(hexOf(keyOf('operator')));
    const { baseFeePerGas } = await publicClient(chain).getBlock();
    const fees = { maxFeePerGas: 10n * (baseFeePerGas ?? 1n), maxPriorityFeePerGas: 1n };
    const hashes: Hex[] = [];
    for (let at = 0; at < calls.length; at += AT_ONCE) {
      const some = calls.slice(at, at + AT_ONCE);
      const nonce = await minedNonce(chain, accountOf('operator'));
      // The last of them makes the block.
      chain.holdNext(some.length - 1);
      for (const [i, call] of some.entries()) {
        const chainId = Number(chain.chainId);
        const raw = await sender.signTransaction({
          type: 'eip1559',
          chainId,
          nonce: nonce + i,
          gas: JOIN_GAS,
          ...call,
          ...fees,
        });
        hashes.push((await chain.request({ method: 'eth_sendRawTransaction', params: [raw] })) as Hex);
      }
    }
    return Promise.all(
      hashes.map(async (hash) => {
        const params = [hash];
        const receipt = (await chain.request({ method: 'eth_getTransactionReceipt', params })) as {
          status: Hex;
          gasUsed: Hex;
        } | null;
        if (receipt?.status !== '0x1') throw new Error(`The transaction ${hash} failed.`);
        return { hash, gas: Number(receipt.gasUsed) };
      }),
    );
  }

  /** Opens the agreement, and lets accounts join that each lock so much. @returns what joining cost, one after the other */
  async join(policy: Agreement, names: readonly string[], amount: bigint): Promise<Cost[]> {
    const { chain, contracts } = this;
    const terms = chainTerms(policy);
    const agreement = agreementId(policy, contracts.terms);
    await this.send(openCall(contracts, terms));
    const sum = amount * BigInt(names.length);
    await this.send(mintCall(contracts, accountOf('operator'), sum, hexOf(sha256(toUtf8('funds')))));
    await this.send(approveCall(contracts, contracts.accounts, sum));
    const domain = { chainId: chain.chainId, verifyingContract: contracts.batch };
    const calls = names.flatMap((name): Call[] => {
      const account = accountOf(name);
      const isPaid = name === 'recipient';
      const given = isPaid ? 0n : amount;
      const limits = { perObligation: given, amount: given, from: terms.validFrom, until: terms.validUntil };
      const act = { agreement, account, ...limits, nonce: this.#nonce++, deadline: 2n ** 63n };
      const signed = signDigest(actDigest({ kind: 'authorize', ...NO_PERIODS, ...act }, domain), keyOf(name));
      const admission = signDigest(
        admissionDigest(chain.chainId, contracts, { agreement, account }),
        keyOf('registrar'),
      );
      const proof = { signer: '0x', signature: signed } as const;
      const admitted = isPaid ? undefined : ({ signer: '0x', signature: admission } as const);
      const args = [account, contracts.token, amount] as const;
      const deposit = encodeFunctionData({ abi: accountsAbi, functionName: 'depositFor', args });
      return [
        ...(isPaid ? [] : [{ to: contracts.accounts, data: deposit }]),
        joinCall(contracts, act, proof, admitted),
      ];
    });
    return this.sendAll(calls);
  }
}
