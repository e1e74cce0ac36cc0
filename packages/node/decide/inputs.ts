// Inputs: finds the statements that an obligation looks at, in the tables, and reads them back from log and bodies.
import {
  type Agenda,
  type Domain,
  type Evaluation,
  lookedAt,
  matchesSubject,
  mergeLogs,
  type Noted,
  type OpenedInput,
  openInput,
  type Selector,
  selectorsOf,
  type UnreadableLeaf,
} from '@trine/engine';
import type { Log } from '@trine/log/types.ts';
import {
  commitHeads,
  type Decision,
  decodeLeaf,
  type InputStatement,
  type LoggedRecovery,
  type NetworkDocument,
  type Obligation,
  openBody,
  type Policy,
  parseStatement,
  type SequenceHead,
  type Statement,
  statementKinds,
  TrineError,
} from '@trine/protocol';
import type { Bodies } from '../access/bodies.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { SequenceTracker } from '../projections/sequences.ts';
import type { Store } from '../projections/tables/store.ts';

export interface Sources {
  readonly log: Pick<Log, 'read'>;
  readonly bodies: Pick<Bodies, 'read'>;
  readonly keyDirectory: KeyDirectory;
  readonly network: NetworkDocument;
  readonly store: Store;
  readonly sequences: SequenceTracker;
  readonly runner: Pick<ProjectionRunner, 'unreadable'>;
  /** Of the log. */
  readonly origin: string;
}

/** The statement at a leaf. @throws TrineError when the leaf is an intent */
export function statementAt(log: Sources['log'], index: number): Statement {
  const leaf = decodeLeaf(log.read(index));
  if (leaf.kind !== 'statement') throw new TrineError('invalid', `Leaf ${index} is no statement.`);
  return parseStatement(leaf.statement);
}

/** @returns the statement with its body; without, where that was erased */
export function readInput(
  {
    log,
    bodies,
    keyDirectory,
    network,
    origin,
  }: Pick<Sources, 'log' | 'bodies' | 'keyDirectory' | 'network' | 'origin'>,
  index: number,
): Omit<InputStatement, 'body'> & { readonly body: Uint8Array | undefined } {
  const leaf = decodeLeaf(log.read(index));
  if (leaf.kind !== 'statement') throw new TrineError('invalid', `Leaf ${index} is no statement.`);
  const statement = parseStatement(leaf.statement);
  const entry = keyDirectory.get(statement.header.issuer);
  if (entry === undefined) throw new TrineError('damaged', `Nobody enrolled the key of leaf ${index}.`);
  const disclosure = statement.header.sealed ? bodies.read(index) : undefined;
  return {
    origin,
    index,
    arrivalMs: leaf.arrivalMs,
    statement,
    body: statement.header.sealed && disclosure === undefined ? undefined : openBody(statement, disclosure),
    keyOwner: entry.keyOwner,
    owner: entry.owner,
    ownerAddress: network.members.find(({ key }) => key === entry.owner)?.address ?? '',
  };
}

export function readOpened(sources: Parameters<typeof readInput>[0], index: number): OpenedInput {
  return openInput(readInput(sources, index));
}

/** What a decision on an obligation may look at. */
export interface Candidates {
  readonly leaves: readonly number[];
  readonly forks: readonly number[];
  readonly recoveries: readonly LoggedRecovery[];
  readonly unreadable: readonly UnreadableLeaf[];
  /** Of every sequence that is looked at. */
  readonly heads: readonly SequenceHead[];
}

/** Leaves below the cut that the selectors of an obligation look at. */
export async function findCandidates(
  sources: Sources,
  domain: Domain,
  policy: Policy,
  obligation: Obligation,
  cut: number,
): Promise<Candidates> {
  const { store, sequences, runner } = sources;
  const opening = await openingOf(sources, obligation);
  const selectors = selectorsOf(domain, policy, domain.terms.parse(policy.terms), obligation, opening);
  const leaves = new Set<number>();
  for (const one of together(selectors)) for (const leaf of await leavesOf(store, one, cut)) leaves.add(leaf);
  for (const leaf of await replacingLeaves(store, selectors, leaves, cut)) leaves.add(leaf);
  const isConcerned = (subject: string) =>
    selectors.some(({ name, subjects }) => name !== '$heartbeat' && matchesSubject(subjects, subject));
  const forks = sequences.forksAbout(isConcerned).filter(({ sides }) => sides.every((leaf) => leaf < cut));
  const { origin } = sources;
  const recoveries = forks.flatMap(({ keyOwner, subject, from, recovery }) =>
    recovery && recovery.index < cut ? [{ keyOwner, subject, from, origin, ...recovery }] : [],
  );
  // Of one of which not even the header can be read nobody knows whom it concerns: it holds nothing, and is shown.
  const unreadable = runner.unreadable.flatMap(({ leaf: index, subject }) =>
    index < cut && subject && isConcerned(subject) ? [{ index, subject }] : [],
  );
  return {
    leaves: [...leaves].sort((a, b) => a - b),
    forks: [...new Set(forks.flatMap(({ sides }) => [...sides]))],
    recoveries,
    unreadable,
    heads: await headsAt(sources, lookedAt(selectors), cut),
  };
}

