// An agreement as the contract knows it follows from its terms alone, so that anyone computes its id.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { networkIdOnChain } from '../payloads/network.ts';
import { type Agreement, LISTED_MAX, partyOf, policyHash } from '../payloads/policy.ts';
import { originHash } from './anchor.ts';
import { typedDataDigest } from './eip712.ts';
import { ZERO_HASH } from './intent.ts';
import { addressWord, bytesOf, type Hex, hexOf, uintWord } from './words.ts';

/** What is agreed, as the contract has it; its EIP-712 digest is the agreement's id. Its interface says what fields mean. */
export type OnChainTerms = {
  readonly network: Hex;
  readonly settler: Hex;
  readonly termsHash: Hex;
  readonly token: Hex;
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly obligationMax: bigint;
  readonly settleWithin: bigint;
  readonly window: bigint;
  readonly holdMax: bigint;
  readonly payAfterHold: boolean;
  readonly arbiter: Hex;
  readonly registrar: Hex;
  readonly residuary: Hex;
  readonly bond: bigint;
  readonly threshold: number;
  /** ascending */
  readonly deciders: readonly Hex[];
  /** keccak256 of the logs' origins */
  readonly origins: readonly Hex[];
  readonly parties: readonly Hex[];
  readonly salt: Hex;
};

const NOBODY: Hex = `0x${'00'.repeat(20)}`;

/** The contract's form of an agreement. */
export function chainTerms(agreement: Agreement): OnChainTerms {
  const { money, deciders, period, origins, registrar } = agreement;
  return {
    network: networkIdOnChain(agreement.network),
    settler: money.contract as Hex,
    termsHash: hexOf(policyHash(agreement)),
    token: money.token as Hex,
    validFrom: BigInt(Math.floor(period.startMs / 1000)),
    // Obligations begin before it.
    validUntil: BigInt(Math.ceil(period.endMs / 1000)),
    // Begins are rounded down and ends up: the longest obligation may take a second more there.
    obligationMax: BigInt(money.obligationMaxS) + 1n,
    settleWithin: BigInt(money.settleWithinS),
    window: BigInt(money.disputeWindowS),
    holdMax: BigInt(money.holdMaxS),
    payAfterHold: money.afterHold === 'pay',
    arbiter: agreement.arbiter as Hex,
    registrar: (registrar as Hex | undefined) ?? NOBODY,
    // What the agreement still holds at its end goes back to whom it came from.
    residuary: partyOf(agreement, 'payer').address as Hex,
    bond: BigInt(money.contestBond ?? 0),
    threshold: deciders.quorum,
    deciders: deciders.list.map(({ address }) => address as Hex).sort(),
    origins: origins.map(originHash),
    parties: listedAccounts(agreement),
    salt: ZERO_HASH,
  };
}

/** Accounts that the contract lists: the parties', and those of lines where there is room for all; others the registrar admits. */
export function listedAccounts({ parties, accounts = [] }: Agreement): Hex[] {
  const all = [...parties, ...accounts].map(({ address }) => address as Hex);
  return all.length <= LISTED_MAX ? all : all.slice(0, parties.length);
}

const TERMS_TYPE =
  'Terms(bytes32 network,address settler,bytes32 termsHash,address token,uint64 validFrom,uint64 validUntil,' +
  'uint64 obligationMax,uint64 settleWithin,uint64 window,uint64 holdMax,bool payAfterHold,address arbiter,' +
  'address registrar,address residuary,uint128 bond,uint16 threshold,address[] deciders,bytes32[] origins,' +
  'address[] parties,bytes32 salt)';
const TERMS_TYPEHASH = keccak_256(toUtf8(TERMS_TYPE));

/**
 * EIP-712 digest of terms: the agreement's id, which parties sign in their authorizations.
 *
 * @param chainId of the chain on which the contract is
 * @param contract that keeps the terms
 * @returns 32 bytes as hex
 */
export function termsDigest(chainId: bigint, contract: Hex, terms: OnChainTerms): Hex {
  const addresses = (all: readonly Hex[]) => keccak_256(concatBytes(...all.map((one) => addressWord('address', one))));
  const uint64 = (name: string, value: bigint) => uintWord(name, value, 64);
  const structHash = keccak_256(
    concatBytes(
      TERMS_TYPEHASH,
      bytesOf('network', terms.network, 32),
      addressWord('settler', terms.settler),
      bytesOf('termsHash', terms.termsHash, 32),
      addressWord('token', terms.token),
      uint64('validFrom', terms.validFrom),
      uint64('validUntil', terms.validUntil),
      uint64('obligationMax', terms.obligationMax),
      uint64('settleWithin', terms.settleWithin),
      uint64('window', terms.window),
      uint64('holdMax', terms.holdMax),
      uintWord('payAfterHold', terms.payAfterHold ? 1n : 0n, 8),
      addressWord('arbiter', terms.arbiter),
      addressWord('registrar', terms.registrar),
      addressWord('residuary', terms.residuary),
      uintWord('bond', terms.bond, 128),
      uintWord('threshold', BigInt(terms.threshold), 16),
      addresses(terms.deciders),
      keccak_256(concatBytes(...terms.origins.map((origin) => bytesOf('origin', origin, 32)))),
      addresses(terms.parties),
      bytesOf('salt', terms.salt, 32),
    ),
  );
  return typedDataDigest({ chainId, verifyingContract: contract }, structHash);
}

/** The id of an agreement on the chain, `0x` hex. @param contract that keeps terms: `chain.terms` of the network document */
export function agreementId(agreement: Agreement, contract: Hex): Hex {
  return termsDigest(BigInt(agreement.money.chainId), contract, chainTerms(agreement));
}
