// View: what people and programs see, from the store. Every row names the id by which its proof can be asked for.

import type { Log } from '@trine/log/types.ts';
import { type AssuranceClass, assuranceClasses, toHex } from '@trine/protocol';
import type { Ingest } from '../ingest/ingest.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import type { Store } from '../projections/tables/store.ts';

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
  /** Parts per million, after the newest window in which it was checked against others; undefined: never checked. */
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

export interface DecisionView {
  readonly id: string;
  readonly leaf: number;
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly verdict: string;
  readonly outcome: string;
  readonly amount: number;
  readonly currency: string;
  readonly score: number;
  readonly reason: string;
  readonly gate: readonly string[];
  readonly arrivalMs: number;
  /** Intent digest, where a payment was ordered. */
  readonly payment: string | undefined;
  /** Hash of the terms or of the watch. */
  readonly terms: string | undefined;
  /** Id of the agreement; undefined: advice under a watch. */
  readonly agreement: string | undefined;
  /** Hash of the model that decided. */
  readonly model: string;
  /** How many times people spoke of it. */
  readonly labels: number;
}

export interface PaymentView {
  readonly id: string;
  readonly decision: string;
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly amount: number;
  readonly currency: string;
  readonly recipient: string;
  readonly state: 'ordered' | 'paid';
  readonly block: number | undefined;
  readonly paidMs: number | undefined;
  readonly reason: string;
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

const kindNames = [
  '',
  'pack',
  'decision',
  'enrolment',
  'key-status',
  'agreement',
  'snapshot',
  'settlement',
  'acknowledgement',
  'network',
  'monitor',
  'model',
  'approval',
  'model-change',
  'label',
];
const flagNames = [undefined, 'gap', 'reordered', 'fork', 'clone'];
const classNames = Object.keys(assuranceClasses);

export class Views {
  private readonly store: Store;
  private readonly keyDirectory: KeyDirectory;

  constructor(store: Store, keyDirectory: KeyDirectory) {
    this.store = store;
    this.keyDirectory = keyDirectory;
  }

  /** Things with packs in the log, and enrolled ones that said nothing yet. */
  async devices(): Promise<DeviceView[]> {
    const rows = await this.store.query<Record<string, number | string>>(
      `SELECT subject, any_value(key_owner) AS "keyOwner", max(class) AS class, count(*) AS statements, sum(readings) AS readings,
        max(arrival_ms) AS last, count(*) FILTER (flag = 1) AS gap, count(*) FILTER (flag = 2) AS reordered,
        count(*) FILTER (flag = 3) AS fork, count(*) FILTER (flag = 4) AS clone
       FROM statements JOIN sequences USING (sequence) WHERE kind = 1 GROUP BY subject ORDER BY subject LIMIT 10000`,
    );
    const checked = await this.store.query<{ subject: string; ppm: number }>(
      'SELECT subject, arg_max(ppm, to_ms) AS ppm FROM trust GROUP BY subject',
    );
    const trust = new Map(checked.map(({ subject, ppm }) => [subject, ppm]));
    const entries = this.keyDirectory.entries().filter(({ enrolledAt }) => enrolledAt >= 0);
    const said = new Set(rows.map(({ subject }) => subject as string));
    const silent = entries.filter(({ keyOwner }) => !said.has(keyOwner));
    return [
      ...rows.map((row) => {
        const entry =
          entries.find(({ keyOwner }) => keyOwner === row.subject) ??
          entries.find(({ keyOwner }) => keyOwner === row.keyOwner);
        return {
          subject: row.subject as string,
          name: entry !== undefined && entry.keyOwner === row.subject ? entry.name : (row.subject as string),
          class: classNames[(row.class as number) - 1] as AssuranceClass,
          keyOwner: row.keyOwner as string,
          keys: this.keysOf(row.subject as string),
          statements: row.statements as number,
          readings: row.readings as number,
          lastArrivalMs: row.last as number,
          flags: Object.fromEntries(['gap', 'reordered', 'fork', 'clone'].map((flag) => [flag, row[flag] as number])),
          revoked: entry?.revokedAt !== undefined,
          trustPpm: trust.get(row.subject as string),
        };
      }),
      ...silent.map((entry) => ({
        subject: entry.keyOwner,
        name: entry.name,
        class: entry.class,
        keyOwner: entry.keyOwner,
        keys: this.keysOf(entry.keyOwner),
        statements: 0,
        readings: 0,
        lastArrivalMs: undefined,
        flags: {},
        revoked: entry.revokedAt !== undefined,
        trustPpm: trust.get(entry.keyOwner),
      })),
    ];
  }

