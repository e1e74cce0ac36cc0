// Statement: what an issuer signs. COSE_Sign1 (RFC 9052) with CWT claims in the header (RFC 9597), a hash envelope
// (RFC 9995) where the body is sealed, and one private header for the hash chain. docs/reference/statement.md is the
// specification; vectors/statement.json holds golden bytes.
import { type AssuranceClass, assuranceClasses, type ClockQuality, clockQualities } from '../assurance.ts';
import { concatBytes, equalBytes } from '../bytes.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import { CborReader } from '../cbor/reader.ts';
import { sha256 } from '../crypto.ts';
import { FormatError } from '../errors.ts';
import { type Algorithm, algorithms, didKey, keyId, type PublicKey, verifySignature } from '../keys.ts';
import { kindOfCode, type StatementKind, statementKinds } from '../kinds.ts';
import { limits } from '../limits.ts';

/** COSE header labels. `trine` is from the private-use range of the IANA registry (below -65536). */
const label = {
  alg: 1,
  crit: 2,
  contentType: 3,
  kid: 4,
  cwtClaims: 15,
  payloadHashAlg: 258,
  preimageContentType: 259,
  trine: -65_537,
} as const;
const SHA_256 = -16;

const clockNames = invert(clockQualities);
const classNames = invert(assuranceClasses);

function invert<K extends string>(table: Record<K, number>): readonly (K | undefined)[] {
  const names: (K | undefined)[] = [];
  for (const [name, value] of Object.entries<number>(table)) names[value] = name as K;
  return names;
}

export interface StatementHeader {
  readonly algorithm: Algorithm;
  /** Of the body, also where the body is sealed: a CoAP Content-Format number or a media type. */
  readonly contentType: number | string;
  readonly keyId: Uint8Array;
  /** did:key of the key that signs. */
  readonly issuer: string;
  /** The thing spoken of; stable when keys change. */
  readonly subject: string;
  /** Network id (CWT `aud`). */
  readonly network: string;
  /** True: the payload is a salted commitment to the body. False: the payload is the body. */
  readonly sealed: boolean;
  /** `unknown`: of a later release. Admission refuses it, readers pass over it. */
  readonly kind: StatementKind | 'unknown';
  readonly kindCode: number;
  /** Hash chain: a higher epoch starts after lost state; `seq` counts up within an epoch. */
  readonly epoch: number;
  readonly seq: number;
  /** Id of the statement before; absent only where `seq` is 0 and nothing earlier is known to the issuer. */
  readonly prev?: Uint8Array;
  readonly clock: ClockQuality;
  readonly class: AssuranceClass;
  /** Newest checkpoint the issuer knew. */
  readonly seen?: { readonly size: number; readonly root: Uint8Array };
  readonly supersedes?: Uint8Array;
  /**
   * Event time in milliseconds: in what follows in this sequence the issuer speaks of no time before it, but to replace
   * what it said. It is the issuer's own word; who breaks it is late, and shown to be.
   */
  readonly low?: number;
}

export interface Statement {
  readonly header: StatementHeader;
  /** Body, or 32 bytes of commitment where `header.sealed`. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** SHA-256 of the Sig_structure: the same for every valid signature over the same content. */
  readonly id: Uint8Array;
  /** The whole COSE_Sign1 as received. */
  readonly bytes: Uint8Array;
  /** What the signature is over (RFC 9052 §4.4). */
  readonly toBeSigned: Uint8Array;
}

/** What an issuer decides about a statement; the rest of the header follows from the key. */
export interface StatementContent
  extends Omit<StatementHeader, 'algorithm' | 'keyId' | 'issuer' | 'sealed' | 'kind' | 'kindCode'> {
  readonly kind: StatementKind;
  readonly sealed?: boolean;
  readonly payload: Uint8Array;
}

