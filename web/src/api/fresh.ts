// What live events change in the answers that screens hold: rows are put in their place, counts of lists on screen are
// asked for again, at most once in a while however fast events come. What is not on screen is asked when it is next shown.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { AlertFilter, DecisionFilter, DeviceFilter, PaymentFilter } from './filters.ts';
import type { Carried } from './live.ts';
import {
  hear,
  heardOf,
  keyOfAlert,
  keyOfPayment,
  type ListPage,
  markPaid,
  type Pages,
  putRows,
  takeDecisions,
} from './pages.ts';
import { askAlerts, askDecisions, askPayments, queries } from './queries.ts';
import type { AlertView, DecisionView, DeviceView, PaymentView, SealView, StreamView } from './types.ts';

/** Between two askings for the same. */
const AGAIN_MS = 2_000;
/** Between two askings for what every message changes a little. */
const SLOWLY_MS = 5_000;
/** Beyond that at once, the list is asked for again instead of each row. */
const SINGLY_MAX = 20;
/** Seals of one moment of which the node may have left some out. */
const SEALS_TOLD = 16;
/** One row tells of which list the counts are. */
const COUNTS = { limit: 1 };

export interface Happened {
  readonly seal: readonly SealView[];
  readonly decision: readonly DecisionView[];
  readonly payment: readonly Carried<'payment'>[];
  readonly alert: readonly Carried<'alert'>[];
  readonly reading: readonly Carried<'reading'>[];
}

/** What of the answers each kind of statement changes. */
const changedBy: Readonly<Record<string, readonly string[]>> = {
  enrolment: ['names', 'heard', 'devices', 'device'],
  'key-status': ['devices', 'device'],
  recovery: ['device', 'sequence', 'devices'],
  erasure: ['devices', 'device', 'streams'],
  agreement: ['agreements', 'models', 'proposals'],
  consent: ['agreements', 'proposals'],
  'policy-end': ['agreements', 'monitors'],
  monitor: ['monitors', 'models'],
  model: ['models'],
  approval: ['models', 'agreements'],
  'model-change': ['models', 'agreements', 'monitors'],
  label: ['labels', 'models'],
  release: ['held', 'decision', 'rows'],
  settlement: ['agreements', 'totals'],
};

/** Keeps the answers of one client fresh. */
export class Freshener {
  readonly #client: QueryClient;
  readonly #waiting = new Map<string, () => unknown>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #slow: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  /** Asks for everything again: more happened than was told. */
  reload(): void {
    void this.#client.invalidateQueries(undefined, { cancelRefetch: false });
  }

  take({ seal, decision, payment, alert, reading }: Happened): void {
    if (seal.length > 0) this.#sealed(seal);
    if (decision.length > 0) this.#decided(decision);
    if (payment.length > 0) this.#ordered(payment);
    if (alert.length > 0) this.#alerted(alert);
    if (reading.length > 0) this.#read(reading);
  }

