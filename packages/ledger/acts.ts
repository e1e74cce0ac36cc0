// Acts of parties and arbiters as calls of the contracts: signed, so that anybody may submit them, or sent by the account
// itself. And what needs nobody's signature.
import { type Act, actDigest, type Hex, type Intent, type PositionProof, RULINGS, ZERO_HASH } from '@trine/protocol';
import { encodeFunctionData } from 'viem';
import { forContract } from './calls.ts';
import { accountsAbi, batchSettlementAbi, type Call, type Contracts, directSettlementAbi } from './contracts.ts';

/** The sender is the account: nobody else could hold the act back until later. */
export const NEVER: bigint = 2n ** 64n - 1n;
const UNSIGNED = { signer: '0x', signature: '0x' } as const;
const NO_PERMIT = { deadline: 0n, v: 0, r: ZERO_HASH, s: ZERO_HASH } as const;

/** An EIP-2612 permit for the amount of a deposit. */
export type SignedPermit = { readonly deadline: bigint; readonly signature: Hex };

/** What an act needs besides itself. */
export type ActProof = {
  /** 65 bytes of the account's ECDSA key over {@link digestOf}; absent: the account sends it itself */
  readonly signature?: Hex | undefined;
  /** of a deposit, in place of an approval sent before */
  readonly permit?: SignedPermit | undefined;
  /** that `hold` and `rule` name by its digest */
  readonly intent?: Intent | undefined;
  /** the contract that settles the agreement the act is about; default: entry by entry. Both take these acts alike */
  readonly settler?: Hex | undefined;
  /** that a `claim` rests on, under the root that is everybody's now */
  readonly position?: PositionProof | undefined;
  /** the registrar's signature, of an `authorize` by an account that the terms do not list */
  readonly admission?: Hex | undefined;
};

type Where = Pick<Contracts, 'accounts' | 'direct'>;

/** The contract that takes an act. */
function contractOf(contracts: Where, { kind }: Act, settler = contracts.direct): Hex {
  return kind === 'deposit' || kind === 'withdraw' ? contracts.accounts : settler;
}

/** What the account signs, 32 bytes as hex. @param settler as in {@link ActProof} */
export function digestOf(chainId: bigint, contracts: Where, act: Act, settler?: Hex): Hex {
  return actDigest(act, { chainId, verifyingContract: contractOf(contracts, act, settler) });
}

/**
 * The call that does an act.
 * @throws RangeError where `hold` or `rule` come without their intent, or `claim` without its position
 */
export function actCall(contracts: Where, act: Act, given: ActProof = {}): Call {
  const { signature, permit, intent, settler, admission, position } = given;
  const proof = proofOf(signature);
  const to = contractOf(contracts, act, settler);
  const direct = { abi: directSettlementAbi };
  switch (act.kind) {
    case 'deposit': {
      const args = [act, permit === undefined ? NO_PERMIT : permitParts(permit), proof] as const;
      return { to, data: encodeFunctionData({ abi: accountsAbi, functionName: 'deposit', args }) };
    }
    case 'withdraw':
      return { to, data: encodeFunctionData({ abi: accountsAbi, functionName: 'withdraw', args: [act, proof] }) };
    case 'authorize':
      return {
        to,
        data: encodeFunctionData({ ...direct, functionName: 'authorize', args: [act, proof, proofOf(admission)] }),
      };
    case 'revoke':
      return { to, data: encodeFunctionData({ ...direct, functionName: 'revoke', args: [act, proof] }) };
    case 'claim': {
      if (position === undefined) throw new RangeError('The position that the claim rests on is missing.');
      const args = [act, position, proof] as const;
      return { to, data: encodeFunctionData({ abi: batchSettlementAbi, functionName: 'claim', args }) };
    }
    case 'contest':
      return { to, data: encodeFunctionData({ abi: batchSettlementAbi, functionName: 'contest', args: [act, proof] }) };
    case 'rule-contest':
      return {
        to,
        data: encodeFunctionData({ abi: batchSettlementAbi, functionName: 'ruleContest', args: [act, proof] }),
      };
    case 'hold':
      return {
        to,
        data: encodeFunctionData({ ...direct, functionName: 'hold', args: [act, aboutOf(intent), proof] }),
      };
    case 'rule': {
      const args = [{ ...act, ruling: RULINGS[act.ruling] }, aboutOf(intent), proof] as const;
      return { to, data: encodeFunctionData({ ...direct, functionName: 'rule', args }) };
    }
  }
}

function proofOf(signature: Hex | undefined): { readonly signer: Hex; readonly signature: Hex } {
  return signature === undefined ? UNSIGNED : { signer: '0x', signature };
}

function permitParts({ deadline, signature }: SignedPermit) {
  const part = (from: number, to: number): Hex => `0x${signature.slice(2 + 2 * from, 2 + 2 * to)}`;
  return { deadline, v: Number(part(64, 65)), r: part(0, 32), s: part(32, 64) };
}

function aboutOf(intent: Intent | undefined) {
  if (intent === undefined) throw new RangeError('The intent that the act is about is missing.');
  return forContract(intent);
}

/** Returns what is left of a lock, once no obligation that it covers can be announced any more. Anyone may call. */
export function releaseCall(contracts: Pick<Contracts, 'direct'>, agreement: Hex, account: Hex): Call {
  const args = [agreement, account] as const;
  return {
    to: contracts.direct,
    data: encodeFunctionData({ abi: directSettlementAbi, functionName: 'release', args }),
  };
}

function ofIntent(functionName: 'endHold' | 'expire') {
  return (intent: Intent): Call => ({
    to: intent.settler,
    data: encodeFunctionData({ abi: directSettlementAbi, functionName, args: [forContract(intent)] }),
  });
}

/** Ends a hold on which nobody ruled in time, as the terms say. Anyone may call. */
export const endHoldCall: (intent: Intent) => Call = ofIntent('endHold');

/** Frees what a pending intent reserved that was not paid in time. Anyone may call. */
export const expireCall: (intent: Intent) => Call = ofIntent('expire');