/** What was found, read. */
export function openCandidates(
  sources: Parameters<typeof readInput>[0],
  cuts: Decision['cuts'],
  { leaves, forks, recoveries, unreadable, heads }: Candidates,
): Pick<Evaluation, 'candidates' | 'forks' | 'recoveries' | 'unreadable' | 'heads'> & {
  readonly sequences: Candidates['heads'];
} {
  const merged = mergeLogs(
    cuts,
    [...new Set([...leaves, ...forks])].map((leaf) => readOpened(sources, leaf)),
  );
  const [selected, sides] = [new Set(leaves), new Set(forks)];
  return {
    candidates: merged.filter(({ index }) => selected.has(index)),
    forks: merged.filter(({ index }) => sides.has(index)),
    recoveries,
    unreadable,
    heads: commitHeads(heads),
    sequences: heads,
  };
}

interface HeadRow {
  readonly keyOwner: string;
  readonly subject: string;
  readonly epoch: number;
  readonly leaf: number;
  readonly [column: string]: unknown;
}

/** The newest statement below a leaf of every sequence about some subjects, by epoch. @param patterns exact, or ending with `*` */
export async function headsAt(
  { store, log, sequences }: Pick<Sources, 'store' | 'log' | 'sequences'>,
  patterns: readonly string[],
  cut: number,
): Promise<SequenceHead[]> {
  const { sql, values } = subjectsClause(patterns, 2);
  const rows = await store.query<HeadRow>(
    `WITH below AS (
       SELECT sequence, key_owner, subject, epoch, seq, leaf FROM statements JOIN sequences USING (sequence)
       WHERE kind IN (${statementKinds.pack}, ${statementKinds.event}) AND leaf < $1 AND (${sql})),
     newest AS (SELECT sequence, epoch, max(seq) AS seq FROM below GROUP BY sequence, epoch)
     SELECT key_owner AS "keyOwner", subject, epoch, min(leaf) AS leaf
     FROM below JOIN newest USING (sequence, epoch, seq) GROUP BY key_owner, subject, epoch`,
    [cut, ...values],
  );
  const isLooked = (subject: string) => matchesSubject(patterns, subject);
  const forked = new Set(
    sequences
      .forksAbout(isLooked)
      .filter(({ sides, recovery }) => sides.every((leaf) => leaf < cut) && !(recovery && recovery.index < cut))
      .map(({ keyOwner, subject }) => `${keyOwner}\n${subject}`),
  );
  return rows.map(({ keyOwner, subject, epoch, leaf }) => {
    const { id, header } = statementAt(log, leaf);
    const { seq, low } = header;
    const isForked = forked.has(`${keyOwner}\n${subject}`);
    // A copy: what is read from the log is a view of it.
    return {
      subject,
      keyOwner,
      epoch,
      seq,
      id: Uint8Array.from(id),
      ...(low !== undefined && { low }),
      forked: isForked,
    };
  });
}

/** The event that an obligation is about; undefined where it is about a time alone. */
async function openingOf(sources: Sources, { about }: Obligation): Promise<OpenedInput['event']> {
  if (about === undefined) return undefined;
  const [row] = await sources.store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE id = $1 LIMIT 1', [
    about,
  ]);
  return row && readOpened(sources, row.leaf).event;
}

type Looking = Pick<Selector, 'subjects' | 'kinds' | 'fromMs' | 'toMs'>;

/** What is looked at for the same kinds and times is asked for at once, however many lines it is for. */
function together(selectors: readonly Selector[]): Looking[] {
  const groups = Map.groupBy(selectors, ({ kinds, fromMs, toMs }) => `${kinds.join()} ${fromMs} ${toMs}`);
  return [...groups.values()].map((group) => ({
    ...(group[0] as Selector),
    subjects: [...new Set(group.flatMap(({ subjects }) => subjects))],
  }));
}

async function leavesOf(store: Store, selector: Looking, cut: number): Promise<number[]> {
  const { sql, values } = subjectsClause(selector.subjects, 4);
  const kinds = selector.kinds.map((kind) => statementKinds[kind]).join(', ');
  const rows = await store.query<{ leaf: number }>(
    `SELECT leaf FROM statements JOIN sequences USING (sequence)
     WHERE kind IN (${kinds}) AND leaf < $1 AND first_ms < $2 AND last_ms >= $3 AND (${sql}) ORDER BY leaf`,
    [cut, selector.toMs, selector.fromMs, ...values],
  );
  return rows.map(({ leaf }) => leaf);
}

