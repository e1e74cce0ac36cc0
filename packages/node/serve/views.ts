// Views: what people and programs see, from the store. Every row names the id by which its proof can be asked for.
import type { KeyDirectory } from '../projections/keys.ts';
import type { SequenceTracker } from '../projections/sequences.ts';
import type { Store } from '../projections/tables/store.ts';
import type { Contests } from '../settle/contests.ts';
import { type AlertQuery, alerts } from './views/alerts.ts';
import {
  chainOf,
  type DecisionQuery,
  type DecisionView,
  decision,
  decisions,
  rowsOf,
  totals,
  type WaitingMap,
  withWaiting,
} from './views/decisions.ts';
import type { PageQuery } from './views/page.ts';
import {
  type CourseMap,
  contestsOf,
  type PaymentQuery,
  type PaymentView,
  payment,
  payments,
} from './views/payments.ts';
import { type RateQuery, rate } from './views/rate.ts';
import { allReadings, type ReadingQuery, readings, type SeriesQuery, series } from './views/readings.ts';
import { type DeviceQuery, devices, seals, streams } from './views/things.ts';

export type { AlertView } from './views/alerts.ts';
export type { DecisionView, RowView, TotalsView } from './views/decisions.ts';
export type { PaymentView } from './views/payments.ts';
export type { ReadingView, SeriesView } from './views/readings.ts';
export type { DeviceView, SealView, StreamView } from './views/things.ts';

/** Where payments stand on the chain, and what is not ordered yet. */
interface SettlingNow {
  readonly courses: { all(): CourseMap };
  readonly waiting: WaitingMap;
  readonly contests: Pick<Contests, 'of'>;
}

const NOTHING: SettlingNow = {
  courses: { all: () => new Map() },
  waiting: new Map(),
  contests: { of: () => [] },
};

/** Each list is a page as of one leaf: {@link PageQuery}. */
export class Views {
  readonly #store: Store;
  readonly #keyDirectory: KeyDirectory;
  readonly #sequences: SequenceTracker;
  readonly #settling: SettlingNow;

  /** @param settling what is known of payments besides what the log says */
  constructor(store: Store, keyDirectory: KeyDirectory, sequences: SequenceTracker, settling: SettlingNow = NOTHING) {
    this.#settling = settling;
    this.#store = store;
    this.#keyDirectory = keyDirectory;
    this.#sequences = sequences;
  }

  /** @param nameOf what people call a thing without a key of its own */
  devices(query: DeviceQuery, nameOf?: (subject: string) => string | undefined): ReturnType<typeof devices> {
    const sources = { store: this.#store, keyDirectory: this.#keyDirectory, sequences: this.#sequences, nameOf };
    return devices(sources, { ...query, sort: query.sort ?? 'subject' });
  }

  streams(subject: string): ReturnType<typeof streams> {
    return streams(this.#store, subject);
  }

  series(query: SeriesQuery): ReturnType<typeof series> {
    return series(this.#store, query);
  }

  readings(query: ReadingQuery): ReturnType<typeof readings> {
    return readings(this.#store, query);
  }

  allReadings(query: Omit<ReadingQuery, keyof PageQuery>): ReturnType<typeof allReadings> {
    return allReadings(this.#store, query);
  }

  rate(query: RateQuery): ReturnType<typeof rate> {
    return rate(this.#store, query);
  }

  seals(query: PageQuery & { readonly subject?: string | undefined }): ReturnType<typeof seals> {
    return seals(this.#store, query);
  }

  async decisions(query: DecisionQuery): ReturnType<typeof decisions> {
    const page = await decisions(this.#store, query);
    const waiting = this.#settling.waiting;
    return { ...page, items: page.items.map((one) => withWaiting(one, waiting)) };
  }

  async decision(id: Uint8Array): Promise<DecisionView | undefined> {
    const found = await decision(this.#store, id);
    return found && withWaiting(found, this.#settling.waiting);
  }

  async chainOf(of: DecisionView): Promise<DecisionView[]> {
    const waiting = this.#settling.waiting;
    return (await chainOf(this.#store, of)).map((one) => withWaiting(one, waiting));
  }

  async rowsOf(of: DecisionView, query: PageQuery): ReturnType<typeof rowsOf> {
    const page = await rowsOf(this.#store, of, query);
    const lines = this.#settling.waiting.get(of.id)?.lines;
    return { ...page, items: page.items.map((one) => ({ ...one, awaits: lines?.get(one.key) })) };
  }

  totals(): ReturnType<typeof totals> {
    return totals(this.#store);
  }

  payments(query: PaymentQuery): ReturnType<typeof payments> {
    return payments(this.#store, query, this.#settling.courses.all());
  }

  async payment(id: Uint8Array): Promise<PaymentView | undefined> {
    const found = await payment(this.#store, id, this.#settling.courses.all());
    if (!found?.isBatch) return found;
    const { agreement, obligation } = found;
    return { ...found, contests: contestsOf(this.#settling.contests.of(`0x${agreement}`, `0x${obligation}`)) };
  }

  alerts(query: AlertQuery): ReturnType<typeof alerts> {
    return alerts(this.#store, query);
  }
}
