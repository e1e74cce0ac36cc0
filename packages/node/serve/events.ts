// Feed: what happens now, for live views. Bounded: a listener that cannot keep up misses events, never the node.

import { assuranceClasses, kindOfCode, type Refusal, toHex } from '@trine/protocol';
import { type AppendedBatch, sequenceFlags } from '../ingest/batch.ts';

export interface NodeEvent {
  readonly event: 'seal' | 'reading' | 'refusal' | 'decisions' | 'payments' | 'trouble';
  readonly data: unknown;
}

const classNames = Object.keys(assuranceClasses);
const REFUSALS_KEPT = 100;
/** Readings shown live of one batch: a bulk import is not for the eye. */
const READINGS_PER_BATCH = 64;
const SEALS_PER_BATCH = 16;

export class EventBus {
  readonly refusals: { reason: Refusal; message: string; source: string; at: number }[] = [];
  problem: { message: string; at: number } | undefined;
  private readonly listeners = new Set<(event: NodeEvent) => void>();

  listen(listener: (event: NodeEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private emit(event: NodeEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Something in a table changed: views ask again. */
  touch(table: 'decisions' | 'payments'): void {
    this.emit({ event: table, data: {} });
  }

  trouble(message: string): void {
    this.problem = { message, at: Date.now() };
    this.emit({ event: 'trouble', data: this.problem });
  }

  refused(reason: Refusal, message: string, source: string): void {
    const refusal = { reason, message, source, at: Date.now() };
    this.refusals.push(refusal);
    if (this.refusals.length > REFUSALS_KEPT) this.refusals.shift();
    this.emit({ event: 'refusal', data: refusal });
  }

  sealed(batch: AppendedBatch): void {
    if (this.listeners.size === 0) return;
    const { columns, leaf, flag } = batch;
    let shown = 0;
    for (let i = columns.count - 1; i >= 0 && shown < SEALS_PER_BATCH; i--) {
      if ((leaf[i] as number) < 0) continue;
      shown++;
      const subject = columns.words[columns.subject[i] as number] as string;
      const from = columns.readingStart[i] as number;
      const to = columns.readingStart[i + 1] as number;
      this.emit({
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
        this.emit({ event: 'reading', data });
      }
    }
  }
}