  /** Connectors heard something. @param isListed things were found, or are others' choice now */
  connected(isListed: boolean): void {
    const again = () => {
      for (const name of ['things', 'connectors', 'unread']) this.#again([name]);
    };
    if (isListed) again();
    else
      this.#slow ??= setTimeout(() => {
        this.#slow = undefined;
        again();
      }, SLOWLY_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#slow);
  }

  #sealed(seals: readonly SealView[]): void {
    for (const name of new Set(seals.flatMap(({ kind }) => changedBy[kind] ?? []))) this.#again([name]);
    for (const [key] of this.#client.getQueriesData<readonly SealView[]>({ queryKey: ['seals'] })) {
      const [, subject, limit] = key as [string, string | undefined, number];
      const about = seals.filter((one) => subject === undefined || one.subject === subject).toReversed();
      this.#client.setQueryData<readonly SealView[]>(key, (known) => known && [...about, ...known].slice(0, limit));
    }
    for (const one of seals)
      if (one.kind === 'pack')
        this.#client.setQueryData<DeviceView | null>(['device', one.subject], (known) => known && hear(known, one));
    this.#lists<DeviceView, DeviceFilter>('devices', (pages) => heardOf(pages, seals));
    if (seals.length >= SEALS_TOLD) for (const name of ['devices', 'device', 'heard']) this.#again([name]);
  }

  #decided(fresh: readonly DecisionView[]): void {
    this.#lists<DecisionView, DecisionFilter>('decisions', (pages, filter) => takeDecisions(pages, filter, fresh));
    this.#recount<DecisionFilter>('decisions', (filter) => askDecisions(filter, COUNTS));
    for (const { supersedes, base } of fresh)
      if (supersedes !== undefined || base !== undefined) this.#again(['decision']);
    for (const name of ['totals', 'agreements', 'monitors']) this.#again([name]);
  }

  #ordered(changes: readonly Carried<'payment'>[]): void {
    const ordered = new Map(changes.flatMap(({ decision, id }) => (decision === undefined ? [] : [[decision, id]])));
    this.#lists<DecisionView, DecisionFilter>('decisions', (pages) => markPaid(pages, ordered));
    for (const [decision, payment] of ordered)
      this.#client.setQueryData(['decision', decision], (known: object | undefined) => known && { ...known, payment });
    this.#again(['totals']);
    const ids = [...new Set(changes.map(({ id }) => id))];
    if (ids.length > SINGLY_MAX) {
      this.#again(['payments']);
      this.#again(['payment']);
      return;
    }
    for (const id of ids) void this.#fetchPayment(id);
  }

  /** An event does not say what the payment is for: the row is asked for, it alone. */
  async #fetchPayment(id: string): Promise<void> {
    const isShown = this.#isShown(['payments']) || this.#isShown(['payment', id]);
    if (!isShown) {
      void this.#client.invalidateQueries({ queryKey: ['payments'], refetchType: 'none' });
      return;
    }
    const row = await this.#client.fetchQuery({ ...queries.payment(id), staleTime: 0 }).catch(() => undefined);
    if (row === undefined) return;
    this.#lists<PaymentView, PaymentFilter>('payments', (pages, filter) =>
      putRows(pages, [row], {
        keyOf: keyOfPayment,
        isShown: (one) => isPaymentOf(filter, one),
        // A party is a name of the agreement, which the row does not tell.
        isNewest: filter.sort === undefined && filter.party === undefined,
      }),
    );
    this.#recount<PaymentFilter>('payments', (filter) => askPayments(filter, COUNTS));
  }

  #alerted(changes: readonly Carried<'alert'>[]): void {
    const about = new Map(
      changes.flatMap(({ policy, subject }) =>
        policy === undefined || subject === undefined ? [] : [[`${policy} ${subject}`, { policy, subject }]],
      ),
    );
    // Who said something of an alert is told with its decision alone: its list is asked for again.
    if (changes.some(({ policy }) => policy === undefined) || about.size > SINGLY_MAX) this.#again(['alerts']);
    else for (const one of about.values()) void this.#fetchAlerts(one);
  }

  async #fetchAlerts({ policy, subject }: { readonly policy: string; readonly subject: string }): Promise<void> {
    if (!this.#isShown(['alerts'])) {
      void this.#client.invalidateQueries({ queryKey: ['alerts'], refetchType: 'none' });
      return;
    }
    const page = await askAlerts({ subject, status: 'all' }, { policy, limit: SINGLY_MAX }).catch(() => undefined);
    if (page === undefined) return;
    this.#lists<AlertView, AlertFilter>('alerts', (pages, filter) =>
      putRows(pages, page.items, {
        keyOf: keyOfAlert,
        isShown: (one) => isAlertOf(filter, one),
        isNewest: filter.sort === undefined,
      }),
    );
    this.#recount<AlertFilter>('alerts', (filter) => askAlerts(filter, COUNTS));
  }

  #read(readings: readonly Carried<'reading'>[]): void {
    for (const { subject, quantity, timeMs, value } of readings) {
      const known = this.#client.getQueryData<StreamView[]>(['streams', subject]);
      if (known === undefined) continue;
      const at = known.findIndex((one) => one.quantity === quantity);
      const before = known[at];
      if (before === undefined) {
        this.#again(['streams', subject]);
        continue;
      }
      const isNewest = timeMs >= (before.lastMs ?? 0);
      const now = {
        ...before,
        readings: before.readings + 1,
        ...(isNewest && { lastMs: timeMs, ...(value !== null && { lastValue: value }) }),
      };
      this.#client.setQueryData<StreamView[]>(['streams', subject], known.with(at, now));
    }
  }

  /** Changes the pages of every list of a name. */
  #lists<Row, Filter>(name: string, change: (pages: Pages<Row>, filter: Filter) => Pages<Row>): void {
    for (const [key, pages] of this.#client.getQueriesData<Pages<Row>>({ queryKey: [name] })) {
      if (pages === undefined) continue;
      if (this.#isShown(key)) this.#client.setQueryData<Pages<Row>>(key, change(pages, key[1] as Filter));
      else void this.#client.invalidateQueries({ queryKey: key, exact: true, refetchType: 'none' });
    }
  }

  /** Asks for the counts of the lists on screen, by one row of each. */
  #recount<Filter>(name: string, ask: (filter: Filter) => Promise<ListPage<unknown>>): void {
    this.#later(`counts ${name}`, () => {
      for (const [key] of this.#client.getQueriesData<Pages<unknown>>({ queryKey: [name] }))
        if (this.#isShown(key)) void this.#putCounts(key, ask(key[1] as Filter));
    });
  }

  async #putCounts(key: QueryKey, asked: Promise<ListPage<unknown>>): Promise<void> {
    const told = await asked.catch(() => undefined);
    if (told === undefined) return;
    this.#client.setQueryData<Pages<unknown>>(key, (pages) => {
      const [first, ...rest] = pages?.pages ?? [];
      return pages && first && { ...pages, pages: [{ ...first, counts: told.counts }, ...rest] };
    });
  }

  #isShown(key: QueryKey): boolean {
    return this.#client.getQueryCache().findAll({ queryKey: key, type: 'active' }).length > 0;
  }

  #again(key: QueryKey): void {
    this.#later(JSON.stringify(key), () => this.#client.invalidateQueries({ queryKey: key }, { cancelRefetch: false }));
  }

  /** Whatever is wanted meanwhile happens once. */
  #later(what: string, act: () => unknown): void {
    this.#waiting.set(what, act);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const due = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const one of due) one();
    }, AGAIN_MS);
  }
}

function isPaymentOf({ state, policy, subject, from, to }: PaymentFilter, row: PaymentView): boolean {
  return (
    (state === undefined || row.state === state) &&
    (policy === undefined || policy === row.policy || policy === row.agreement) &&
    (subject === undefined || subject === row.subject) &&
    (from === undefined || row.toMs > from) &&
    (to === undefined || row.fromMs < to)
  );
}

function isAlertOf({ status, severity, subject, from, to }: AlertFilter, row: AlertView): boolean {
  return (
    (status === 'all' || (status === undefined ? row.status !== 'resolved' : row.status === status)) &&
    (severity === undefined || severity === row.severity) &&
    (subject === undefined || subject === row.subject) &&
    (from === undefined || row.lastMs > from) &&
    (to === undefined || row.sinceMs < to)
  );
}