  private keysOf(keyOwner: string): DeviceView['keys'] {
    return this.keyDirectory
      .entries()
      .filter((entry) => entry.keyOwner === keyOwner)
      .map(({ did, subjects, revokedAt }) => ({ did, subjects, revoked: revokedAt !== undefined }));
  }

  async streams(subject: string): Promise<StreamView[]> {
    const rows = await this.store.query<Record<string, number | string>>(
      `SELECT s.stream, s.subject, s.quantity, s.unit, count(r.leaf) AS readings, max(r.event_ms) AS last,
        arg_max(r.value, r.event_ms) AS value
       FROM streams s LEFT JOIN readings r USING (stream) WHERE s.subject = $1
       GROUP BY s.stream, s.subject, s.quantity, s.unit ORDER BY s.quantity`,
      [subject],
    );
    return rows.map((row) => ({
      stream: row.stream as number,
      subject: row.subject as string,
      quantity: row.quantity as string,
      unit: row.unit as string,
      readings: row.readings as number,
      lastMs: (row.last as number | null) ?? undefined,
      lastValue: (row.value as number | null) ?? undefined,
    }));
  }

  /** A stream as at most `points` buckets of equal length: least, greatest and mean of each. */
  async series(
    stream: number,
    fromMs: number | undefined,
    toMs: number | undefined,
    points: number,
  ): Promise<SeriesView> {
    const [range] = await this.store.query<{ low: number | null; high: number | null }>(
      'SELECT min(event_ms) AS low, max(event_ms) AS high FROM readings WHERE stream = $1',
      [stream],
    );
    const from = fromMs ?? range?.low ?? 0;
    const to = toMs ?? (range?.high ?? 0) + 1;
    const width = Math.max(1, Math.ceil((to - from) / points));
    const rows = await this.store.query<{ t: number; low: number; high: number; mean: number; leaf: number }>(
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

  async seals(limit: number, subject?: string): Promise<SealView[]> {
    const rows = await this.store.query<Record<string, never>>(
      `SELECT leaf, id, subject, kind, arrival_ms, class, flag, readings FROM statements JOIN sequences USING (sequence)
       ${subject === undefined ? '' : 'WHERE subject = $2'} ORDER BY leaf DESC LIMIT $1`,
      subject === undefined ? [limit] : [limit, subject],
    );
    return rows.map((row) => ({
      leaf: row.leaf as unknown as number,
      id: toHex(row.id as unknown as Uint8Array),
      subject: row.subject as unknown as string,
      kind: kindNames[row.kind as unknown as number] as string,
      arrivalMs: row.arrival_ms as unknown as number,
      class: classNames[(row.class as unknown as number) - 1] as string,
      flag: flagNames[row.flag as unknown as number],
      readings: row.readings as unknown as number,
    }));
  }

  async decisions(limit: number, subject?: string, id?: Uint8Array): Promise<DecisionView[]> {
    const rows = await this.store.query<Record<string, unknown>>(
      `SELECT d.*, i.digest, (SELECT count(*) FROM labels l WHERE l.decision = d.decision) AS labels
       FROM decisions d LEFT JOIN intents i ON i.decision = d.decision
       ${id ? 'WHERE d.decision = $2' : subject === undefined ? '' : 'WHERE d.subject = $2'} ORDER BY d.leaf DESC LIMIT $1`,
      [limit, ...(id ? [id] : subject === undefined ? [] : [subject])],
    );
    return rows.map((row) => ({
      id: toHex(row.decision as Uint8Array),
      leaf: row.leaf as number,
      subject: row.subject as string,
      fromMs: row.from_ms as number,
      toMs: row.to_ms as number,
      verdict: row.verdict as string,
      outcome: row.outcome as string,
      amount: row.amount as number,
      currency: (row.currency as string | null) ?? '',
      score: (row.score_ppm as number) / 1_000_000,
      reason: row.reason as string,
      gate: row.gate === '' ? [] : (row.gate as string).split('\n'),
      arrivalMs: row.arrival_ms as number,
      payment: row.digest ? toHex(row.digest as Uint8Array) : undefined,
      terms: row.terms ? toHex(row.terms as Uint8Array) : undefined,
      agreement: row.agreement ? toHex(row.agreement as Uint8Array) : undefined,
      model: toHex(row.model as Uint8Array),
      labels: row.labels as number,
    }));
  }

  /** Sums over all decisions and payments. */
  async totals(): Promise<TotalsView> {
    const [row] = await this.store.query<{
      decisions: number;
      breached: number;
      advice: number;
      held: number;
      ordered: number;
      paid: number;
    }>(
      `SELECT (SELECT count(*) FROM decisions WHERE agreement IS NOT NULL) AS decisions,
        (SELECT count(*) FROM decisions WHERE agreement IS NOT NULL AND verdict = 'breached') AS breached,
        (SELECT count(*) FROM decisions WHERE agreement IS NULL) AS advice,
        (SELECT count(*) FROM decisions WHERE outcome = 'hold') AS held, (SELECT count(*) FROM intents) AS ordered,
        (SELECT count(DISTINCT intent) FROM settlements) AS paid`,
    );
    return row as TotalsView;
  }

  async decision(id: Uint8Array): Promise<DecisionView | undefined> {
    return (await this.decisions(1, undefined, id))[0];
  }

  async payment(id: Uint8Array): Promise<PaymentView | undefined> {
    return (await this.payments(1, id))[0];
  }

  async payments(limit: number, id?: Uint8Array): Promise<PaymentView[]> {
    const rows = await this.store.query<Record<string, unknown>>(
      `SELECT i.digest, i.decision, i.amount, i.recipient, d.subject, d.from_ms, d.to_ms, d.currency, d.reason, s.block, s.block_time_s
       FROM intents i JOIN decisions d ON d.decision = i.decision LEFT JOIN settlements s ON s.intent = i.digest
       ${id === undefined ? '' : 'WHERE i.digest = $2'} ORDER BY i.leaf DESC LIMIT $1`,
      id === undefined ? [limit] : [limit, id],
    );
    return rows.map((row) => ({
      id: toHex(row.digest as Uint8Array),
      decision: toHex(row.decision as Uint8Array),
      subject: row.subject as string,
      fromMs: row.from_ms as number,
      toMs: row.to_ms as number,
      amount: row.amount as number,
      currency: (row.currency as string | null) ?? '',
      recipient: row.recipient as string,
      state: row.block === null ? 'ordered' : 'paid',
      block: (row.block as number | null) ?? undefined,
      paidMs: row.block_time_s === null ? undefined : (row.block_time_s as number) * 1000,
      reason: row.reason as string,
    }));
  }
}

export interface TotalsView {
  readonly decisions: number;
  readonly breached: number;
  /** Decisions under monitors: no money depends on them. */
  readonly advice: number;
  readonly held: number;
  readonly ordered: number;
  readonly paid: number;
}

/** Counts for the first page. */
export interface OverviewView {
  readonly network: { readonly id: string; readonly name: string };
  readonly practice: boolean;
  readonly log: {
    readonly origin: string;
    readonly size: number;
    readonly checkpointSize: number;
    readonly vkey: string;
  };
  readonly ingest: {
    readonly sealed: number;
    readonly duplicates: number;
    readonly queued: number;
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly ownDevice: { readonly subject: string; readonly paused: boolean } | undefined;
  readonly problem: string | undefined;
  /** Every way in, and whether statements can come that way now. */
  readonly transports: readonly {
    readonly name: string;
    readonly address: string;
    readonly connected: boolean;
    readonly sinceMs: number;
    readonly reason?: string;
  }[];
  /** Errors that nobody expected, since the start. */
  readonly faults: number;
}

export function ingestCounts(ingest: Ingest): OverviewView['ingest'] {
  return {
    sealed: ingest.sealed,
    duplicates: ingest.duplicates,
    queued: ingest.queued,
    refused: Object.fromEntries(ingest.refused),
  };
}

export function logFacts(log: Log, origin: string): OverviewView['log'] {
  return { origin, size: log.durableSize, checkpointSize: log.checkpoint?.size ?? 0, vkey: log.vkey };
}
