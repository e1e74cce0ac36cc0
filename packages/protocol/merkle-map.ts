// A sorted Merkle map: one root over key-value pairs, with short proofs that a key has a value, or that it has none.
// The leaves of an RFC 6962 tree are the pairs in the order of their keys' UTF-8 bytes.
import { compareBytes, equalBytes, toUtf8 } from './bytes.ts';
import { encodeCbor } from './cbor/cbor.ts';
import { bytes, type Infer, integer, list, optional, record, text } from './cbor/schema.ts';
import { FormatError } from './errors.ts';
import { emptyRoot, inclusionProof, leafHash, memoryTree, treeRoot } from './tlog/merkle.ts';
import { verifyInclusion } from './tlog/verify.ts';

/** Number of keys and root: with both, nothing can be hidden at the end. */
export const mapCommitment = record({ count: integer(0, 10_000_000), root: bytes(32) });
export type MapCommitment = Infer<typeof mapCommitment>;

const member = record({ key: text(128), value: bytes(32), index: integer(), path: list(bytes(32), 32) });
/** A key with its value; or, where the key is not there, the keys next to its place on both sides. */
export const mapProof = record({ member: optional(member), before: optional(member), after: optional(member) });
export type MapProof = Infer<typeof mapProof>;
type Member = Infer<typeof member>;

function sorted(map: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...map]
    .map(([key, value]) => ({ key, value, bytes: toUtf8(key) }))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ key, value }) => [key, value]);
}

function hashOf(key: string, value: Uint8Array): Uint8Array {
  return leafHash(encodeCbor([key, value]));
}

/**
 * @param map keys of at most 128 characters to 32 bytes each
 * @example commitMap(new Map([['meter/1', sha256(body)]])).count // 1
 */
export function commitMap(map: ReadonlyMap<string, Uint8Array>): MapCommitment {
  const hashes = sorted(map).map(([key, value]) => hashOf(key, value));
  return {
    count: hashes.length,
    root: hashes.length === 0 ? emptyRoot() : treeRoot(hashes.length, memoryTree(hashes)),
  };
}

/** Proves what a map holds under a key, or that it holds nothing there. */
export function proveMap(map: ReadonlyMap<string, Uint8Array>, key: string): MapProof {
  const pairs = sorted(map);
  const tree = memoryTree(pairs.map(([name, value]) => hashOf(name, value)));
  const at = (index: number): Member | undefined => {
    const pair = pairs[index];
    return pair && { key: pair[0], value: pair[1], index, path: inclusionProof(index, pairs.length, tree) };
  };
  const wanted = toUtf8(key);
  const place = pairs.findIndex(([name]) => compareBytes(toUtf8(name), wanted) >= 0);
  if (place >= 0 && pairs[place]?.[0] === key) return { member: at(place) as Member };
  const [before, after] = place < 0 ? [at(pairs.length - 1), undefined] : [at(place - 1), at(place)];
  return { ...(before && { before }), ...(after && { after }) };
}

/**
 * What a map holds under a key.
 *
 * @returns 32 bytes, or undefined where the proof shows that there is nothing
 * @throws FormatError `malformed` when the proof shows neither
 */
export function readMapProof(commitment: MapCommitment, key: string, proof: MapProof): Uint8Array | undefined {
  const check = (one: Member): Member => {
    if (!verifyInclusion(one.index, commitment.count, hashOf(one.key, one.value), one.path, commitment.root))
      throw new FormatError('malformed', `The proof of ${key} does not lead to the root.`);
    return one;
  };
  if (proof.member) {
    if (proof.before || proof.after || proof.member.key !== key)
      throw new FormatError('malformed', `The proof is of ${proof.member.key}, not of ${key}.`);
    return check(proof.member).value;
  }
  if (commitment.count === 0) {
    if (proof.before || proof.after || !equalBytes(commitment.root, emptyRoot()))
      throw new FormatError('malformed', 'The map is empty, the proof is not.');
    return undefined;
  }
  const wanted = toUtf8(key);
  const before = proof.before && check(proof.before);
  const after = proof.after && check(proof.after);
  const isBetween =
    (before === undefined || compareBytes(toUtf8(before.key), wanted) < 0) &&
    (after === undefined || compareBytes(wanted, toUtf8(after.key)) < 0);
  const isNext = (after?.index ?? commitment.count) - (before?.index ?? -1) === 1;
  if (!isBetween || !isNext) throw new FormatError('malformed', `The proof does not show that ${key} is absent.`);
  return undefined;
}
