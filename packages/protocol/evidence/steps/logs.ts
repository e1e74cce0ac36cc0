// The steps of the logs: whose they are, and that everything in the file stands in them.
import { equalBytes } from '../../bytes.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import { decodeLeaf } from '../../statement/leaf.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../../tlog/checkpoint.ts';
import { verifyCosignatures } from '../../tlog/cosignature.ts';
import { rootFromMultiproof } from '../../tlog/multiproof.ts';
import { parseNote } from '../../tlog/note.ts';
import { parseVerifierKey, type VerifierKey } from '../../tlog/verifier-key.ts';
import { countOf, plural } from '../../words.ts';
import type { Contents } from '../contents.ts';
import type { Evidence, EvidenceLog } from '../format.ts';
import { StepError } from '../report.ts';

type Found<T> = { readonly value: T; readonly detail: string };

/** @param witnesses whose cosignatures count @throws StepError, TlogError */
export function findCheckpoints(
  { logs }: Evidence,
  contents: Contents,
  network: NetworkDocument,
  witnesses: readonly VerifierKey[],
): Found<ReadonlyMap<string, SignedCheckpoint>> {
  const details: string[] = [];
  const checkpoints = new Map<string, SignedCheckpoint>();
  for (const [i, { checkpoint: note }] of logs.entries()) {
    const origin = contents.origins[i] as string;
    const { member, key } = keyOf(network, origin);
    const checkpoint = verifyCheckpoint(note, key);
    if (checkpoints.has(origin)) throw new StepError(`The log ${origin} stands twice in the file.`);
    checkpoints.set(origin, checkpoint);
    const size = countOf(checkpoint.size, 'leaf', 'leaves');
    details.push(`${size}, kept by ${member.name}${cosignedBy(note, witnesses)}`);
  }
  return { value: checkpoints, detail: details.join('; ') };
}

function keyOf({ members }: NetworkDocument, origin: string) {
  for (const member of members)
    for (const { vkey } of member.logs) {
      const key = parseVerifierKey(vkey);
      if (key.name === origin) return { member, key };
    }
  throw new StepError(`No member of the network keeps a log ${origin}.`);
}

/** Signatures of those whom nobody here knows are passed over, and said to be. */
function cosignedBy(note: string, witnesses: readonly VerifierKey[]): string {
  const known = verifyCosignatures(note, witnesses);
  const signatures = parseNote(note).signatures.length - 1;
  const isKnown = ({ name, keyId }: VerifierKey) =>
    known.some(({ witness }) => witness.name === name && witness.keyId === keyId);
  const byKnown = parseNote(note).signatures.filter((one) => isKnown(one as unknown as VerifierKey)).length;
  const others = signatures - byKnown;
  const seen = known.length > 0 ? `; cosigned by ${known.map(({ witness }) => witness.name).join(', ')}` : '';
  if (others === 0) return seen;
  return `${seen}; ${others} other ${plural(others, 'signature was', 'signatures were')} passed over`;
}

/** @throws StepError naming the log whose leaves do not lead to its root, or whose arrivals decrease */
export function checkInclusion(
  { logs }: Evidence,
  checkpoints: ReadonlyMap<string, SignedCheckpoint>,
): Found<undefined> {
  const details: string[] = [];
  for (const [i, checkpoint] of [...checkpoints.values()].entries()) {
    const log = logs[i] as EvidenceLog;
    const size = countOf(checkpoint.size, 'leaf', 'leaves');
    const root = rootFromMultiproof(log.leaves, checkpoint.size, log.proof);
    if (root === undefined || !equalBytes(root, checkpoint.root))
      throw new StepError(`The leaves do not lead to the root of the checkpoint of ${size}.`);
    checkArrivals(log);
    details.push(`${log.leaves.length} of ${size}, in ${checkpoint.origin}`);
  }
  return { value: undefined, detail: details.join('; ') };
}

function checkArrivals({ leaves }: EvidenceLog): void {
  let last = 0;
  for (const { index, leaf } of leaves) {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === 'intent') continue;
    if (decoded.arrivalMs < last)
      throw new StepError(
        `Leaf ${index} arrived before the leaves in front of it: no log that is kept rightly says so.`,
      );
    last = decoded.arrivalMs;
  }
}
