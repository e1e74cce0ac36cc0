// Acknowledgement: the gateway's signed word that statements are sealed (fsynced with their bodies), or refused and
// why. One signature serves a whole group commit: it signs the root of a small Merkle tree (RFC 6962 hashing) whose
// leaves are the answers to one message each, so that senders learn nothing about each other.
import { equalBytes } from '../bytes.ts';
import { bytes, type Infer, integer, list, oneOf, optional, payload, record } from '../cbor/schema.ts';
import { FormatError, type Refusal, refusals } from '../errors.ts';
import type { PublicKey } from '../keys.ts';
import { limits } from '../limits.ts';
import { leafHash } from '../tlog/merkle.ts';
import { rootFromInclusionProof } from '../tlog/verify.ts';
import { parseStatement, verifyStatement } from './statement.ts';

const answer = record({
  /** Statement id; of a statement that could not be parsed, SHA-256 of its bytes. */
  id: bytes(32),
  verdict: oneOf('sealed', 'duplicate', 'refused'),
  reason: optional(oneOf(...(Object.keys(refusals) as Refusal[]))),
  /** Leaf index in the log, where sealed. */
  index: optional(integer()),
  retryAfterMs: optional(integer()),
  /** The chain as the log has it: every `seq` of `epoch` up to `contiguousSeq` is sealed; -1 for none. */
  epoch: optional(integer()),
  contiguousSeq: optional(integer(-1)),
  /** Something odd about the chain that did not prevent sealing. */
  flag: optional(oneOf('gap', 'reordered', 'fork', 'clone')),
});
/** What became of one statement. */
export type Answer = Infer<typeof answer>;

/** The answers to the statements of one message, in their order. */
export const answersPayload = payload('answers', list(answer, limits.deliveriesPerMessageMax));

const envelope = payload(
  'acknowledgement',
  record({
    answers: bytes({ max: limits.messageBytesMax }),
    position: integer(),
    count: integer(1),
    path: list(bytes(32), 32),
    /** COSE_Sign1 of kind acknowledgement; its payload is the root. */
    signed: bytes({ max: 2_048 }),
  }),
);
export const encodeAcknowledgement = envelope.encode;

/**
 * Reads and verifies an acknowledgement. A device discards a queued reading only on one of these.
 *
 * @param message the bytes received
 * @param gateway the key the device was given for its gateway
 * @returns the answers to the statements of one message
 * @throws FormatError `malformed` or `bad-signature`
 */
export function verifyAcknowledgement(message: Uint8Array, gateway: PublicKey): Answer[] {
  const parts = envelope.decode(message);
  const signed = parseStatement(parts.signed);
  const root = rootFromInclusionProof(parts.position, parts.count, leafHash(parts.answers), parts.path);
  if (root === undefined || signed.header.kind !== 'acknowledgement' || !equalBytes(root, signed.payload))
    throw new FormatError('malformed', 'The acknowledgement does not belong to its signed root.');
  if (!verifyStatement(signed, gateway))
    throw new FormatError('bad-signature', 'The acknowledgement is not signed by this gateway.');
  return answersPayload.decode(parts.answers);
}
