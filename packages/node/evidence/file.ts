// The evidence file itself: what it is made of, and those who speak in it.
import type { Log } from '@trine/log/types.ts';
import { plainMapping } from '@trine/mapping/message/mapping.ts';
import { encodeRaw } from '@trine/mapping/message/raw.ts';
import {
  type BatchPart,
  canonicalJson,
  decodeLeaf,
  type Evidence,
  type EvidenceLog,
  encodeEvidence,
  FormatError,
  openDisclosure,
  parseStatement,
  proofRanges,
  type ReceiptProof,
  readOrigin,
  statementKinds,
  TrineError,
  toHex,
  toUtf8,
} from '@trine/protocol';
import type { Origins } from '../connectors/origins.ts';
import type { Sources } from '../decide/inputs.ts';
import type { Payment } from '../settle/settler.ts';

/** What was asked for is not there, or not yet. */
export class NoEvidenceError extends TrineError {
  override readonly name = 'NoEvidenceError';
  constructor(message: string, code: 'not-found' | 'not-yet' | 'erased' | 'unsupported' = 'not-found') {
    super(code, message);
  }
}

export interface WriteOptions extends Sources {
  readonly log: Log;
  /** Messages and mappings that readings were made of. */
  readonly origins?: Pick<Origins, 'message' | 'mapping'> | undefined;
}

/** What an evidence file is made of, besides the leaves of those who speak in it. */
export interface Parts {
  readonly leaves: readonly number[];
  /** Leaves that only show a fork: their bodies are not needed. */
  readonly bare?: readonly number[];
  /** Leaves of which only the arrival is shown. */
  readonly arrivals?: readonly number[];
  readonly heads?: NonNullable<Evidence['heads']>;
  readonly inputs?: NonNullable<Evidence['inputs']>;
  readonly states?: NonNullable<Evidence['states']>;
  readonly salts?: NonNullable<Evidence['salts']>;
  readonly row?: NonNullable<Evidence['row']>;
  readonly batch?: BatchPart;
}

/** The network document and every enrolment and revocation of the keys that speak. */
async function identityLeaves(
  { store, log, keyDirectory }: WriteOptions,
  leaves: readonly number[],
): Promise<number[]> {
  const rows = await store.query<{ leaf: number; kind: number; subject: string }>(
    'SELECT leaf, kind, subject FROM statements JOIN sequences USING (sequence) WHERE kind IN ($1, $2, $3) ORDER BY leaf',
    [statementKinds.enrolment, statementKinds['key-status'], statementKinds.network],
  );
  const issuers = new Set<string>();
  for (const index of leaves) {
    const leaf = decodeLeaf(log.read(index));
    if (leaf.kind === 'statement') issuers.add(parseStatement(leaf.statement).header.issuer);
  }
  const keyOwners = new Set([...issuers].map((issuer) => keyDirectory.get(issuer)?.keyOwner));
  const networks = rows.filter(({ kind }) => kind === statementKinds.network).slice(0, 1);
  const about = rows.filter(({ kind, subject }) => kind !== statementKinds.network && keyOwners.has(subject));
  return [...networks, ...about].map(({ leaf }) => leaf);
}

/** Writes the file: the leaves with their proof, the bodies that it takes, and everything else. */
export async function write(
  options: WriteOptions,
  about: Evidence['about'],
  { leaves: needed, arrivals: atCut = [], bare = [], ...parts }: Parts,
  payment?: Payment,
): Promise<Uint8Array> {
  const { log } = options;
  const known = new Set([...needed, ...(await identityLeaves(options, needed))]);
  const spoken = [...known];
  const arrivals = atCut.filter((index) => !known.has(index));
  const indexes = [...spoken, ...arrivals].sort((a, b) => a - b);
  const checkpoint = await log.waitForCheckpoint((indexes.at(-1) as number) + 1);
  const leaves = indexes.map((index) => ({ index, leaf: log.read(index) }));
  const proof: Uint8Array[] = [];
  for (const [from, to] of proofRanges(indexes, checkpoint.size)) proof.push(await log.subtreeRoot(from, to));
  const bodies = disclosures(leaves, options, [...arrivals, ...bare]);
  const sources = sourcesOf(leaves, bodies, options);
  const evidence: Evidence = {
    trine: 'evidence/1',
    about,
    logs: [
      {
        checkpoint: checkpoint.note,
        leaves,
        proof,
        ...(arrivals.length > 0 && { arrivals }),
        bodies,
      },
    ],
    ...parts,
    ...(sources && { sources }),
    ...(payment && (await paymentParts(log, checkpoint.size, payment))),
  };
  try {
    return encodeEvidence(evidence);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new NoEvidenceError(
      `It takes more than one file holds (${error.message}): ask for that of one line, or of less.`,
      'unsupported',
    );
  }
}

