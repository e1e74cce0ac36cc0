// What is known of things: who speaks for them, their streams, and what was sealed about them.
import { type AssuranceClass, assuranceClasses, kindOfCode, toHex } from '@trine/protocol';
import type { KeyDirectory } from '../../projections/keys.ts';
import { sequenceFlags } from '../../projections/sequence-flags.ts';
import type { SequenceTracker } from '../../projections/sequences.ts';
import type { Store } from '../../projections/tables/store.ts';

export interface DeviceView {
  readonly subject: string;
  readonly name: string;
  readonly class: AssuranceClass | undefined;
  readonly keyOwner: string;
  /** did:key of the keys it holds, with what each may speak of. */
  readonly keys: readonly { readonly did: string; readonly subjects: readonly string[]; readonly revoked: boolean }[];
  readonly statements: number;
  readonly readings: number;
  readonly lastArrivalMs: number | undefined;
  readonly flags: Readonly<Record<string, number>>;
  readonly revoked: boolean;
  /** Of a sequence about it: a fork that holds what it concerns, or one that was recovered from. */
  readonly fork?: 'standing' | 'recovered';
  /** Parts per million, after the newest decision for which it was checked against others; undefined: never checked. */
  readonly trustPpm: number | undefined;
}

export interface SealView {
  readonly leaf: number;
  readonly id: string;
  readonly subject: string;
  readonly kind: string;
  readonly arrivalMs: number;
  readonly class: string;
  readonly flag: string | undefined;
  readonly readings: number;
}

export interface StreamView {
  readonly stream: number;
  readonly subject: string;
  readonly quantity: string;
  readonly unit: string;
  readonly readings: number;
  readonly lastMs: number | undefined;
  readonly lastValue: number | undefined;
}

export interface SeriesView {
  readonly stream: number;
  readonly timeMs: number[];
  readonly low: number[];
  readonly high: number[];
  readonly mean: number[];
  /** Leaf of the last reading in each bucket: what to ask proof for. */
  readonly leaf: number[];
}

/** Names of the classes of assurance, in the order of their codes. */
export const classNames: readonly string[] = Object.keys(assuranceClasses);
const FLAGS = ['gap', 'reordered', 'fork', 'clone'] as const;
const THINGS_MAX = 10_000;
const STREAMS_MAX = 1_000;

interface SpokenOf {
  readonly subject: string;
  readonly keyOwner: string;
  readonly class: number;
  readonly statements: number;
  readonly readings: number;
  readonly last: number;
  readonly [flag: string]: number | string;
}

/** Things with packs in the log, and enrolled ones that said nothing yet; at most 10,000. */
export async function devices(
  store: Store,
  keyDirectory: KeyDirectory,
  sequences: SequenceTracker,
): Promise<DeviceView[]> {
  const forks = forksOf(sequences);
  const rows = await store.query<SpokenOf>(
    `SELECT subject, any_value(key_owner) AS "keyOwner", max(class) AS class, count(*) AS statements, sum(readings) AS readings,
      max(arrival_ms) AS last, count(*) FILTER (flag = 1) AS gap, count(*) FILTER (flag = 2) AS reordered,
      count(*) FILTER (flag = 3) AS fork, count(*) FILTER (flag = 4) AS clone
     FROM statements JOIN sequences USING (sequence) WHERE kind = 1 GROUP BY subject ORDER BY subject LIMIT ${THINGS_MAX}`,
  );
  const checked = await store.query<{ subject: string; ppm: number }>(
    'SELECT subject, arg_max(ppm, to_ms) AS ppm FROM trust GROUP BY subject',
  );
  const trust = new Map(checked.map(({ subject, ppm }) => [subject, ppm]));
  const entries = keyDirectory.entries().filter(({ enrolledAt }) => enrolledAt >= 0);
  const said = new Set(rows.map(({ subject }) => subject));
  const silent = entries.filter(({ keyOwner }) => !said.has(keyOwner)).slice(0, Math.max(0, THINGS_MAX - rows.length));
  return [
    ...rows.map((row) => {
      const entry =
        entries.find(({ keyOwner }) => keyOwner === row.subject) ??
        entries.find(({ keyOwner }) => keyOwner === row.keyOwner);
      return {
        subject: row.subject,
        name: entry !== undefined && entry.keyOwner === row.subject ? entry.name : row.subject,
        class: classNames[row.class - 1] as AssuranceClass,
        keyOwner: row.keyOwner,
        keys: keysOf(keyDirectory, row.subject),
        statements: row.statements,
        readings: row.readings,
        lastArrivalMs: row.last,
        flags: Object.fromEntries(FLAGS.map((flag) => [flag, row[flag] as number])),
        revoked: entry?.revokedAt !== undefined,
        ...forks.get(row.subject),
        trustPpm: trust.get(row.subject),
      };
    }),
    ...silent.map((entry) => ({
      subject: entry.keyOwner,
      name: entry.name,
      class: entry.class,
      keyOwner: entry.keyOwner,
      keys: keysOf(keyDirectory, entry.keyOwner),
      statements: 0,
      readings: 0,
      lastArrivalMs: undefined,
      flags: {},
      revoked: entry.revokedAt !== undefined,
      trustPpm: trust.get(entry.keyOwner),
    })),
  ];
}