/** Statements that replace those that were found, whatever their times, and those that replace these. */
async function replacingLeaves(
  store: Store,
  selectors: readonly Selector[],
  found: ReadonlySet<number>,
  cut: number,
): Promise<number[]> {
  const subjects = [...new Set(selectors.flatMap((selector) => selector.subjects))];
  const { sql, values } = subjectsClause(subjects, 2);
  const rows = await store.query<{ leaf: number; target: number }>(
    `${REPLACEMENTS} WHERE r.leaf < $1 AND t.leaf < $1 AND (${sql})`,
    [cut, ...values],
  );
  const byTarget = new Map<number, number[]>();
  for (const { leaf, target } of rows) {
    const known = byTarget.get(target);
    if (known) known.push(leaf);
    else byTarget.set(target, [leaf]);
  }
  // Chains are walked once, however long: what is added while it is walked is walked as well.
  const replacing = new Set<number>(byTarget.size === 0 ? [] : [...found].flatMap((leaf) => byTarget.get(leaf) ?? []));
  for (const leaf of replacing) for (const one of byTarget.get(leaf) ?? []) replacing.add(one);
  return [...replacing];
}

/** Pairs of leaves: one replaces the other, in the same sequence. */
const REPLACEMENTS = `SELECT r.leaf AS leaf, t.leaf AS target FROM replacements r
  JOIN statements s ON s.leaf = r.leaf JOIN sequences ON sequences.sequence = s.sequence
  JOIN statements t ON t.id = r.target AND t.sequence = s.sequence`;

interface ReplacedRow {
  readonly kind: number;
  readonly subject: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly [column: string]: unknown;
}

/** What a statement replaces and what that replaced, as an agenda must know of it. @param leaf in the tables */
export async function replacedBy(
  { store }: Pick<Sources, 'store'>,
  leaf: number,
): Promise<NonNullable<Noted['replaces']>> {
  const rows = await store.query<ReplacedRow>(
    `WITH RECURSIVE pairs AS (${REPLACEMENTS} WHERE s.sequence = (SELECT sequence FROM statements WHERE leaf = $1)),
       chain (leaf, depth) AS (
         SELECT $1::BIGINT, 0 UNION SELECT pairs.target, depth + 1 FROM chain JOIN pairs ON pairs.leaf = chain.leaf)
     SELECT kind, subject, first_ms AS "firstMs", last_ms AS "lastMs"
     FROM chain JOIN statements ON statements.leaf = chain.leaf JOIN sequences USING (sequence)
     WHERE depth > 0 ORDER BY depth`,
    [leaf],
  );
  return rows.map(({ kind, ...rest }) => ({ ...rest, kind: kind === statementKinds.event ? 'event' : 'pack' }));
}

function subjectsClause(subjects: readonly string[], from: number): { sql: string; values: string[] } {
  const exact = subjects.filter((subject) => !subject.endsWith('*'));
  const prefixes = subjects.filter((subject) => subject.endsWith('*')).map((subject) => subject.slice(0, -1));
  const places = exact.map((_, i) => `$${from + i}`).join(', ');
  const parts = [
    ...(exact.length > 0 ? [`subject IN (${places})`] : []),
    ...prefixes.map((_, i) => `starts_with(subject, $${from + exact.length + i})`),
  ];
  return { sql: parts.join(' OR ') || 'FALSE', values: [...exact, ...prefixes] };
}

/** Statements that an agenda must know of, below a leaf, in the order of the log: for a policy that begins in the past. */
export async function noteStatements(sources: Sources, agenda: Agenda, before: number): Promise<void> {
  const { sql, values } = subjectsClause(agenda.subjects, 4);
  const { startMs, endMs } = agenda.policy.period;
  const rows = await sources.store.query<PastRow>(
    `SELECT leaf, kind, subject, arrival_ms AS "arrivalMs", first_ms AS "firstMs", last_ms AS "lastMs"
     FROM statements JOIN sequences USING (sequence)
     WHERE kind IN (${statementKinds.pack}, ${statementKinds.event}) AND leaf < $1 AND (${sql})
       AND (first_ms < $2 AND last_ms >= $3 OR leaf IN (SELECT leaf FROM replacements))
     ORDER BY leaf`,
    [before, endMs, startMs, ...values],
  );
  const known = await sources.store.query<{ leaf: number }>('SELECT leaf FROM replacements WHERE leaf < $1', [before]);
  const replacing = new Set(known.map(({ leaf }) => leaf));
  for (const { leaf, kind, ...rest } of rows) {
    const isEvent = kind === statementKinds.event;
    const event = isEvent ? readOpened(sources, leaf).event : undefined;
    const replaces = replacing.has(leaf) ? await replacedBy(sources, leaf) : [];
    agenda.note({ leaf, ...rest, kind: isEvent ? 'event' : 'pack', event, replaces });
  }
}

interface PastRow {
  readonly leaf: number;
  readonly kind: number;
  readonly subject: string;
  readonly arrivalMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly [column: string]: unknown;
}