function disclosures(
  leaves: EvidenceLog['leaves'],
  { bodies }: WriteOptions,
  left: readonly number[],
): EvidenceLog['bodies'] {
  const without = new Set(left);
  return leaves.flatMap(({ index, leaf }) => {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind !== 'statement' || without.has(index)) return [];
    if (!parseStatement(decoded.statement).header.sealed) return [];
    const disclosure = bodies.read(index);
    if (disclosure === undefined)
      throw new NoEvidenceError(
        `The readings of leaf ${index} were erased: that they were sealed can be shown, what they said cannot.`,
        'erased',
      );
    return [{ index, disclosure: Uint8Array.from(disclosure) }];
  });
}

/** So much of messages is handed along; beyond, the gateway's word stands. */
const MESSAGES_BYTES_MAX = 4_194_304;

/** Mappings and messages of the packs whose bodies are there, as far as they are kept. */
function sourcesOf(
  leaves: EvidenceLog['leaves'],
  disclosed: EvidenceLog['bodies'],
  { origins }: WriteOptions,
): Evidence['sources'] {
  if (origins === undefined) return undefined;
  const packs = new Set(leaves.filter(({ leaf }) => isPack(leaf)).map(({ index }) => index));
  const mappings = new Map<string, Uint8Array>();
  const messages = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const { index, disclosure } of disclosed) {
    const origin = packs.has(index) ? readOrigin(openDisclosure(disclosure)) : undefined;
    const mapping = origin && origins.mapping(toHex(origin.mapping));
    const message = origin && origins.message(origin.raw);
    if (origin === undefined || mapping === undefined || message === undefined) continue;
    const raw = encodeRaw(message);
    bytes += raw.length;
    if (bytes > MESSAGES_BYTES_MAX) break;
    mappings.set(toHex(origin.mapping), toUtf8(canonicalJson(plainMapping(mapping))));
    messages.set(toHex(origin.raw), raw);
  }
  if (messages.size === 0) return undefined;
  const sorted = (of: ReadonlyMap<string, Uint8Array>) =>
    [...of].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return { mappings: sorted(mappings), messages: sorted(messages) };
}

function isPack(bytes: Uint8Array): boolean {
  const leaf = decodeLeaf(bytes);
  return leaf.kind === 'statement' && parseStatement(leaf.statement).header.kind === 'pack';
}

async function paymentParts(
  log: Log,
  size: number,
  { anchored, settlement, signatures }: Payment,
): Promise<Pick<Evidence, 'anchor' | 'settlement' | 'signatures'>> {
  if (!anchored || !settlement) throw new NoEvidenceError('The payment is not made yet.', 'not-yet');
  return {
    anchor: {
      size: anchored.size,
      root: anchored.root,
      consistency: await log.consistencyProof(anchored.size, size),
      receipt: receipt(anchored.proof),
    },
    settlement: { receipt: receipt(settlement) },
    signatures: [...signatures],
  };
}

function receipt({ headerRlp, txIndex, proofNodes }: ReceiptProof): NonNullable<Evidence['settlement']>['receipt'] {
  return { header: headerRlp, finality: { tag: 'members' }, transaction: txIndex, nodes: [...proofNodes] };
}
