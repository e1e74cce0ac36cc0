// The contracts of one network: where they are and how to speak to them.
import { accountsAbi } from '@trine/contracts/artifacts/Accounts.ts';
import { agreementTermsAbi } from '@trine/contracts/artifacts/AgreementTerms.ts';
import { batchSettlementAbi } from '@trine/contracts/artifacts/BatchSettlement.ts';
import { checkpointsAbi } from '@trine/contracts/artifacts/Checkpoints.ts';
import { directSettlementAbi } from '@trine/contracts/artifacts/DirectSettlement.ts';
import { fiatTokenAbi } from '@trine/contracts/artifacts/FiatToken.ts';
import { registryAbi } from '@trine/contracts/artifacts/Registry.ts';
import type { Hex } from '@trine/protocol';
import { type Abi, decodeErrorResult } from 'viem';
import { LedgerError, type Revert } from './errors.ts';

export {
  accountsAbi,
  agreementTermsAbi,
  batchSettlementAbi,
  checkpointsAbi,
  directSettlementAbi,
  fiatTokenAbi,
  registryAbi,
};

/** Addresses in lower-case hex. */
export type Contracts = {
  readonly registry: Hex;
  readonly checkpoints: Hex;
  /** balances and locks of all parties */
  readonly accounts: Hex;
  /** terms of all agreements */
  readonly terms: Hex;
  /** settles entry by entry */
  readonly direct: Hex;
  /** settles in batches */
  readonly batch: Hex;
  readonly token: Hex;
  /** the block from which their events are searched */
  readonly fromBlock: bigint;
};

/** One call of a contract. */
export type Call = { readonly to: Hex; readonly data: Hex };

const ERRORS: Abi = [
  ...[...accountsAbi, ...agreementTermsAbi, ...directSettlementAbi, ...batchSettlementAbi],
  ...[...checkpointsAbi, ...fiatTokenAbi, ...registryAbi],
].filter((entry) => entry.type === 'error');

/** Refusals that time, or another transaction, may lift. */
const PASSING = new Set([
  ...['TooEarly', 'NotYet', 'NotAnchored', 'OnHold', 'OtherIntentPending', 'NotConsistent', 'BatchUnderWay'],
  // More can be deposited, authorised, or admitted.
  ...['BalanceTooLow', 'AboveLimit', 'NotCovered', 'NotAParty', 'NoSuchAgreement'],
]);

/**
 * Reads what a contract answered when it refused a call, out of the error of a JSON-RPC request.
 *
 * @returns undefined when the request failed for another reason (the chain did not answer, a fee was too low, …)
 */
export function revertOf(error: unknown): Revert | undefined {
  const { data, message } = error as { data?: unknown; message?: string };
  const hex = typeof data === 'string' ? data : (data as { data?: unknown } | undefined)?.data;
  if (typeof hex !== 'string' || !/^0x[0-9a-fA-F]*$/.test(hex)) {
    return message?.includes('revert') ? { name: 'reverted', args: [], data: '0x' } : undefined;
  }
  try {
    const { errorName, args } = decodeErrorResult({ abi: ERRORS, data: hex as Hex });
    return { name: errorName, args: args ?? [], data: hex as Hex };
  } catch {
    return { name: 'reverted', args: [], data: hex as Hex };
  }
}

/** The error for a refused call, saying whether to try again. */
export function refusalOf(revert: Revert): LedgerError {
  const facts = revert.args.map((arg) => readable(arg)).join(', ');
  const message = `The contract refused the call: ${revert.name}(${facts}).`;
  return new LedgerError('call-refused', message, PASSING.has(revert.name) ? 'later' : 'never', { revert });
}

/** Names of fields come as 32 bytes of ASCII. */
function readable(arg: unknown): string {
  if (typeof arg !== 'string' || !/^0x[0-9a-f]{64}$/.test(arg)) return String(arg);
  const text = Buffer.from(arg.slice(2), 'hex').toString('latin1').replace(/\0+$/, '');
  return /^[A-Za-z]{3,}$/.test(text) ? text : arg;
}
