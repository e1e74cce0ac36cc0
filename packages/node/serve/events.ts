// Feed: what happens now, for live views. Tells what is committed, with the rows themselves. Bounded: a listener that
// cannot keep up misses events, never the node.
import { kindOfCode, type Refusal, toHex } from '@trine/protocol';
import type { AppendedBatch } from '../ingest/batch.ts';
import type { Commit } from '../projections/runner.ts';
import { sequenceFlags } from '../projections/sequence-flags.ts';
import { plain } from './plain.ts';
import { decisionView } from './views/decisions.ts';
import { classNames } from './views/things.ts';

export interface NodeEvent {
  /** `payment` and `alert` carry the new row alone: what it changes in a list, whoever shows the list knows. */
  readonly event: 'seal' | 'reading' | 'refusal' | 'decision' | 'payment' | 'alert' | 'trouble';
  readonly data: unknown;
}

const REFUSALS_KEPT = 100;
/** Shown live of one commit: a bulk import is not for the eye. */
const READINGS_PER_BATCH = 64;
const SEALS_PER_BATCH = 16;
const ROWS_PER_COMMIT = 64;

const eventOfTable: Readonly<Record<string, NodeEvent['event']>> = {
  decisions: 'decision',
  intents: 'payment',
  settlements: 'payment',
  alerts: 'alert',
  alert_status: 'alert',
};

export class EventBus {
  readonly refusals: { reason: Refusal; message: string; source: string; at: number }[] = [];
  problem: { message: string; at: number } | undefined;
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  listen(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(event: NodeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  trouble(message: string): void {
    this.problem = { message, at: this.#now() };
    this.#emit({ event: 'trouble', data: this.problem });
  }

  refused(reason: Refusal, message: string, source: string): void {
    const refusal = { reason, message, source, at: this.#now() };
    this.refusals.push(refusal);
    if (this.refusals.length > REFUSALS_KEPT) this.refusals.shift();
    this.#emit({ event: 'refusal', data: refusal });
  }

  /** Takes what the runner committed. */
  committed({ batches, rows }: Commit): void {
    if (this.#listeners.size === 0) return;
    for (const batch of batches) this.#sealed(batch);
    const shown = rows.filter(({ table }) => Object.hasOwn(eventOfTable, table)).slice(-ROWS_PER_COMMIT);
    for (const { table, values } of shown) {
      const data = table === 'decisions' ? decisionView(values) : plain(values);
      this.#emit({ event: eventOfTable[table] as NodeEvent['event'], data });
    }
  }

  #sealed({ columns, leaf, flag }: AppendedBatch): void {
    let shown = 0;
    for (let i = columns.count - 1; i >= 0 && shown < SEALS_PER_BATCH; i--) {
      if ((leaf[i] as number) < 0) continue;
      shown++;
      const subject = columns.words[columns.subject[i] as number] as string;
      const from = columns.readingStart[i] as number;
      const to = columns.readingStart[i + 1] as number;
      this.#emit({
        event: 'seal',
        data: {
          leaf: leaf[i],
          id: toHex(columns.ids.subarray(32 * i, 32 * i + 32)),
          subject,
          kind: kindOfCode(columns.kind[i] as number),
          arrivalMs: columns.arrivalMs[i],
          class: classNames[(columns.class[i] as number) - 1],
          flag: sequenceFlags[flag[i] as number],
          readings: to - from,
        },
      });
      for (let r = from; r < Math.min(to, from + READINGS_PER_BATCH); r++) {
        const [quantity, unit] = (columns.words[columns.readingName[r] as number] as string).split('\n');
        const data = { subject, quantity, unit, timeMs: columns.readingTimeMs[r], value: columns.readingValue[r] };
        this.#emit({ event: 'reading', data });
      }
    }
  }
}
