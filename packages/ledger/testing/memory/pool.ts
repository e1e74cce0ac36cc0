// Transactions that wait for a block.
import type { TypedTransaction } from '@ethereumjs/tx';
import { bytesToHex } from '@ethereumjs/util';
import { RpcError } from '../../errors.ts';
import { type Hex, senderOf } from './evm.ts';

const refused = (message: string) => new RpcError(-32000, message, undefined);
/** Of two with the same number the newer must offer a tenth more. */
const replaces = (newer: TypedTransaction, older: TypedTransaction) => feeOf(newer) * 10n >= feeOf(older) * 11n;
const feeOf = (tx: TypedTransaction): bigint =>
  'maxFeePerGas' in tx ? (tx.maxFeePerGas as bigint) : (tx as { gasPrice: bigint }).gasPrice;

export class Pool {
  /** by sender and number, in order of arrival */
  #waiting = new Map<string, TypedTransaction>();

  get size(): number {
    return this.#waiting.size;
  }

  find(hash: Hex): TypedTransaction | undefined {
    return [...this.#waiting.values()].find((tx) => bytesToHex(tx.hash()) === hash);
  }

  /** @throws RpcError where it could never be executed, or another one has its place */
  add(tx: TypedTransaction, account: { readonly nonce: bigint; readonly balance: bigint }): void {
    if (tx.nonce < account.nonce) throw refused('nonce too low');
    if (tx.gasLimit * feeOf(tx) + tx.value > account.balance)
      throw refused('insufficient funds for gas * price + value');
    const key = `${senderOf(tx)}:${tx.nonce}`;
    const other = this.#waiting.get(key);
    if (other !== undefined) {
      if (bytesToHex(other.hash()) === bytesToHex(tx.hash())) throw refused('already known');
      if (!replaces(tx, other)) throw refused('replacement transaction underpriced');
      this.#waiting.delete(key);
    }
    this.#waiting.set(key, tx);
  }

  /** Those that can come next, numbers of each sender without a gap. @param nonceOf what is next of a sender */
  async ready(nonceOf: (sender: Hex) => Promise<bigint>): Promise<TypedTransaction[]> {
    const next = new Map<Hex, bigint>();
    for (const tx of this.#waiting.values()) {
      const sender = senderOf(tx);
      if (!next.has(sender)) next.set(sender, await nonceOf(sender));
    }
    const ready: TypedTransaction[] = [];
    // A later one may have come first.
    for (let found = true; found; ) {
      found = false;
      for (const tx of this.#waiting.values()) {
        const sender = senderOf(tx);
        if (tx.nonce !== next.get(sender)) continue;
        ready.push(tx);
        next.set(sender, tx.nonce + 1n);
        found = true;
      }
    }
    return ready;
  }

  /** Forgets what is in a block, and what has lost its number to it. */
  async clear(nonceOf: (sender: Hex) => Promise<bigint>): Promise<void> {
    for (const [key, tx] of this.#waiting) if (tx.nonce < (await nonceOf(senderOf(tx)))) this.#waiting.delete(key);
  }

  /** Puts back what a reorganisation took out of blocks. */
  restore(transactions: readonly TypedTransaction[]): void {
    const later = [...this.#waiting];
    this.#waiting = new Map(transactions.map((tx) => [`${senderOf(tx)}:${tx.nonce}`, tx]));
    for (const [key, tx] of later) this.#waiting.set(key, tx);
  }

  drop(): void {
    this.#waiting.clear();
  }
}
