// Consent: a party signed an agreement. What it signs is the agreement's id on the chain, the EIP-712 digest of its terms:
// any wallet shows them, and a hash of the whole policy stands among them.

import { equalBytes } from '../bytes.ts';
import { bytes, type Codec, type Infer, oneOf, payload, record } from '../cbor/schema.ts';
import { recoverAddress } from '../evm/secp256k1.ts';
import { hexOf } from '../evm/words.ts';
import { type Agreement, partyOf, partyRole } from './policy.ts';

const consent = record({
  trine: oneOf('consent/1'),
  /** Hash of the agreement. */
  policy: bytes(32),
  /** Its id on the chain: what is signed. */
  agreement: bytes(32),
  /** As whom. */
  role: partyRole,
  /** By the account that the agreement names for the role: secp256k1, `r ‖ s ‖ v`. */
  signature: bytes(65),
});
export type Consent = Infer<typeof consent>;
export const consentPayload: Codec<Consent> = payload('consent', consent);

/**
 * Did the party sign the agreement?
 * @param id of the agreement on the chain, reckoned from its terms
 * @returns why not, in words; undefined where it did
 */
export function consentRefusal(
  { agreement, role, signature }: Pick<Consent, 'agreement' | 'role' | 'signature'>,
  policy: Agreement,
  id: Uint8Array,
): string | undefined {
  if (!equalBytes(agreement, id)) return 'The consent is to other terms.';
  if (!policy.parties.some((party) => party.role === role)) return `The agreement has no ${role}.`;
  return signedBy(id, signature) === partyOf(policy, role).address
    ? undefined
    : `The signature is not by the account of the ${role}.`;
}

/** @param digest 32 bytes @returns the account that signed it, undefined where it is no signature */
export function signedBy(digest: Uint8Array, signature: Uint8Array): string | undefined {
  try {
    return recoverAddress(hexOf(digest), hexOf(signature));
  } catch {
    return undefined;
  }
}