/** Of a subject with several forks one that stands counts. */
function forksOf(sequences: SequenceTracker): Map<string, Pick<DeviceView, 'fork'>> {
  const found = new Map<string, Pick<DeviceView, 'fork'>>();
  for (const { subject, recovery } of sequences.forksAbout(() => true))
    if (found.get(subject)?.fork !== 'standing') found.set(subject, { fork: recovery ? 'recovered' : 'standing' });
  return found;
}

function keysOf(keyDirectory: KeyDirectory, owner: string): DeviceView['keys'] {
  return keyDirectory
    .entries()
    .filter(({ keyOwner }) => keyOwner === owner)
    .map(({ did, subjects, revokedAt }) => ({ did, subjects, revoked: revokedAt !== undefined }));
}

/** Quantities that a thing said something of, each with its newest value. */
export async function streams(store: Store, subject: string): Promise<StreamView[]> {
  const rows = await store.query<Omit<StreamView, 'lastMs' | 'lastValue'> & { last: number; value: number | null }>(
    `SELECT s.stream, s.subject, s.quantity, s.unit, count(r.leaf) AS readings, max(r.event_ms) AS last,
      arg_max(r.value, r.event_ms) AS value
     FROM streams s LEFT JOIN readings r USING (stream) WHERE s.subject = $1
     GROUP BY s.stream, s.subject, s.quantity, s.unit ORDER BY s.quantity LIMIT ${STREAMS_MAX}`,
    [subject],
  );
  return rows.map(({ last, value, ...stream }) => ({
    ...stream,
    lastMs: last ?? undefined,
    lastValue: value ?? undefined,
  }));
}

/** A stream as at most `points` buckets of equal length: least, greatest and mean of each. */
export async function series(
  store: Store,
  stream: number,
  fromMs: number | undefined,
  toMs: number | undefined,
  points: number,
): Promise<SeriesView> {
  const [range] = await store.query<{ low: number | null; high: number | null }>(
    'SELECT min(event_ms) AS low, max(event_ms) AS high FROM readings WHERE stream = $1',
    [stream],
  );
  const from = fromMs ?? range?.low ?? 0;
  const to = toMs ?? (range?.high ?? 0) + 1;
  const width = Math.max(1, Math.ceil((to - from) / points));
  const rows = await store.query<{ t: number; low: number; high: number; mean: number; leaf: number }>(
    `SELECT min(event_ms) AS t, min(value) AS low, max(value) AS high, avg(value) AS mean, arg_max(leaf, event_ms) AS leaf
     FROM readings WHERE stream = $1 AND event_ms >= $2 AND event_ms < $3 AND NOT isnan(value)
     GROUP BY (event_ms - $2) // $4 ORDER BY t`,
    [stream, BigInt(from), BigInt(to), BigInt(width)],
  );
  return {
    stream,
    timeMs: rows.map(({ t }) => t),
    low: rows.map(({ low }) => low),
    high: rows.map(({ high }) => high),
    mean: rows.map(({ mean }) => mean),
    leaf: rows.map(({ leaf }) => leaf),
  };
}

interface StatementRow {
  readonly leaf: number;
  readonly id: Uint8Array;
  readonly subject: string;
  readonly kind: number;
  readonly arrival_ms: number;
  readonly class: number;
  readonly flag: number;
  readonly readings: number;
  readonly [column: string]: unknown;
}

/** The newest statements. @param subject of whom; undefined: of all */
export async function seals(store: Store, limit: number, subject?: string): Promise<SealView[]> {
  const rows = await store.query<StatementRow>(
    `SELECT leaf, id, subject, kind, arrival_ms, class, flag, readings FROM statements JOIN sequences USING (sequence)
     ${subject === undefined ? '' : 'WHERE subject = $2'} ORDER BY leaf DESC LIMIT $1`,
    subject === undefined ? [limit] : [limit, subject],
  );
  return rows.map((row) => ({
    leaf: row.leaf,
    id: toHex(row.id),
    subject: row.subject,
    kind: kindOfCode(row.kind),
    arrivalMs: row.arrival_ms,
    class: classNames[row.class - 1] as string,
    flag: sequenceFlags[row.flag],
    readings: row.readings,
  }));
}