/** Signs with one key. The private part never leaves the implementation. */
export interface Signer {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

const SUBJECT = /^[A-Za-z0-9][A-Za-z0-9:._~/-]*$/;

/** Is this a subject: 1 to 128 of `A-Z a-z 0-9 : . _ ~ / -`, starting with a letter or digit (a URN, usually)? */
export function isSubject(text: string): boolean {
  return text.length <= limits.subjectCharsMax && SUBJECT.test(text);
}

function encodeProtected(key: PublicKey, content: StatementContent): Uint8Array {
  const claims = new Map<number, unknown>([
    [1, didKey(key)],
    [2, content.subject],
    [3, content.network],
  ]);
  const trine = new Map<number, unknown>([
    [1, 1],
    [2, statementKinds[content.kind]],
    [3, content.epoch],
    [4, content.seq],
  ]);
  if (content.prev) trine.set(5, content.prev);
  trine.set(6, clockQualities[content.clock]);
  trine.set(7, assuranceClasses[content.class]);
  if (content.seen) trine.set(8, [content.seen.size, content.seen.root]);
  if (content.supersedes) trine.set(9, content.supersedes);
  if (content.low !== undefined) trine.set(10, content.low);
  const header = new Map<number, unknown>([
    [label.alg, key.algorithm],
    [label.crit, [label.trine]],
  ]);
  if (!content.sealed) header.set(label.contentType, content.contentType);
  header.set(label.kid, keyId(key));
  header.set(label.cwtClaims, claims);
  if (content.sealed) header.set(label.payloadHashAlg, SHA_256).set(label.preimageContentType, content.contentType);
  header.set(label.trine, trine);
  return encodeCbor(header);
}

const SIG_STRUCTURE_HEAD = concatBytes(Uint8Array.of(0x84), encodeCbor('Signature1'));
const EMPTY_BYTES = Uint8Array.of(0x40);

function sigStructure(protectedItem: Uint8Array, payloadItem: Uint8Array): Uint8Array {
  return concatBytes(SIG_STRUCTURE_HEAD, protectedItem, EMPTY_BYTES, payloadItem);
}

/**
 * Builds and signs a statement.
 *
 * @param signer one key
 * @param content kind, subject, place in the hash chain, payload (for a sealed body: see `detachBody`)
 * @returns the statement, `bytes` being the COSE_Sign1 to send
 * @throws FormatError when the result would be refused by {@link parseStatement}
 * @example const statement = await signStatement(signer, { kind: 'pack', subject: 'urn:dev:x', network, epoch: 0,
 *   seq: 0, clock: 'synchronised', class: 'software', contentType: contentTypes.senmlCbor, payload: body })
 */
export async function signStatement(signer: Signer, content: StatementContent): Promise<Statement> {
  const protectedItem = encodeCbor(encodeProtected(signer.publicKey, content));
  const payloadItem = encodeCbor(content.payload);
  const signature = await signer.sign(sigStructure(protectedItem, payloadItem));
  const bytes = concatBytes(
    Uint8Array.of(0xd2, 0x84),
    protectedItem,
    Uint8Array.of(0xa0),
    payloadItem,
    encodeCbor(signature),
  );
  return parseStatement(bytes);
}

/**
 * Parses a statement and computes its id. Only form is checked here: {@link verifyStatement} checks the signature.
 *
 * @param bytes one tagged COSE_Sign1; the result keeps views of it
 * @returns also for a kind not known here: `header.kind` is then `unknown`
 * @throws FormatError `too-large`, `malformed` or `unsupported-version`
 */
export function parseStatement(bytes: Uint8Array): Statement {
  if (bytes.length > limits.statementBytesMax)
    throw new FormatError(
      'too-large',
      `A statement has at most ${limits.statementBytesMax} bytes; got ${bytes.length}.`,
    );
  const reader = new CborReader(bytes, 'statement');
  if (reader.tag() !== 18 || reader.list() !== 4) reader.fail('should be a tagged COSE_Sign1');
  const protectedStart = reader.at;
  const header = reader.byteString();
  const protectedItem = bytes.subarray(protectedStart, reader.at);
  if (header.length > limits.protectedHeaderBytesMax)
    throw new FormatError('too-large', `A header has at most ${limits.protectedHeaderBytesMax} bytes.`);
  if (reader.map() !== 0) reader.fail('should have an empty unprotected header');
  const payloadStart = reader.at;
  const payload = reader.byteString();
  const payloadItem = bytes.subarray(payloadStart, reader.at);
  const signature = reader.byteString(64);
  reader.end();
  const toBeSigned = sigStructure(protectedItem, payloadItem);
  const parsed = parseHeader(header);
  if (parsed.sealed && payload.length !== 32) reader.fail('should commit to a sealed body with 32 bytes');
  return { header: parsed, payload, signature, id: sha256(toBeSigned), bytes, toBeSigned };
}

function parseHeader(bytes: Uint8Array): StatementHeader {
  const reader = new CborReader(bytes, 'statement header');
  const entries = reader.map();
  expectKey(reader, label.alg);
  const algorithm = reader.integer();
  if (algorithm !== algorithms.Ed25519 && algorithm !== algorithms.ESP256)
    reader.fail('should name the algorithm Ed25519 (-19) or ESP256 (-9)');
  expectKey(reader, label.crit);
  if (reader.list() !== 1 || reader.integer() !== label.trine) reader.fail(`should mark ${label.trine} alone critical`);
  let next = reader.integer();
  let contentType: number | string | undefined;
  if (next === label.contentType) {
    contentType = readContentType(reader);
    next = reader.integer();
  }
  if (next !== label.kid) reader.fail('should have the key id (4) here');
  const kid = reader.byteString(8);
  expectKey(reader, label.cwtClaims);
  if (reader.map() !== 3) reader.fail('should have the claims iss, sub and aud');
  expectKey(reader, 1);
  const issuer = reader.name();
  expectKey(reader, 2);
  const subject = reader.name();
  if (!isSubject(subject)) reader.fail('has a subject with characters that may not be used');
  expectKey(reader, 3);
  const network = reader.name();
  const sealed = contentType === undefined;
  if (sealed) {
    expectKey(reader, label.payloadHashAlg);
    if (reader.integer() !== SHA_256) reader.fail('should commit with SHA-256 (-16)');
    expectKey(reader, label.preimageContentType);
    contentType = readContentType(reader);
  }
  expectKey(reader, label.trine);
  if (entries !== (sealed ? 7 : 6)) reader.fail('has headers that are not known');
  const chain = parseTrineHeader(reader);
  reader.end();
  return {
    algorithm: algorithm as Algorithm,
    contentType: contentType as number | string,
    keyId: kid,
    issuer,
    subject,
    network,
    sealed,
    ...chain,
  };
}

function expectKey(reader: CborReader, key: number): void {
  if (reader.integer() !== key) reader.fail(`should have the key ${key} here`);
}

function readContentType(reader: CborReader): number | string {
  return reader.major() === 3 ? reader.text() : reader.unsigned();
}

type ChainHeader = Pick<
  StatementHeader,
  'kind' | 'kindCode' | 'epoch' | 'seq' | 'prev' | 'clock' | 'class' | 'seen' | 'supersedes' | 'low'
>;

function parseTrineHeader(reader: CborReader): ChainHeader {
  const entries = reader.map();
  expectKey(reader, 1);
  const version = reader.unsigned();
  if (version !== 1)
    throw new FormatError('unsupported-version', `Statement version ${version} is not known here; this is version 1.`);
  expectKey(reader, 2);
  const kindCode = reader.unsigned();
  expectKey(reader, 3);
  const epoch = reader.unsigned();
  expectKey(reader, 4);
  const seq = reader.unsigned();
  let read = 6;
  let next = reader.integer();
  let prev: Uint8Array | undefined;
  if (next === 5) {
    prev = reader.byteString(32);
    next = reader.integer();
    read++;
  } else if (seq !== 0) reader.fail('should name the statement before (prev)');
  if (next !== 6) reader.fail('should have the clock quality (6) here');
  const clock = clockNames[reader.unsigned()] ?? reader.fail('has an unknown clock quality');
  expectKey(reader, 7);
  const assurance = classNames[reader.unsigned()] ?? reader.fail('has an unknown class');
  let seen: { size: number; root: Uint8Array } | undefined;
  let supersedes: Uint8Array | undefined;
  let low: number | undefined;
  while (read < entries) {
    next = reader.integer();
    if (next === 8 && !seen && !supersedes && low === undefined) {
      if (reader.list() !== 2) reader.fail('should have a size and a root in `seen`');
      seen = { size: reader.unsigned(), root: reader.byteString(32) };
    } else if (next === 9 && !supersedes && low === undefined) supersedes = reader.byteString(32);
    else if (next === 10 && low === undefined) low = reader.unsigned();
    else reader.fail('has fields that are not known');
    read++;
  }
  if (read !== entries) reader.fail('lacks fields');
  return {
    kind: kindOfCode(kindCode),
    kindCode,
    epoch,
    seq,
    ...(prev && { prev }),
    clock,
    class: assurance,
    ...(seen && { seen }),
    ...(supersedes && { supersedes }),
    ...(low !== undefined && { low }),
  };
}

/**
 * Checks that the header names this key and that its signature is over this content.
 *
 * @param statement a parsed statement
 * @param key the enrolled key of `statement.header.issuer`
 */
export function verifyStatement(statement: Statement, key: PublicKey): boolean {
  const { header } = statement;
  return (
    header.algorithm === key.algorithm &&
    equalBytes(header.keyId, keyId(key)) &&
    header.issuer === didKey(key) &&
    verifySignature(key, statement.toBeSigned, statement.signature)
  );
}
