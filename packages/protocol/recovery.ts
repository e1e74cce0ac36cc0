// Forks and what ends them. A fork: two statements for one place of a sequence, one that follows another than the one
// before it, or an epoch that goes on after a newer one began. Nothing is paid on it until its enroller recovers it.
import type { KeyState } from './authorize.ts';
import { compareBytes, equalBytes, toHex } from './bytes.ts';
import { coversSubject } from './payloads/enrolment.ts';
import type { Recovery } from './payloads/recovery.ts';
import type { Statement } from './statement/statement.ts';

/** A place in a sequence. */
type Place = Recovery['from'];

/** A fork that stands, as the leaves before have it. */
export interface StandingFork {
  /** The newest epoch of the sequence. */
  readonly epoch: number;
  /** The first place that is doubtful. */
  readonly from: Place;
  /** Ids of the statements that nothing follows, of every side; ascending. */
  readonly heads: readonly Uint8Array[];
}

/** A recovery at its leaf. */
export interface LoggedRecovery extends Pick<Recovery, 'keyOwner' | 'from' | 'epoch'> {
  readonly subject: string;
  readonly origin: string;
  readonly index: number;
  readonly arrivalMs: number;
}

/**
 * May this member recover a sequence so? Only its enroller, with a key that is new: every other key that could still
 * speak in the sequence was revoked before, so that no clone goes on.
 *
 * @param said by whom, about which subject, at which leaf
 * @param keys all keys of the key owner, from the leaves before
 * @param fork that stands in the sequence; undefined where none does
 * @returns why not, in words; undefined where it may
 */
export function recoveryRefusal(
  { keyOwner, key, epoch, from, heads }: Recovery,
  said: { readonly issuer: string; readonly subject: string; readonly index: number },
  keys: readonly KeyState[],
  fork: StandingFork | undefined,
): string | undefined {
  const { issuer, subject, index } = said;
  const speaking = keys
    .filter((one) => one.keyOwner === keyOwner && one.enrolledAt < index && coversSubject(one.subjects, subject))
    .sort((a, b) => a.enrolledAt - b.enrolledAt);
  const isRevoked = ({ revokedAt }: KeyState) => revokedAt !== undefined && revokedAt < index;
  const [first] = speaking;
  const next = speaking.find(({ did }) => did === key);
  if (first === undefined || next === undefined || isRevoked(next))
    return 'The key that is to go on is not enrolled for this sequence.';
  if (first.owner !== issuer || next.owner !== issuer)
    return 'Only the member who enrolled the thing recovers its sequence.';
  if (first === next || speaking.some((one) => one !== next && !isRevoked(one)))
    return 'Every key that spoke before must be revoked, and another go on.';
  if (fork === undefined) return 'There is no fork or clone in this sequence.';
  if (epoch <= fork.epoch) return `The sequence must go on in a new epoch, later than ${fork.epoch}.`;
  if (from.epoch !== fork.from.epoch || from.seq !== fork.from.seq)
    return `The sequence is doubtful from seq ${fork.from.seq} of epoch ${fork.from.epoch} on.`;
  if (heads.length !== fork.heads.length || !heads.every((head, i) => equalBytes(head, fork.heads[i] as Uint8Array)))
    return 'The heads named are not those of its sides.';
  return undefined;
}

/** What is asked of a statement here. */
interface Said {
  readonly keyOwner: string;
  readonly statement: Pick<Statement, 'header' | 'id'>;
}

/** The recovery that made a statement void, if any: in time it stands before it, from the doubtful place on. */
export function recoveryOf<R extends Pick<LoggedRecovery, 'keyOwner' | 'subject' | 'from' | 'epoch'>>(
  recoveries: readonly R[],
  { keyOwner, statement: { header } }: Said,
): R | undefined {
  return recoveries.find(
    (one) =>
      one.keyOwner === keyOwner &&
      one.subject === header.subject &&
      header.epoch < one.epoch &&
      isFrom(header, one.from),
  );
}

function isFrom({ epoch, seq }: Place, from: Place): boolean {
  return epoch > from.epoch || (epoch === from.epoch && seq >= from.seq);
}

/** The earlier of two places. */
export function earlierPlace(a: Place, b: Place): Place {
  return isFrom(a, b) ? { epoch: b.epoch, seq: b.seq } : { epoch: a.epoch, seq: a.seq };
}

/**
 * Both sides of each fork or clone among statements.
 * @param statements in the order of the log; the same one twice is no fork
 */
export function forkSides<S extends Said>(statements: readonly S[]): S[] {
  const sides = new Set<S>();
  const sequences = new Map<string, S[]>();
  for (const one of statements) {
    const name = `${one.keyOwner}\n${one.statement.header.subject}`;
    const known = sequences.get(name);
    if (known) known.push(one);
    else sequences.set(name, [one]);
  }
  for (const sequence of sequences.values()) for (const side of sidesOf(sequence)) sides.add(side);
  return statements.filter((one) => sides.has(one));
}

/** Different statements for one place. */
interface Rivals<S> {
  readonly all: S[];
  /** Their ids, hex, where there are several. */
  ids?: Set<string>;
}

/** Costs no more than the statements, however many of them claim one place. */
function sidesOf<S extends Said>(sequence: readonly S[]): Set<S> {
  const found = new Set<S>();
  const places = new Map<string, Rivals<S>>();
  let newest: S | undefined;
  for (const one of sequence) {
    const { epoch, seq } = one.statement.header;
    if (newest && epoch < newest.statement.header.epoch) found.add(newest).add(one);
    else if (newest === undefined || epoch > newest.statement.header.epoch) newest = one;
    const rivals = places.get(`${epoch} ${seq}`);
    if (rivals === undefined) places.set(`${epoch} ${seq}`, { all: [one] });
    else if (!isAmong(rivals, one.statement.id)) {
      rivals.ids ??= new Set(rivals.all.map(({ statement }) => toHex(statement.id)));
      rivals.ids.add(toHex(one.statement.id));
      rivals.all.push(one);
    }
  }
  for (const { all } of places.values()) if (all.length > 1) for (const one of all) found.add(one);
  for (const one of sequence) {
    const { epoch, seq, prev } = one.statement.header;
    const before = places.get(`${epoch} ${seq - 1}`);
    if (prev === undefined || before === undefined || isAmong(before, prev)) continue;
    found.add(one);
    // Where there are several they are sides already.
    if (before.ids === undefined) found.add(before.all[0] as S);
  }
  return found;
}

function isAmong<S extends Said>({ all, ids }: Rivals<S>, id: Uint8Array): boolean {
  return ids ? ids.has(toHex(id)) : equalBytes((all[0] as S).statement.id, id);
}

/** Ids in the order in which a recovery names them. */
export function sortedHeads(heads: readonly Uint8Array[]): Uint8Array[] {
  return [...heads].sort(compareBytes);
}
