// Calls of the contracts, as data: what the outbox keeps and sends.

import type { Hex, Intent } from '@trine/protocol';
import { encodeFunctionData } from 'viem';
import {
  type Call,
  type Contracts,
  checkpointsAbi,
  directSettlementAbi,
  fiatTokenAbi,
  registryAbi,
} from './contracts.ts';

/** Where a leaf stands in an anchored tree; hashes as hex. */
export type Inclusion = {
  readonly originHash: Hex;
  readonly index: bigint;
  readonly size: bigint;
  readonly root: Hex;
  readonly path: readonly Hex[];
};

/** Assurance of a key, in the contract's numbers. */
export const KEY_CLASSES = { hardware: 1, software: 2, gateway: 3, imported: 4, simulated: 5 } as const;
export type KeyClass = keyof typeof KEY_CLASSES;

/**
 * Records a checkpoint.
 *
 * @param checkpoint origin, size and root, the consistency proof from the last anchored one (empty for the first) and
 * the members' signatures over its digest, sorted by signer
 */
export function anchorCall(
  contracts: Contracts,
  checkpoint: {
    readonly origin: string;
    readonly size: bigint;
    readonly root: Hex;
    readonly consistency: readonly Hex[];
    readonly signatures: readonly Hex[];
  },
): Call {
  const { origin, size, root, consistency, signatures } = checkpoint;
  const args = [origin, size, root, consistency, signatures] as const;
  return { to: contracts.checkpoints, data: encodeFunctionData({ abi: checkpointsAbi, functionName: 'anchor', args }) };
}

/** An intent as the contracts' interface takes it: small numbers are numbers there. */
export function forContract(intent: Intent): Omit<Intent, 'rowCount'> & { readonly rowCount: number } {
  return { ...intent, rowCount: Number(intent.rowCount) };
}

function payment(functionName: 'settle' | 'announce') {
  return (intent: Intent, signatures: readonly Hex[], proof: Inclusion): Call => {
    const args = [forContract(intent), signatures, proof] as const;
    // The intent names the contract that settles it.
    return { to: intent.settler, data: encodeFunctionData({ abi: directSettlementAbi, functionName, args }) };
  };
}

/** Settles an intent: one that was announced once its window has passed, or at once where there is no window. */
export const settleCall: (intent: Intent, signatures: readonly Hex[], proof: Inclusion) => Call = payment('settle');

/** Verifies an intent, reserves its money, and starts its window. Signatures sorted by signer. */
export const announceCall: (intent: Intent, signatures: readonly Hex[], proof: Inclusion) => Call = payment('announce');

/** Announces an intent in the place of one that is pending, and starts its window anew. */
export function supersedeCall(pending: Intent, intent: Intent, signatures: readonly Hex[], proof: Inclusion): Call {
  const args = [forContract(pending), forContract(intent), signatures, proof] as const;
  return {
    to: intent.settler,
    data: encodeFunctionData({ abi: directSettlementAbi, functionName: 'supersede', args }),
  };
}

/** Creates money for a deposit. @param paymentReference 32 bytes that mint once */
export function mintCall(contracts: Contracts, to: Hex, amount: bigint, paymentReference: Hex): Call {
  const args = [to, amount, paymentReference] as const;
  return { to: contracts.token, data: encodeFunctionData({ abi: fiatTokenAbi, functionName: 'mint', args }) };
}

/** Lets an account take money of the caller's, as before a deposit. */
export function approveCall(contracts: Contracts, spender: Hex, amount: bigint): Call {
  const args = [spender, amount] as const;
  return { to: contracts.token, data: encodeFunctionData({ abi: fiatTokenAbi, functionName: 'approve', args }) };
}

/** Enters a signing key of the calling member. @param keyId, subject SHA-256 each */
export function registerKeyCall(contracts: Contracts, keyId: Hex, subject: Hex, keyClass: KeyClass): Call {
  const args = [keyId, subject, KEY_CLASSES[keyClass]] as const;
  return { to: contracts.registry, data: encodeFunctionData({ abi: registryAbi, functionName: 'registerKey', args }) };
}

/** Ends a signing key of the calling member, for good. */
export function revokeKeyCall(contracts: Contracts, keyId: Hex): Call {
  const args = [keyId] as const;
  return { to: contracts.registry, data: encodeFunctionData({ abi: registryAbi, functionName: 'revokeKey', args }) };
}
