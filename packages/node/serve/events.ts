// Feed: what happens now, for live views. Tells what is committed, with the rows themselves, numbered, so that a reader who
// was away goes on where it was. Bounded: a listener that cannot keep up misses events, and is told so; never the node.
import { z } from '@hono/zod-openapi';
import { kindOfCode, type Refusal, toHex } from '@trine/protocol';
import type { AppendedBatch } from '../ingest/batch.ts';
import type { Row } from '../projections/projection.ts';
import type { Commit } from '../projections/runner.ts';
import { sequenceFlags } from '../projections/sequence-flags.ts';
import { hex32, type Immutable, minorUnits, timeMs } from './schema.ts';
import { decisionSchema, decisionView } from './views/decisions.ts';
import { type PaymentState, paymentState } from './views/payments.ts';
import { classNames, sealSchema } from './views/things.ts';

const paymentEvent = z.object({
  id: hex32.openapi({ description: 'Digest of the intent.' }),
  state: paymentState,
  decision: hex32.optional().openapi({ description: 'Where it was ordered, as all that follows but the block.' }),
  agreement: hex32.optional(),
  amount: minorUnits.optional(),
  recipient: z.string().optional(),
  block: z.int().optional().openapi({ description: 'Where it was paid.' }),
  paidMs: timeMs.optional(),
});

const alertEvent = z.object({
  decision: hex32,
  code: z.string(),
  status: z.enum(['raised', 'acknowledged', 'resolved']),
  atMs: timeMs,
  policy: hex32.optional().openapi({ description: 'Where it was raised, as all that follows but `by` and `note`.' }),
  domain: z.string().optional(),
  severity: z.enum(['info', 'warning', 'critical']).optional(),
  subject: z.string().optional(),
  reason: z.string().optional(),
  by: z.string().optional().openapi({ description: 'Who acknowledged or resolved it.' }),
  note: z.string().optional(),
});

const readingEvent = z.object({
  subject: z.string(),
  quantity: z.string(),
  unit: z.string(),
  timeMs,
  value: z.number().nullable(),
});

export const refusalSchema = z
  .object({ reason: z.string(), message: z.string(), source: z.string(), at: timeMs })
  .openapi('Refusal');
type Refused = Immutable<z.infer<typeof refusalSchema>>;

const reloadEvent = z.object({}).openapi({
  description: 'More happened than is told: ask for the lists again.',
});

const troubleEvent = z.object({
  about: z.enum(['deciding', 'anchoring', 'pseudonyms', 'fault']),
  message: z.string(),
  at: timeMs,
});
type Trouble = Immutable<z.infer<typeof troubleEvent>>;

/** What each event carries. */
export const eventSchemas = {
  seal: sealSchema,
  reading: readingEvent,
  decision: decisionSchema,
  payment: paymentEvent,
  alert: alertEvent,
  refusal: refusalSchema,
  trouble: troubleEvent,
  reload: reloadEvent,
} as const;
type Carried = { readonly [Name in keyof typeof eventSchemas]: Immutable<z.infer<(typeof eventSchemas)[Name]>> };

export type NodeEvent = {
  readonly [Name in keyof Carried]: { readonly id: string; readonly event: Name; readonly data: Carried[Name] };
}[keyof Carried];

interface Kept {
  readonly number: number;
  readonly made: NodeEvent;
}

/** Is it for the eye alone? Then some are left out anyway, and a few more that a reader missed matter nothing. */
const isSight = (event: keyof Carried): boolean => ['seal', 'reading', 'refusal'].includes(event);

const REFUSALS_KEPT = 100;
/** Shown live of one commit: a bulk import is not for the eye. */
const READINGS_PER_BATCH = 64;
const SEALS_PER_BATCH = 16;
const ROWS_PER_COMMIT = 64;
/** Kept for readers who come back, of rows, and of what is for the eye. */
const EVENTS_KEPT = 2_000;
/** Nobody has listened for as long: nothing is kept, and making events costs nothing. */
const RESUME_MS = 60_000;
/** Nothing mends what nobody expected: it is shown for as long. */
const FAULT_SHOWN_MS = 600_000;

