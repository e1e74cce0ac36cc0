// The state machine of the chain in memory: Ethereum's, in JavaScript, with real headers, receipts and roots. Nothing
// here knows of JSON-RPC, of faults or of time: it does what it is called to do.
import { type Block, createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { Caches, MerkleStateManager } from '@ethereumjs/statemanager';
import { createTx, type TypedTransaction } from '@ethereumjs/tx';
import {
  Account,
  Address,
  bytesToHex,
  ecrecover,
  hexToBytes,
  KECCAK256_RLP,
  type PrefixedHexString,
} from '@ethereumjs/util';
import { buildBlock, createVM, type RunTxResult, runTx, type VM } from '@ethereumjs/vm';
import { sha256 } from '@trine/protocol';

export type Hex = PrefixedHexString;

/** A transaction in a block, with what it did. */
export type Included = {
  readonly tx: TypedTransaction;
  readonly hash: Hex;
  readonly from: Hex;
  /** no more: the rest holds all that was executed, and there are tens of thousands */
  readonly result: Pick<RunTxResult, 'receipt' | 'totalGasSpent' | 'amountSpent' | 'createdAddress'>;
};
export type Mined = { readonly block: Block; readonly hash: Hex; readonly included: readonly Included[] };

/** A call as JSON-RPC has it. */
export type CallRequest = {
  readonly from?: Hex;
  readonly to?: Hex | null;
  readonly data?: Hex;
  readonly input?: Hex;
  readonly value?: Hex;
  readonly gas?: Hex;
};

const GAS_LIMIT = 60_000_000n;
/** What one transaction may use (EIP-7825). */
export const TX_GAS_MAX = 2n ** 24n;
const FUNDS = 10n ** 24n;
const ANSWERS_MAX = 1_000;
const EARLIER_MAX = 4;
const ZERO = `0x${'00'.repeat(20)}` as const;

export class Evm {
  #vm: VM;
  #common: Common;
  /** what calls came to that were made since the newest block: the same is asked over and over */
  #answers = new Map<string, RunTxResult>();
  #answersAt: Mined | undefined;
  /** machines in the state after an earlier block, by its hash */
  readonly #earlier = new Map<Hex, VM>();
  readonly mined: Mined[];

  private constructor(vm: VM, common: Common, mined: Mined[]) {
    this.#vm = vm;
    this.#common = common;
    this.mined = mined;
  }

  /** Begins with block 0. @param accounts that hold ether */
  static async start(chainId: bigint, accounts: readonly Hex[], timeS: number): Promise<Evm> {
    const chain = { ...Mainnet, chainId: Number(chainId) };
    const common = new Common({ chain, hardfork: Hardfork.Osaka, customCrypto: { ecrecover: remembered(ecrecover) } });
    const mined: Mined[] = [];
    const stateManager = new MerkleStateManager({ common, caches: new Caches() });
    const vm = await createVM({ common, stateManager, blockchain: blockchainOf(mined) });
    for (const account of accounts)
      await stateManager.putAccount(new Address(hexToBytes(account)), new Account(0n, FUNDS));
    await stateManager.flush();
    const header = {
      ...{ number: 0n, timestamp: BigInt(timeS), gasLimit: GAS_LIMIT, baseFeePerGas: 10n ** 9n },
      ...{ stateRoot: await stateManager.getStateRoot(), withdrawalsRoot: KECCAK256_RLP },
      ...{ blobGasUsed: 0n, excessBlobGas: 0n, parentBeaconBlockRoot: new Uint8Array(32) },
      requestsHash: sha256(new Uint8Array()),
    };
    const block = createBlock({ header, withdrawals: [] }, { common });
    mined.push({ block, hash: bytesToHex(block.hash()), included: [] });
    return new Evm(vm, common, mined);
  }

  /** Another machine in the same state, which goes on by itself. */
  async copy(): Promise<Evm> {
    const mined = [...this.mined];
    const stateManager = this.#vm.stateManager.shallowCopy();
    await stateManager.setStateRoot(this.newest.block.header.stateRoot);
    const vm = await createVM({ common: this.#common, stateManager, blockchain: blockchainOf(mined) });
    return new Evm(vm, this.#common, mined);
  }

  get common(): Common {
    return this.#common;
  }

  get newest(): Mined {
    return this.mined.at(-1) as Mined;
  }

  /**
   * Makes a block of those transactions that can be executed now; the others are left out.
   *
   * @param extraData distinguishes blocks of different branches that are otherwise the same
   */
  async mine(transactions: readonly TypedTransaction[], timeS: number, extraData: Uint8Array): Promise<Mined> {
    const builder = await buildBlock(this.#vm, {
      parentBlock: this.newest.block,
      headerData: { timestamp: BigInt(timeS), gasLimit: GAS_LIMIT, extraData },
      withdrawals: [],
      blockOpts: { putBlockIntoBlockchain: false },
    });
    const included: Included[] = [];
    for (const tx of transactions) {
      try {
        const { receipt, totalGasSpent, amountSpent, createdAddress } = await builder.addTransaction(tx);
        const result = { receipt, totalGasSpent, amountSpent, ...(createdAddress && { createdAddress }) };
        included.push({ tx, hash: bytesToHex(tx.hash()), from: senderOf(tx), result });
      } catch {
        // It finds no room, or cannot pay, in this block.
      }
    }
    const { block } = await builder.build();
    const mined = { block, hash: bytesToHex(block.hash()), included };
    this.mined.push(mined);
    return mined;
  }

  /** Takes the newest blocks back. @returns them, oldest first */
  async takeBack(count: number): Promise<Mined[]> {
    const taken = this.mined.splice(Math.max(1, this.mined.length - count));
    await this.#vm.stateManager.setStateRoot(this.newest.block.header.stateRoot);
    return taken;
  }

  async account(address: Hex, at: Mined): Promise<Account> {
    return (await (await this.#stateAt(at)).stateManager.getAccount(new Address(hexToBytes(address)))) ?? new Account();
  }

  async code(address: Hex, at: Mined): Promise<Hex> {
    return bytesToHex(await (await this.#stateAt(at)).stateManager.getCode(new Address(hexToBytes(address))));
  }

  async storage(address: Hex, slot: Uint8Array, at: Mined): Promise<Uint8Array> {
    return (await this.#stateAt(at)).stateManager.getStorage(new Address(hexToBytes(address)), slot);
  }

  /** Executes a call on the state after a block, as a transaction of anyone, and undoes what it did. */
  async call(call: CallRequest, at: Mined, gasLimit: bigint): Promise<RunTxResult> {
    const key = JSON.stringify([at.hash, call, String(gasLimit)]);
    if (this.#answersAt !== this.newest || this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
    this.#answersAt = this.newest;
    const answer = this.#answers.get(key) ?? (await this.#execute(call, at, gasLimit));
    this.#answers.set(key, answer);
    return answer;
  }

  async #execute(call: CallRequest, at: Mined, gasLimit: bigint): Promise<RunTxResult> {
    const vm = await this.#stateAt(at);
    const { header } = at.block;
    const fee = header.baseFeePerGas ?? 0n;
    const tx = createTx(
      {
        ...{ type: 2, chainId: this.#common.chainId(), gasLimit, maxFeePerGas: fee, maxPriorityFeePerGas: 0n },
        ...{ value: BigInt(call.value ?? '0x0'), data: call.data ?? call.input ?? '0x' },
        ...(call.to ? { to: call.to } : {}),
      },
      { common: this.#common, freeze: false },
    );
    const from = new Address(hexToBytes(call.from ?? ZERO));
    Object.assign(tx, { getSenderAddress: () => from, isSigned: () => true, hash: () => new Uint8Array(32) });
    const block = createBlock({ header: { ...header, gasUsed: 0n } }, { common: this.#common });
    await vm.evm.journal.checkpoint();
    try {
      return await runTx(vm, {
        ...{ tx, block, skipNonce: true, skipBalance: true },
        ...{ skipBlockGasLimitValidation: true, skipHardForkValidation: true },
      });
    } finally {
      await vm.evm.journal.revert();
    }
  }

  /** The machine itself where the newest state is meant, a copy elsewhere. */
  async #stateAt(at: Mined): Promise<VM> {
    if (at === this.newest) return this.#vm;
    const known = this.#earlier.get(at.hash);
    if (known !== undefined) return known;
    const vm = await this.#vm.shallowCopy();
    await vm.stateManager.setStateRoot(at.block.header.stateRoot);
    if (this.#earlier.size >= EARLIER_MAX) this.#earlier.clear();
    this.#earlier.set(at.hash, vm);
    return vm;
  }
}

/** Contracts may ask for the hashes of earlier blocks. */
function blockchainOf(mined: readonly Mined[]) {
  const blockchain = {
    getBlock: async (number: number) => (mined[number] as Mined).block,
    putBlock: async () => undefined,
    shallowCopy: () => blockchain,
  };
  return blockchain;
}

export const senderOf = (tx: TypedTransaction): Hex => tx.getSenderAddress().toString();

/** The same signature is recovered when a call is tried, when it is estimated and when it is in a block. */
function remembered(recover: typeof ecrecover): typeof ecrecover {
  const known = new Map<string, Uint8Array>();
  return (hash, v, r, s, chainId) => {
    const key = [bytesToHex(hash), v, bytesToHex(r), bytesToHex(s), chainId].join();
    const found = known.get(key) ?? recover(hash, v, r, s, chainId);
    if (known.size > 1_000) known.clear();
    known.set(key, found);
    return found;
  };
}
