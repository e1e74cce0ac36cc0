// Acknowledgement: the gateway's signed word that a statement is sealed (fsynced with its body), or refused and why.
// One signature serves a whole group commit: it signs the root of a small Merkle tree (RFC 6962 hashing) and each
// device gets its own entry with the path to that root, so devices learn nothing about each other.
import { equalBytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { FormatError, type Refusal, refusals } from './errors.ts';
import type { PublicKey } from './keys.ts';
import { bytes, type Infer, integer, list, oneOf, optional, record } from './schema.ts';
import { parseStatement, verifyStatement } from './statement.ts';
import { leafHash } from './tlog/merkle.ts';
import { rootFromInclusionProof } from './tlog/verify.ts';

const entry = record({
  /** Statement id; of a message that could not be parsed, SHA-256 of its bytes. */
  id: bytes(32),
  verdict: oneOf('sealed', 'duplicate', 'refused'),
  reason: optional(oneOf(...(Object.keys(refusals) as Refusal[]))),
  /** Leaf index in the log, where sealed. */
  index: optional(integer()),
  retryAfterMs: optional(integer()),
  /** The chain as the log has it: every `seq` of `epoch` up to this one is sealed. */
  epoch: optional(integer()),
  contiguousSeq: optional(integer()),
  /** Something odd about the chain that did not prevent sealing. */
  flag: optional(oneOf('gap', 'reordered', 'fork', 'clone')),
});
export type AcknowledgementEntry = Infer<typeof entry>;

const envelope = record({
  entry: bytes({ max: 1_024 }),
  position: integer(),
  count: integer(1),
  path: list(bytes(32), 32),
  /** COSE_Sign1 of kind acknowledgement; its payload is the root. */
  signed: bytes({ max: 2_048 }),
});

export function encodeAcknowledgementEntry(value: AcknowledgementEntry): Uint8Array {
  return encodeCbor(entry.check(value, 'acknowledgement'));
}

export function encodeAcknowledgement(value: Infer<typeof envelope>): Uint8Array {
  return encodeCbor(value);
}

/**
 * Reads and verifies an acknowledgement. A device discards a queued reading only on one of these.
 *
 * @param message the bytes received
 * @param gateway the key the device was given for its gateway
 * @throws FormatError `malformed` or `bad-signature`
 */
export function verifyAcknowledgement(message: Uint8Array, gateway: PublicKey): AcknowledgementEntry {
  const parts = envelope.check(decodeCbor(message, 'acknowledgement'), 'acknowledgement');
  const signed = parseStatement(parts.signed);
  const root = rootFromInclusionProof(parts.position, parts.count, leafHash(parts.entry), parts.path);
  if (root === undefined || signed.header.kind !== 'acknowledgement' || !equalBytes(root, signed.payload))
    throw new FormatError('malformed', 'The acknowledgement does not belong to its signed root.');
  if (!verifyStatement(signed, gateway))
    throw new FormatError('bad-signature', 'The acknowledgement is not signed by this gateway.');
  return entry.check(decodeCbor(parts.entry, 'acknowledgement'), 'acknowledgement');
}