export class EventBus {
  readonly refusals: Refused[] = [];
  readonly #troubles = new Map<Trouble['about'], Trouble>();
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #now: () => number;
  /** Ids of another run say nothing here. */
  readonly #run: string;
  /** What changes lists; and what is for the eye, of which junk and imports may bring any amount. */
  readonly #rows: Kept[] = [];
  readonly #sights: Kept[] = [];
  #number = 0;
  /** A reader who knows the events up to this one can be told the rest. */
  #resumable = 0;
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
    this.#run = now().toString(36);
  }

  /** @returns ends it */
  listen(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      this.#heardMs = this.#now();
    };
  }

  /** Of the newest event. */
  get id(): string {
    return `${this.#run}-${this.#number}`;
  }

  /** What happened since an event; `reload` alone where that cannot be told any more. @param id that the reader had last */
  since(id: string): readonly NodeEvent[] {
    const [run, text = ''] = id.split('-');
    const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    if (run !== this.#run || number < this.#resumable || number > this.#number)
      return [{ id: this.id, event: 'reload', data: {} }];
    return [...this.#rows, ...this.#sights]
      .filter((one) => one.number > number)
      .sort((a, b) => a.number - b.number)
      .map((one) => one.made);
  }

  get #isHeard(): boolean {
    return this.#listeners.size > 0 || this.#now() - this.#heardMs < RESUME_MS;
  }

  #emit<Name extends keyof Carried>(event: Name, data: Carried[Name]): void {
    if (!this.#isHeard) {
      this.#passOver();
      return;
    }
    this.#number++;
    const made = { id: this.id, event, data } as NodeEvent;
    const kept = isSight(event) ? this.#sights : this.#rows;
    kept.push({ number: this.#number, made });
    // Of what is for the eye, the newest do.
    if (kept.length > EVENTS_KEPT) {
      const gone = kept.shift();
      if (kept === this.#rows) this.#resumable = gone?.number ?? this.#number;
    }
    for (const listener of this.#listeners) listener(made);
  }

  /** Something happened that nobody heard of: who was here before must ask for all of it again. */
  #passOver(): void {
    this.#rows.length = 0;
    this.#sights.length = 0;
    this.#resumable = ++this.#number;
  }

  /** What is wrong now, until it is {@link mended}. */
  get troubles(): readonly Trouble[] {
    const now = this.#now();
    return [...this.#troubles.values()].filter(({ about, at }) => about !== 'fault' || now - at < FAULT_SHOWN_MS);
  }

  trouble(about: Trouble['about'], message: string): void {
    if (this.#troubles.get(about)?.message === message && about !== 'fault') return;
    const found: Trouble = { about, message, at: this.#now() };
    this.#troubles.set(about, found);
    this.#emit('trouble', found);
  }

  mended(about: Trouble['about']): void {
    this.#troubles.delete(about);
  }

  refused(reason: Refusal, message: string, source: string): void {
    const refusal = { reason, message, source, at: this.#now() };
    this.refusals.push(refusal);
    if (this.refusals.length > REFUSALS_KEPT) this.refusals.shift();
    this.#emit('refusal', refusal);
  }

  /** A payment stands elsewhere on the chain now. @param id digest of the intent, hex */
  course(id: string, state: PaymentState): void {
    this.#emit('payment', { id, state });
  }

  /** Takes what the runner committed. */
  committed({ batches, rows }: Commit): void {
    if (!this.#isHeard) {
      this.#passOver();
      return;
    }
    for (const batch of batches) this.#sealed(batch);
    const told = rows.filter(({ table }) => Object.hasOwn(eventOfTable, table));
    if (told.length > ROWS_PER_COMMIT) this.#emit('reload', {});
    for (const { table, values } of told.slice(-ROWS_PER_COMMIT))
      eventOfTable[table]?.(values, (event, data) => this.#emit(event, data));
  }

  #sealed({ columns, leaf, flag }: AppendedBatch): void {
    let shown = 0;
    for (let i = columns.count - 1; i >= 0 && shown < SEALS_PER_BATCH; i--) {
      if ((leaf[i] as number) < 0) continue;
      shown++;
      const subject = columns.words[columns.subject[i] as number] as string;
      const from = columns.readingStart[i] as number;
      const to = columns.readingStart[i + 1] as number;
      this.#emit('seal', {
        leaf: leaf[i] as number,
        id: toHex(columns.ids.subarray(32 * i, 32 * i + 32)),
        subject,
        kind: kindOfCode(columns.kind[i] as number),
        arrivalMs: columns.arrivalMs[i] as number,
        class: classNames[(columns.class[i] as number) - 1] as string,
        flag: sequenceFlags[flag[i] as number],
        readings: to - from,
      });
      for (let r = from; r < Math.min(to, from + READINGS_PER_BATCH); r++) {
        const [quantity = '', unit = ''] = (columns.words[columns.readingName[r] as number] as string).split('\n');
        const timeMs = columns.readingTimeMs[r] as number;
        const value = columns.readingValue[r] as number;
        // A text, which JSON would make null of.
        this.#emit('reading', { subject, quantity, unit, timeMs, value: Number.isNaN(value) ? null : value });
      }
    }
  }
}

type Tell = <Name extends 'decision' | 'payment' | 'alert'>(event: Name, data: Carried[Name]) => void;

const eventOfTable: Readonly<Record<string, (values: Row['values'], tell: Tell) => void>> = {
  decisions: (values, tell) => tell('decision', decisionView(values)),
  intents: (values, tell) =>
    tell('payment', {
      id: hexOf(values.digest),
      state: 'ordered',
      decision: hexOf(values.decision),
      agreement: hexOf(values.agreement),
      amount: values.amount as number,
      recipient: values.recipient as string,
    }),
  settlements: (values, tell) =>
    tell('payment', {
      id: hexOf(values.intent),
      state: 'paid',
      block: values.block as number,
      paidMs: (values.block_time_s as number) * 1_000,
    }),
  alerts: (values, tell) =>
    tell('alert', {
      decision: hexOf(values.decision),
      code: values.code as string,
      status: 'raised',
      atMs: values.at_ms as number,
      policy: hexOf(values.policy),
      domain: values.domain as string,
      severity: values.severity as Carried['alert']['severity'],
      subject: values.subject as string,
      reason: values.reason as string,
    }),
  alert_status: (values, tell) =>
    tell('alert', {
      decision: hexOf(values.decision),
      code: values.code as string,
      status: values.status as Carried['alert']['status'],
      atMs: values.arrival_ms as number,
      by: values.said_by as string,
      note: values.note as string,
    }),
};

const hexOf = (value: unknown): string => toHex(value as Uint8Array);
