// What the screens ask of the node, and how live events keep the answers fresh.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { getJson } from './client.ts';
import type {
  AgreementView,
  DecisionView,
  DeviceView,
  ExplainedDecision,
  LabelView,
  ModelView,
  MonitorView,
  Overview,
  PaymentView,
  SealView,
  SeriesView,
  StreamForecast,
  StreamView,
  TotalsView,
} from './types.ts';

/** Most rows a list asks for; lists say when there may be more. */
export const ROWS_MAX = 500;

const query = (parts: Record<string, string | number | undefined>): string =>
  Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value as string | number)}`)
    .join('&');

export const queries = {
  overview: () => queryOptions({ queryKey: ['overview'], queryFn: () => getJson<Overview>('/api/overview') }),
  devices: () =>
    queryOptions({
      queryKey: ['devices'],
      queryFn: () => getJson<DeviceView[]>('/api/devices'),
      refetchInterval: 4_000,
    }),
  streams: (subject: string) =>
    queryOptions({
      queryKey: ['streams', subject],
      queryFn: () => getJson<StreamView[]>(`/api/streams?${query({ subject })}`),
      refetchInterval: 10_000,
    }),
  series: (stream: number, from: number | undefined, to: number | undefined, points: number) =>
    queryOptions({
      queryKey: ['series', stream, from, to, points],
      queryFn: () => getJson<SeriesView>(`/api/series?${query({ stream, from, to, points })}`),
    }),
  seals: (subject: string | undefined, limit: number) =>
    queryOptions({
      queryKey: ['seals', subject],
      queryFn: () => getJson<SealView[]>(`/api/seals?${query({ subject, limit })}`),
      refetchInterval: 5_000,
    }),
  decisions: (subject?: string) =>
    queryOptions({
      queryKey: subject === undefined ? ['decisions'] : ['decisions', subject],
      queryFn: () => getJson<DecisionView[]>(`/api/decisions?${query({ limit: ROWS_MAX, subject })}`),
      // Live events carry the newest few; this catches up where more came at once.
      refetchInterval: subject === undefined ? 15_000 : 5_000,
    }),
  payments: () =>
    queryOptions({
      queryKey: ['payments'],
      queryFn: () => getJson<PaymentView[]>(`/api/payments?limit=${ROWS_MAX}`),
      refetchInterval: 15_000,
    }),
  decision: (id: string) =>
    queryOptions({
      queryKey: ['decision', id],
      queryFn: () => getJson<DecisionView>(`/api/decisions/${encodeURIComponent(id)}`),
      refetchInterval: 5_000,
    }),
  payment: (id: string) =>
    queryOptions({
      queryKey: ['payment', id],
      queryFn: () => getJson<PaymentView>(`/api/payments/${encodeURIComponent(id)}`),
      refetchInterval: 5_000,
    }),
  /** Counts over everything, however long the lists are. */
  totals: () =>
    queryOptions({
      queryKey: ['totals'],
      queryFn: () => getJson<TotalsView>('/api/totals'),
      refetchInterval: 5_000,
    }),
  /** Why a decision is what it is: computed anew by the node, and never again for the same one. */
  explanation: (id: string) =>
    queryOptions({
      queryKey: ['explanation', id],
      queryFn: () => getJson<ExplainedDecision>(`/api/decisions/${encodeURIComponent(id)}/explanation`),
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    }),
  labels: (id: string) =>
    queryOptions({
      queryKey: ['labels', id],
      queryFn: () => getJson<LabelView[]>(`/api/decisions/${encodeURIComponent(id)}/labels`),
    }),
  forecast: (stream: number) =>
    queryOptions({
      queryKey: ['forecast', stream],
      queryFn: () => getJson<StreamForecast>(`/api/forecast?stream=${stream}`),
      staleTime: 60_000,
      retry: false,
    }),
  models: () =>
    queryOptions({
      queryKey: ['models'],
      queryFn: () => getJson<ModelView[]>('/api/models'),
      refetchInterval: 5_000,
    }),
  monitors: () =>
    queryOptions({
      queryKey: ['watches'],
      queryFn: () => getJson<MonitorView[]>('/api/watches'),
      refetchInterval: 5_000,
    }),
  agreements: () =>
    queryOptions({
      queryKey: ['agreements'],
      queryFn: () => getJson<AgreementView[]>('/api/agreements'),
      refetchInterval: 5_000,
    }),
};

/** Puts rows into a list, newest first, a row of the same id replaced in place. */
export function merge<T extends { readonly id: string }>(
  known: readonly T[] | undefined,
  fresh: readonly T[],
): T[] | undefined {
  if (known === undefined) return undefined;
  const result = [...known];
  for (const row of fresh) {
    const at = result.findIndex(({ id }) => id === row.id);
    if (at === -1) result.unshift(row);
    else result[at] = row;
  }
  return result.slice(0, ROWS_MAX);
}

export function takeDecisions(client: QueryClient, fresh: readonly DecisionView[]): void {
  if (fresh.length === 0) return;
  client.setQueryData<DecisionView[]>(['decisions'], (known) => merge(known, fresh));
  countAgain(client);
}

/** A payment also shows on the decision that ordered it. */
export function takePayments(client: QueryClient, fresh: readonly PaymentView[]): void {
  if (fresh.length === 0) return;
  client.setQueryData<PaymentView[]>(['payments'], (known) => merge(known, fresh));
  for (const row of fresh) client.setQueryData<PaymentView>(['payment', row.id], (known) => known && row);
  countAgain(client);
  const byDecision = new Map(fresh.map(({ decision, id }) => [decision, id]));
  client.setQueryData<DecisionView[]>(['decisions'], (known) =>
    known?.map((row) => (byDecision.has(row.id) ? { ...row, payment: byDecision.get(row.id) } : row)),
  );
}

/** A count under way is not begun again: however fast events come, it arrives. */
function countAgain(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ['totals'] }, { cancelRefetch: false });
}
