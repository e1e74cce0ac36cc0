// What the screens ask of the node, and how live events keep the answers fresh.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { API, getAll, getItems, getJson } from './client.ts';
import type {
  AgreementView,
  AlertView,
  DecisionDetail,
  DecisionView,
  DeviceView,
  DomainView,
  ExplainedDecision,
  LabelView,
  ModelView,
  MonitorView,
  Overview,
  PaymentView,
  RowView,
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
  overview: () => queryOptions({ queryKey: ['overview'], queryFn: () => getJson<Overview>(`${API}/overview`) }),
  devices: () =>
    queryOptions({
      queryKey: ['devices'],
      queryFn: () => getAll<DeviceView>(`${API}/devices?limit=1000`),
      refetchInterval: 4_000,
    }),
  streams: (subject: string) =>
    queryOptions({
      queryKey: ['streams', subject],
      queryFn: () => getJson<StreamView[]>(`${API}/streams?${query({ subject })}`),
      refetchInterval: 10_000,
    }),
  series: (stream: number, from: number | undefined, to: number | undefined, points: number) =>
    queryOptions({
      queryKey: ['series', stream, from, to, points],
      queryFn: () => getJson<SeriesView>(`${API}/series?${query({ stream, from, to, points })}`),
    }),
  seals: (subject: string | undefined, limit: number) =>
    queryOptions({
      queryKey: ['seals', subject],
      queryFn: () => getItems<SealView>(`${API}/seals?${query({ subject, limit })}`),
      refetchInterval: 5_000,
    }),
  /** What is installed: words, forms and panels. It changes with a restart of the node alone. */
  domains: () =>
    queryOptions({
      queryKey: ['domains'],
      queryFn: () => getJson<DomainView[]>(`${API}/domains`),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  decisions: () =>
    queryOptions({
      queryKey: ['decisions'],
      queryFn: () => getItems<DecisionView>(`${API}/decisions?${query({ limit: ROWS_MAX })}`),
      // Live events carry the newest few; this catches up where more came at once.
      refetchInterval: 15_000,
    }),
  decisionsOf: (of: { readonly subject: string } | { readonly policy: string }) =>
    queryOptions({
      queryKey: ['decisions-of', of],
      queryFn: () => getItems<DecisionView>(`${API}/decisions?${query({ limit: ROWS_MAX, ...of })}`),
      refetchInterval: 5_000,
    }),
  rows: (id: string) =>
    queryOptions({
      queryKey: ['rows', id],
      queryFn: () => getItems<RowView>(`${API}/decisions/${encodeURIComponent(id)}/rows?${query({ limit: ROWS_MAX })}`),
    }),
  alerts: () =>
    queryOptions({
      queryKey: ['alerts'],
      queryFn: () => getItems<AlertView>(`${API}/alerts?${query({ limit: ROWS_MAX })}`),
      refetchInterval: 15_000,
    }),
  payments: () =>
    queryOptions({
      queryKey: ['payments'],
      queryFn: () => getItems<PaymentView>(`${API}/payments?limit=${ROWS_MAX}`),
      refetchInterval: 15_000,
    }),
  decision: (id: string) =>
    queryOptions({
      queryKey: ['decision', id],
      queryFn: () => getJson<DecisionDetail>(`${API}/decisions/${encodeURIComponent(id)}`),
      refetchInterval: 5_000,
    }),
  payment: (id: string) =>
    queryOptions({
      queryKey: ['payment', id],
      queryFn: () => getJson<PaymentView>(`${API}/payments/${encodeURIComponent(id)}`),
      refetchInterval: 5_000,
    }),
  /** Counts over everything, however long the lists are. */
  totals: () =>
    queryOptions({
      queryKey: ['totals'],
      queryFn: () => getJson<TotalsView>(`${API}/totals`),
      refetchInterval: 5_000,
    }),
  /** Why a decision is what it is: computed anew by the node, and never again for the same one. */
  explanation: (id: string) =>
    queryOptions({
      queryKey: ['explanation', id],
      queryFn: () => getJson<ExplainedDecision>(`${API}/decisions/${encodeURIComponent(id)}/explanation`),
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    }),
  labels: (id: string) =>
    queryOptions({
      queryKey: ['labels', id],
      queryFn: () => getJson<LabelView[]>(`${API}/decisions/${encodeURIComponent(id)}/labels`),
    }),
  forecast: (stream: number) =>
    queryOptions({
      queryKey: ['forecast', stream],
      queryFn: () => getJson<StreamForecast>(`${API}/forecast?stream=${stream}`),
      staleTime: 60_000,
      retry: false,
    }),
  models: () =>
    queryOptions({
      queryKey: ['models'],
      queryFn: () => getJson<ModelView[]>(`${API}/models`),
      refetchInterval: 5_000,
    }),
  monitors: () =>
    queryOptions({
      queryKey: ['monitors'],
      queryFn: () => getJson<MonitorView[]>(`${API}/monitors`),
      refetchInterval: 5_000,
    }),
  agreements: () =>
    queryOptions({
      queryKey: ['agreements'],
      queryFn: () => getJson<AgreementView[]>(`${API}/agreements`),
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

/** What a live event says of a payment: that it was ordered for a decision, or paid. */
export interface PaymentChange {
  /** Digest of the intent. */
  readonly id: string;
  /** Where it was ordered. */
  readonly decision?: string;
}

/** A payment is shown with what its decision says, so lists ask again; it also shows on the decision that ordered it. */
export function takePayments(client: QueryClient, fresh: readonly PaymentChange[]): void {
  if (fresh.length === 0) return;
  const again = { cancelRefetch: false };
  void client.invalidateQueries({ queryKey: ['payments'] }, again);
  for (const { id } of fresh) void client.invalidateQueries({ queryKey: ['payment', id] }, again);
  countAgain(client);
  const byDecision = new Map(fresh.map(({ decision, id }) => [decision, id]));
  client.setQueryData<DecisionView[]>(['decisions'], (known) =>
    known?.map((row) => (byDecision.has(row.id) ? { ...row, payment: byDecision.get(row.id) } : row)),
  );
}

export function takeAlerts(client: QueryClient, fresh: readonly unknown[]): void {
  if (fresh.length > 0) void client.invalidateQueries({ queryKey: ['alerts'] }, { cancelRefetch: false });
}

/** A count under way is not begun again: however fast events come, it arrives. */
function countAgain(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ['totals'] }, { cancelRefetch: false });
}
