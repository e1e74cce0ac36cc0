// Acts: what a party or an arbiter does with its money, signed (EIP-712) so that anybody may submit it. The same structs
// as in the contracts Accounts, DirectSettlement and BatchSettlement.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { type TypedDataDomain, typedDataDigest } from './eip712.ts';
import { addressWord, bytesOf, type Hex, hexOf, uintWord } from './words.ts';

/** Of every act. Addresses and 32-byte values are lower-case hex. */
interface Signed {
  /** whose act it is, and who signs it, where nothing else is said */
  readonly account: Hex;
  /** any value; one that was used is refused, so that each act counts once */
  readonly nonce: bigint;
  /** seconds, inclusive; afterwards the act is worthless */
  readonly deadline: bigint;
}

/** Moves tokens of the account into its free balance. Amounts are minor units. */
export interface Deposit extends Signed {
  readonly kind: 'deposit';
  readonly token: Hex;
  readonly amount: bigint;
}

/** Moves money out of the free balance, to any address. */
export interface Withdrawal extends Signed {
  readonly kind: 'withdraw';
  readonly token: Hex;
  readonly to: Hex;
  readonly amount: bigint;
}

/** Lets an agreement take money, and locks some for it. */
export interface Authorization extends Signed {
  readonly kind: 'authorize';
  readonly agreement: Hex;
  readonly perObligation: bigint;
  /** most in one period of so many seconds, or both zero */
  readonly perPeriod: bigint;
  readonly period: bigint;
  /** locked now, out of the free balance */
  readonly amount: bigint;
  /** Obligations that end before or begin after are not covered, seconds. */
  readonly from: bigint;
  readonly until: bigint;
}

/** Ends an authorization for obligations that begin from now on. */
export interface Revocation extends Signed {
  readonly kind: 'revoke';
  readonly agreement: Hex;
}

/** Holds an announced intent. */
export interface Hold extends Signed {
  readonly kind: 'hold';
  readonly agreement: Hex;
  readonly obligation: Hex;
  readonly intent: Hex;
}

/** Rulings in the contract's numbers. */
export const RULINGS = { pay: 1, drop: 2, redecide: 3 } as const;
export type Ruling = keyof typeof RULINGS;

/** Ends a hold: the arbiter's word, or `pay` of the party that holds. */
export interface Ruled extends Signed {
  readonly kind: 'rule';
  readonly agreement: Hex;
  readonly obligation: Hex;
  readonly intent: Hex;
  readonly ruling: Ruling;
}

/** Takes out of an agreement of batches what the account has beyond its limit, or all after its notice. */
export interface Claim extends Signed {
  readonly kind: 'claim';
  readonly agreement: Hex;
  readonly amount: bigint;
}

/** Says that the account's row in a batch is wrong. */
export interface Contest extends Signed {
  readonly kind: 'contest';
  readonly agreement: Hex;
  readonly obligation: Hex;
  /** SHA-256 of what it says */
  readonly statement: Hex;
}

/** The arbiter's word on a contest, and signed by it; `account` is that of who contests. */
export interface ContestRuling extends Signed {
  readonly kind: 'rule-contest';
  readonly agreement: Hex;
  readonly obligation: Hex;
  readonly justified: boolean;
}

/** What is handed in for others to submit. */
export type Act = Deposit | Withdrawal | Authorization | Revocation | Hold | Ruled | Claim | Contest | ContestRuling;

/** What is signed for an agreement that is settled in batches; periods of authorizations are zero there. */
export type BatchAct = Authorization | Revocation | Claim | Contest | ContestRuling;

/** Names and types in the order in which they are signed. */
const STRUCTS = {
  deposit: 'Deposit(address account,address token,uint256 amount,uint256 nonce,uint256 deadline)',
  withdraw: 'Withdrawal(address account,address token,address to,uint256 amount,uint256 nonce,uint256 deadline)',
  authorize:
    'Authorization(bytes32 agreement,address account,uint128 perObligation,uint128 perPeriod,uint64 period,uint128 amount,uint64 from,uint64 until,uint256 nonce,uint256 deadline)',
  revoke: 'Revocation(bytes32 agreement,address account,uint256 nonce,uint256 deadline)',
  hold: 'Hold(bytes32 agreement,bytes32 obligation,bytes32 intent,address account,uint256 nonce,uint256 deadline)',
  rule: 'Ruled(bytes32 agreement,bytes32 obligation,bytes32 intent,uint8 ruling,address account,uint256 nonce,uint256 deadline)',
  claim: 'Claim(bytes32 agreement,address account,uint128 amount,uint256 nonce,uint256 deadline)',
  contest:
    'Contest(bytes32 agreement,bytes32 obligation,address account,bytes32 statement,uint256 nonce,uint256 deadline)',
  'rule-contest':
    'ContestRuling(bytes32 agreement,bytes32 obligation,address account,bool justified,uint256 nonce,uint256 deadline)',
} as const satisfies Readonly<Record<Act['kind'], string>>;

const PERMIT = 'Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)';

/** hashStruct of EIP-712. @param struct encodeType of fields that are addresses, 32 bytes, numbers or truths */
function structHash(struct: string, values: Readonly<Record<string, unknown>>): Uint8Array {
  const fields = struct.slice(struct.indexOf('(') + 1, -1).split(',');
  const words = fields.map((field) => {
    const [type = '', name = ''] = field.split(' ');
    if (type === 'address') return addressWord(name, values[name] as Hex);
    if (type === 'bytes32') return bytesOf(name, values[name] as Hex, 32);
    if (type === 'bool') return uintWord(name, values[name] ? 1n : 0n, 8);
    return uintWord(name, values[name] as bigint, Number(type.slice(4)));
  });
  return keccak_256(concatBytes(keccak_256(toUtf8(struct)), ...words));
}

/**
 * What the account signs (EIP-712); of `rule-contest` the arbiter.
 *
 * @param domain chain and contract: `Accounts` of deposits and withdrawals, of all others the one that settles
 * @returns 32 bytes as hex
 * @throws FormatError `malformed` naming the field that is not of its type
 */
export function actDigest(act: Act, domain: TypedDataDomain): Hex {
  const ruling = act.kind === 'rule' ? { ruling: BigInt(RULINGS[act.ruling]) } : {};
  return typedDataDigest(domain, structHash(STRUCTS[act.kind], { ...act, ...ruling }));
}

/** Lets an account take tokens of the owner, without a transaction of the owner (EIP-2612). */
export interface Permit {
  readonly owner: Hex;
  readonly spender: Hex;
  readonly value: bigint;
  /** as the token counts them */
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** What the owner signs. @param token its address and chain, and the name that it was given at its deployment */
export function permitDigest(permit: Permit, token: TypedDataDomain & { readonly name: string }): Hex {
  return typedDataDigest(token, structHash(PERMIT, { ...permit }));
}

/** An address in the form that is signed. @returns undefined where it is none */
export function addressGiven(text: string): Hex | undefined {
  return /^0x[0-9a-fA-F]{40}$/.test(text) ? hexOf(bytesOf('address', text.toLowerCase(), 20)) : undefined;
}
