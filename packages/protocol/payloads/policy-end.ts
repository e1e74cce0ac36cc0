// The end of a policy before its time: obligations that begin later do not arise. What has begun is decided, and paid.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, fromHex, toUtf8 } from '../bytes.ts';
import { bytes, type Codec, type Infer, integer, oneOf, optional, payload, record, text } from '../cbor/schema.ts';
import { typedDataDigest } from '../evm/eip712.ts';
import type { Hex } from '../evm/words.ts';
import { bytesOf, hexOf, uintWord } from '../evm/words.ts';
import { signedBy } from './consent.ts';
import { movesMoney, type Policy, partyOf, partyRole } from './policy.ts';

const policyEnd = record({
  trine: oneOf('policy-end/1'),
  /** Hash of the policy. */
  policy: bytes(32),
  /** Obligations that begin then or later do not arise, nor do those that begin after this statement arrived. */
  fromMs: integer(),
  /** Why, in the words of whoever ends it. */
  reason: text(200),
  /** Of an agreement: the party that ends it, and its signature over {@link policyEndDigest}. */
  by: optional(record({ role: partyRole, signature: bytes(65) })),
});
export type PolicyEnd = Infer<typeof policyEnd>;
export const policyEndPayload: Codec<PolicyEnd> = payload('policy end', policyEnd);

/** EIP-712 encodeType. */
export const POLICY_END_TYPE = 'AgreementEnd(bytes32 agreement,uint64 fromMs)';
const TYPEHASH = keccak_256(toUtf8(POLICY_END_TYPE));

/**
 * What a party signs to end an agreement (EIP-712, verifying contract: the one that settles it).
 * @param agreement its id on the chain, 32 bytes
 * @returns 32 bytes as hex
 */
export function policyEndDigest(
  agreement: Uint8Array,
  fromMs: number,
  { chainId, contract }: { readonly chainId: number; readonly contract: string },
): Hex {
  const structHash = keccak_256(
    concatBytes(TYPEHASH, bytesOf('agreement', hexOf(agreement), 32), uintWord('fromMs', BigInt(fromMs), 64)),
  );
  return typedDataDigest({ chainId: BigInt(chainId), verifyingContract: contract as Hex }, structHash);
}

/**
 * May this end the policy? A monitor any member ends, an agreement one of its parties.
 * @param id of an agreement on the chain
 * @returns why not, in words; undefined where it may
 */
export function policyEndRefusal(
  { fromMs, by }: PolicyEnd,
  policy: Policy,
  id: Uint8Array | undefined,
): string | undefined {
  if (!movesMoney(policy)) return by ? 'A monitor has no parties.' : undefined;
  if (by === undefined || id === undefined) return 'An agreement ends by the word of one of its parties.';
  if (!policy.parties.some(({ role }) => role === by.role)) return `The agreement has no ${by.role}.`;
  const digest = fromHex(policyEndDigest(id, fromMs, policy.money));
  return signedBy(digest, by.signature) === partyOf(policy, by.role).address
    ? undefined
    : `The signature is not by the account of the ${by.role}.`;
}
