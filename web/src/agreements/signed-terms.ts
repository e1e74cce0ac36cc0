// A party's signature over terms: the agreement's id is reckoned here, from the terms that the page shows.
import { type Agreement, agreementId, type Hex, signDigest, TrineError } from '@trine/protocol';
import { ask } from '../api/client.ts';
import type { SigningView } from '../api/types.ts';
import type { OwnKey } from './own-key.ts';

/**
 * @returns the signature, 65 bytes as `0x` hex
 * @throws TrineError where the node names another agreement than these terms make
 */
export async function signedTerms({ draft, agreement }: SigningView, { key }: OwnKey): Promise<Hex> {
  const { chain } = await ask((api) => api.GET('/network.json'));
  const id = agreementId(draft as unknown as Agreement, chain.terms as Hex);
  if (id !== `0x${agreement}`)
    throw new TrineError('not-proven', 'The node names another agreement than these terms make: do not sign it.');
  return signDigest(id, key);
}
