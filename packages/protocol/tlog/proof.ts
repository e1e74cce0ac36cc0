// C2SP tlog-proof: the offline proof that a leaf is in a log, as text (https://c2sp.org/tlog-proof).
import { countOf } from '../words.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { SignedCheckpoint } from './checkpoint.ts';
import { parseSignedCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import type { Cosignature } from './cosignature.ts';
import { verifyCosignatures } from './cosignature.ts';
import { assertIndex, parseDecimal, TlogError } from './errors.ts';
import { HASH_SIZE, leafHash } from './merkle.ts';
import type { VerifierKey } from './verifier-key.ts';
import { verifyInclusion } from './verify.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 leaves is 53 levels high. */
const PROOF_HASHES_MAX = 53;

/** The parts of a proof; nothing about them is verified. */
export interface TlogProof {
  /** Unauthenticated data of the application. */
  readonly extra?: Uint8Array;
  readonly index: number;
  /** Hashes of 32 bytes from the leaf's sibling up. */
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Writes a proof.
 *
 * @throws TlogError when the index is unsafe
 * @example formatProof({ index: 3, hashes, checkpoint }) // 'c2sp.org/tlog-proof@v1\nindex 3\n…'
 */
export function formatProof(proof: TlogProof): string {
  assertIndex(proof.index, 'index');
  const extra = proof.extra === undefined ? '' : `extra ${toBase64(proof.extra)}\n`;
  const hashes = proof.hashes.map((hash) => `${toBase64(hash)}\n`).join('');
  return `${HEADER}\n${extra}index ${proof.index}\n${hashes}\n${proof.checkpoint.note}`;
}

/**
 * Takes a proof apart strictly. {@link verifyProof} also checks it.
 *
 * @param text the whole proof
 * @throws TlogError when it is not exactly in the format
 */
export function parseProof(text: string): TlogProof {
  const split = text.indexOf('\n\n');
  if (split < 0) throw new TlogError('Proof: no blank line before the checkpoint.');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== HEADER) throw new TlogError(`Proof: expected the first line ${HEADER}.`);
  const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift()!.slice(6), 'proof extra') : undefined;
  const index = lines.shift();
  if (index === undefined || !index.startsWith('index ')) throw new TlogError('Proof: expected an index line.');
  if (lines.length > PROOF_HASHES_MAX) throw new TlogError(`Proof: more than ${PROOF_HASHES_MAX} hashes.`);
  const hashes = lines.map((line) => {
    const hash = fromBase64(line, 'proof hash');
    if (hash.length !== HASH_SIZE) throw new TlogError('Proof hash: expected 32 bytes.');
    return hash;
  });
  const checkpoint = parseSignedCheckpoint(text.slice(split + 2));
  const parsed = { index: parseDecimal(index.slice(6), 'proof index'), hashes, checkpoint };
  return extra === undefined ? parsed : { ...parsed, extra };
}

/**
 * Verifies that a leaf is in the log: the log's signature, enough witnesses, and the leaf's inclusion. (Inclusion is
 * not correctness: it proves that the leaf was recorded, not that it is right.)
 *
 * @param text the whole proof
 * @param leaf the bytes of the leaf
 * @param trust the log's key; witnesses and how many of them must have cosigned (none by default)
 * @returns the proof with the cosignatures that hold
 * @throws TlogError naming the first thing that does not hold
 */
export function verifyProof(
  text: string,
  leaf: Uint8Array,
  trust: { logKey: VerifierKey; witnesses?: readonly VerifierKey[]; quorum?: number },
): TlogProof & { cosignatures: Cosignature[] } {
  const proof = parseProof(text);
  verifyCheckpoint(proof.checkpoint.note, trust.logKey);
  const cosignatures = verifyCosignatures(proof.checkpoint.note, trust.witnesses ?? []);
  const quorum = trust.quorum ?? 0;
  if (cosignatures.length < quorum) {
    throw new TlogError(
      `Proof: cosigned by ${countOf(cosignatures.length, 'trusted witness', 'trusted witnesses')}, expected ${quorum}.`,
    );
  }
  const { size, root } = proof.checkpoint;
  if (!verifyInclusion(proof.index, size, leafHash(leaf), proof.hashes, root)) {
    throw new TlogError(
      `Proof: the leaf is not at index ${proof.index} of the log of ${countOf(size, 'leaf', 'leaves')}.`,
    );
  }
  return { ...proof, cosignatures };
}
