// Network document: who the members are, which logs and contracts count. Sealed by its founder as the first leaf of
// the log; handed to a verifier beforehand (pinned), it is the root of all trust.
import { fromUtf8, toHex, toUtf8 } from '../bytes.ts';
import { type Infer, integer, list, oneOf, optional, record, text } from '../cbor/schema.ts';
import { sha256 } from '../crypto.ts';
import { FormatError } from '../errors.ts';
import { canonicalJson } from '../jcs.ts';

const didKeyText = text(80, /^did:key:z[1-9A-HJ-NP-Za-km-z]+$/);
const address = text(42, /^0x[0-9a-f]{40}$/);

const network = record({
  trine: oneOf('network/1'),
  id: text(38, /^trine:[0-9a-f]{32}$/),
  name: text(100),
  founded: text(24, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  members: list(
    record({
      name: text(100),
      /** Signs statements: enrolments, agreements, decisions. */
      key: didKeyText,
      /** Signs anchors and intents (secp256k1). */
      address,
      logs: list(record({ origin: text(200, /^[^\s+]+$/), vkey: text(400, /^[^\s]+$/) }), 8),
    }),
    64,
  ),
  /** Members who must agree that a checkpoint is final and what a block said. */
  quorum: integer(1, 64),
  chain: record({
    id: integer(1),
    /** `practice`: the embedded chain of one installation; nothing is promised of it. */
    kind: oneOf('practice', 'evm'),
    registry: address,
    checkpoints: address,
    /** Balances and locks of all parties. */
    accounts: address,
    /** Terms of all agreements. */
    terms: address,
    /** Settles entry by entry, and in batches. */
    direct: address,
    batch: address,
    tokens: list(record({ address, currency: text(3, /^[A-Z]{3}$/), decimals: integer(0, 4) }), 16),
  }),
  /** SHA-256 of the verifier that the founder hands out as one file, hex. */
  verifier: optional(text(64, /^[0-9a-f]{64}$/)),
});
export type NetworkDocument = Infer<typeof network>;

/**
 * Writes a network document as canonical JSON (RFC 8785).
 * @throws FormatError when a field is missing or wrong
 */
export function encodeNetwork(document: NetworkDocument): Uint8Array {
  return toUtf8(canonicalJson(check(document)));
}

/** Reads canonical JSON. @throws FormatError `malformed` */
export function decodeNetwork(bytes: Uint8Array): NetworkDocument {
  const document = parseNetwork(fromUtf8(bytes));
  if (canonicalJson(document) !== fromUtf8(bytes))
    throw new FormatError('malformed', 'The network document is not canonical JSON (RFC 8785).');
  return document;
}

/** Reads a network document from a file's text, however it is laid out. @throws FormatError `malformed` */
export function parseNetwork(json: string): NetworkDocument {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new FormatError('malformed', 'The network document is not JSON.');
  }
  return check(value);
}

function check(value: unknown): NetworkDocument {
  const document = network.check(value, 'network');
  if (document.members.length === 0 || document.quorum > document.members.length)
    throw new FormatError('malformed', 'network.quorum: more than there are members.');
  return document;
}

/**
 * The id of a network, fixed at its founding.
 * @param founding name, time and first members' keys
 * @returns `trine:` and 32 hex digits
 */
export function networkId(founding: { name: string; founded: string; keys: readonly string[] }): string {
  return `trine:${toHex(sha256(toUtf8(canonicalJson(founding))).subarray(0, 16))}`;
}

/** The id as the contracts know it: SHA-256 of its text, `0x` hex. */
export function networkIdOnChain(id: string): `0x${string}` {
  return `0x${toHex(sha256(toUtf8(id)))}`;
}
