// Account: whose line of an agreement is settled out of which account on the chain, said by the account itself. So thousands
// join an agreement whose terms name none of them.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes, fromHex, toUtf8 } from '../bytes.ts';
import { bytes, type Codec, type Infer, oneOf, payload, record, text } from '../cbor/schema.ts';
import { typedDataDigest } from '../evm/eip712.ts';
import { bytesOf, type Hex, hexOf } from '../evm/words.ts';
import { signedBy } from './consent.ts';
import { type Agreement, address } from './policy.ts';

const lineAccount = record({
  trine: oneOf('account/1'),
  /** Hash of the agreement. */
  policy: bytes(32),
  /** Its id on the chain. */
  agreement: bytes(32),
  /** Of the line; the subject of the statement. */
  key: text(128),
  /** Out of which, and into which, the line is settled. */
  address,
  /** The account's own, over {@link lineAccountDigest}: secp256k1, `r ‖ s ‖ v`. */
  signature: bytes(65),
});
export type LineAccount = Infer<typeof lineAccount>;
export const accountPayload: Codec<LineAccount> = payload('account', lineAccount);

/** EIP-712 encodeType. */
export const LINE_ACCOUNT_TYPE = 'LineAccount(bytes32 agreement,string key)';
const TYPEHASH = keccak_256(toUtf8(LINE_ACCOUNT_TYPE));

/**
 * What an account signs to settle a line (EIP-712, verifying contract: the one that settles the agreement).
 * @param agreement its id on the chain, 32 bytes
 * @param key of the line
 * @returns 32 bytes as hex
 */
export function lineAccountDigest(
  agreement: Uint8Array,
  key: string,
  { chainId, contract }: { readonly chainId: number; readonly contract: string },
): Hex {
  const structHash = keccak_256(
    concatBytes(TYPEHASH, bytesOf('agreement', hexOf(agreement), 32), keccak_256(toUtf8(key))),
  );
  return typedDataDigest({ chainId: BigInt(chainId), verifyingContract: contract as Hex }, structHash);
}

/**
 * May this account settle the line? Whether the line has one already is asked elsewhere: the first counts.
 * @param issuer did:key that hands it in
 * @param id of the agreement on the chain, reckoned from its terms
 * @returns why not, in words; undefined where it may
 */
export function lineAccountRefusal(
  { agreement, key, address: account, signature }: Omit<LineAccount, 'trine' | 'policy'>,
  issuer: string,
  policy: Agreement,
  id: Uint8Array,
): string | undefined {
  if (policy.joining === undefined) return 'The terms themselves name the accounts of lines: no others join.';
  if (!policy.joining.by.includes(issuer)) return 'The terms let other members hand in the accounts of lines.';
  if (!equalBytes(agreement, id)) return 'The account is one of other terms.';
  if (policy.parties.some((party) => party.address === account || party.role === key) || key === 'escrow')
    return 'A line has another name and another account than the parties.';
  return signedBy(fromHex(lineAccountDigest(id, key, policy.money)), signature) === account
    ? undefined
    : 'The signature is not by the account itself.';
}

/** Accounts of lines by their keys, as statements say them. */
export type Joined = ReadonlyMap<string, Hex>;

/**
 * Of what was said in the order in which it counts: the first account of each line, and of each account the first line.
 * Nothing changes it later, else whoever hands it in could turn a line's money to another account.
 */
export function firstAccounts(said: Iterable<Pick<LineAccount, 'key' | 'address'>>): Map<string, Hex> {
  const accounts = new Map<string, Hex>();
  const taken = new Set<string>();
  for (const { key, address: account } of said) {
    if (accounts.has(key) || taken.has(account)) continue;
    accounts.set(key, account as Hex);
    taken.add(account);
  }
  return accounts;
}
