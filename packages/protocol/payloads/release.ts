// Release: what the gate held, a decision or one line of it, is paid by hand, or dropped: by as many deciders as a payment
// needs, or by all parties. Whoever reads it needs nobody's word, and a report says that it was by hand.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, fromHex, toUtf8 } from '../bytes.ts';
import { bytes, type Codec, type Infer, list, oneOf, optional, payload, record, text } from '../cbor/schema.ts';
import { typedDataDigest } from '../evm/eip712.ts';
import { bytesOf, type Hex, hexOf } from '../evm/words.ts';
import { countOf } from '../words.ts';
import { signedBy } from './consent.ts';
import type { Decision, Row } from './decision.ts';
import { type Agreement, movesMoney, type Policy } from './policy.ts';

const release = record({
  trine: oneOf('release/1'),
  /** Hash of the agreement. */
  policy: bytes(32),
  /** The decision that is held. */
  decision: bytes(32),
  /** Key of the one line of it that is meant; absent: all of the decision that is held. */
  row: optional(text(128, /./s)),
  ruling: oneOf('pay', 'drop'),
  /** Why, in the words of whoever hands it in. */
  reason: text(200),
  /** Over {@link releaseDigest}, each by another account: `r ‖ s ‖ v`. */
  signatures: list(bytes(65), 32),
});
export type Release = Infer<typeof release>;
export const releasePayload: Codec<Release> = payload('release', release);

/** EIP-712 encodeType. */
export const RELEASE_TYPE = 'Release(bytes32 agreement,bytes32 decision,string row,string ruling)';
const TYPEHASH = keccak_256(toUtf8(RELEASE_TYPE));

/**
 * What a decider or a party signs to release or to drop what is held (EIP-712, verifying contract: the one that settles). Where
 * all of the decision is meant the row is empty: what is signed for one line counts for no other, nor for all.
 * @param agreement its id on the chain, 32 bytes
 * @param decision its id, 32 bytes
 * @returns 32 bytes as hex
 */
export function releaseDigest(
  agreement: Uint8Array,
  { decision, row = '', ruling }: Pick<Release, 'decision' | 'row' | 'ruling'>,
  { chainId, contract }: { readonly chainId: number; readonly contract: string },
): Hex {
  const structHash = keccak_256(
    concatBytes(
      TYPEHASH,
      bytesOf('agreement', hexOf(agreement), 32),
      bytesOf('decision', hexOf(decision), 32),
      keccak_256(toUtf8(row)),
      keccak_256(toUtf8(ruling)),
    ),
  );
  return typedDataDigest({ chainId: BigInt(chainId), verifyingContract: contract as Hex }, structHash);
}

/**
 * Who released or dropped it?
 * @param id of the agreement on the chain
 * @returns in words; undefined where those who signed are not enough
 */
export function releasedBy(
  given: Omit<Release, 'trine' | 'reason'>,
  policy: Agreement,
  id: Uint8Array,
): string | undefined {
  const digest = fromHex(releaseDigest(id, given, policy.money));
  const signers = new Set(given.signatures.map((signature) => signedBy(digest, signature)));
  const deciders = policy.deciders.list.filter(({ address }) => signers.has(address));
  const { quorum } = policy.deciders;
  if (new Set(deciders.map(({ address }) => address)).size >= quorum) return countOf(quorum, 'decider');
  return policy.parties.every(({ address }) => signers.has(address))
    ? policy.parties.map(({ name }) => name).join(' and ')
    : undefined;
}

/**
 * May this release or drop what is held?
 * @returns why not, in words; undefined where it may
 */
export function releaseRefusal(given: Release, policy: Policy, id: Uint8Array | undefined): string | undefined {
  if (!movesMoney(policy) || id === undefined) return 'A monitor moves no money: there is nothing to release.';
  const digest = fromHex(releaseDigest(id, given, policy.money));
  const known = [...policy.deciders.list, ...policy.parties].map(({ address }) => address);
  const stranger = given.signatures.find((signature) => !known.includes(signedBy(digest, signature) ?? ''));
  if (stranger) return 'A signature is by no decider and no party of the agreement, or over something else.';
  return releasedBy(given, policy, id)
    ? undefined
    : `It takes the signatures of ${policy.deciders.quorum} of the deciders, or of all parties.`;
}

/**
 * What a held decision orders once it is released: the same, as if the gate had let it pass.
 * @param lines of which alone this is so, by key: what is common to all stays as it was; absent: of all that is held
 */
export function released<D extends Pick<Decision, 'outcome' | 'gate'>>(
  decision: D,
  rows: ReadonlyMap<string, Row> = new Map(),
  lines?: ReadonlySet<string>,
): { decision: D; rows: ReadonlyMap<string, Row> } {
  const passed = <O extends Pick<Decision, 'outcome' | 'gate'>>(one: O): O =>
    one.outcome === 'hold' ? { ...one, outcome: 'pay', gate: { ...one.gate, verdict: 'pass' } } : one;
  const passing = [...rows].map(
    ([key, row]) => [key, lines === undefined || lines.has(key) ? passed(row) : row] as const,
  );
  const common =
    lines === undefined
      ? passed(decision)
      : withLines(
          decision,
          passing.some(([, { outcome }]) => outcome === 'pay'),
        );
  return { decision: common, rows: new Map(passing) };
}

/** A decision pays where one of its lines does. */
function withLines<D extends Pick<Decision, 'outcome'>>(decision: D, isPaying: boolean): D {
  return isPaying && decision.outcome === 'hold' ? { ...decision, outcome: 'pay' } : decision;
}
