// Views: what people and programs see, from the store. Every row names the id by which its proof can be asked for.
import type { KeyDirectory } from '../projections/keys.ts';
import type { SequenceTracker } from '../projections/sequences.ts';
import type { Store } from '../projections/tables/store.ts';
import { type AlertView, alerts } from './views/alerts.ts';
import {
  chainOf,
  type DecisionFilter,
  type DecisionView,
  decision,
  decisions,
  type RowView,
  rowsOf,
  type TotalsView,
  totals,
} from './views/decisions.ts';
import { type PaymentView, payment, payments } from './views/payments.ts';
import {
  type DeviceView,
  devices,
  type SealView,
  type SeriesView,
  type StreamView,
  seals,
  series,
  streams,
} from './views/things.ts';

export type { AlertView } from './views/alerts.ts';
export type { DecisionFilter, DecisionView, RowView, TotalsView, VerdictCount } from './views/decisions.ts';
export type { PaymentView } from './views/payments.ts';
export type { DeviceView, SealView, SeriesView, StreamView } from './views/things.ts';

export class Views {
  readonly #store: Store;
  readonly #keyDirectory: KeyDirectory;
  readonly #sequences: SequenceTracker;

  constructor(store: Store, keyDirectory: KeyDirectory, sequences: SequenceTracker) {
    this.#store = store;
    this.#keyDirectory = keyDirectory;
    this.#sequences = sequences;
  }

  devices(): Promise<DeviceView[]> {
    return devices(this.#store, this.#keyDirectory, this.#sequences);
  }

  streams(subject: string): Promise<StreamView[]> {
    return streams(this.#store, subject);
  }

  series(stream: number, fromMs: number | undefined, toMs: number | undefined, points: number): Promise<SeriesView> {
    return series(this.#store, stream, fromMs, toMs, points);
  }

  seals(limit: number, subject?: string): Promise<SealView[]> {
    return seals(this.#store, limit, subject);
  }

  decisions(limit: number, filter?: DecisionFilter): Promise<DecisionView[]> {
    return decisions(this.#store, limit, filter);
  }

  decision(id: Uint8Array): Promise<DecisionView | undefined> {
    return decision(this.#store, id);
  }

  chainOf(of: DecisionView): Promise<DecisionView[]> {
    return chainOf(this.#store, of);
  }

  rowsOf(of: DecisionView, limit: number): Promise<RowView[]> {
    return rowsOf(this.#store, of, limit);
  }

  totals(): Promise<TotalsView> {
    return totals(this.#store);
  }

  payments(limit: number): Promise<PaymentView[]> {
    return payments(this.#store, limit);
  }

  payment(id: Uint8Array): Promise<PaymentView | undefined> {
    return payment(this.#store, id);
  }

  alerts(limit: number): Promise<AlertView[]> {
    return alerts(this.#store, limit);
  }
}
