// What the screens ask of the node. Live events keep the answers fresh: nothing is asked again by the clock.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { QueryOf } from '@trine/client';
import { ask } from './client.ts';
import type { AlertFilter, ConnectFilter, DecisionFilter, DeviceFilter, PaymentFilter } from './filters.ts';
import type { ListPage } from './pages.ts';
import type { DomainView, SigningView } from './types.ts';

/** Rows of a page of a list. */
export const PAGE_ROWS = 50;
/** Rows that the first page looks at. */
export const NEWEST = 40;
/** Most decisions that a panel of a policy draws. */
export const PANEL_ROWS = 500;
/** Things with a key of their own whose names are asked for at most. */
const NAMED_MAX = 5_000;

const flagWord = (flag: boolean | undefined) =>
  flag === undefined ? undefined : flag ? ('true' as const) : ('false' as const);

/** Members that are undefined left out. */
function defined<T extends object>(given: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

/** @param page rows, and where the page before ended */
export function askDecisions({ held, advice, standing, ...rest }: DecisionFilter, page: PageOf) {
  const query: QueryOf<'/api/v1/decisions'> = defined({
    ...rest,
    held: flagWord(held),
    advice: flagWord(advice),
    standing: flagWord(standing),
    ...page,
  });
  return ask((api) => api.GET('/api/v1/decisions', { params: { query } }));
}

export function askPayments(filter: PaymentFilter, page: PageOf) {
  return ask((api) => api.GET('/api/v1/payments', { params: { query: defined({ ...filter, ...page }) } }));
}

/** Open ones, where nothing else is asked for. */
export function askAlerts({ status, ...rest }: AlertFilter, page: PageOf & { readonly policy?: string }) {
  const one = status === 'all' ? undefined : (status ?? ('open' as const));
  return ask((api) => api.GET('/api/v1/alerts', { params: { query: defined({ ...rest, status: one, ...page }) } }));
}

export function askDevices(filter: QueryOf<'/api/v1/devices'>) {
  return ask((api) => api.GET('/api/v1/devices', { params: { query: filter } }));
}

interface PageOf {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A list that is asked for page by page. */
function list<Row, Counts>(
  key: readonly unknown[],
  page: (after: string | undefined) => Promise<ListPage<Row, Counts>>,
) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }: { pageParam: string | undefined }) => page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: ListPage<Row, Counts>) => next,
    placeholderData: keepPreviousData,
  });
}

export const lists = {
  decisions: (filter: DecisionFilter, limit: number = PAGE_ROWS) =>
    list(['decisions', filter, limit], (after) => askDecisions(filter, { limit, after })),
  payments: (filter: PaymentFilter, limit: number = PAGE_ROWS) =>
    list(['payments', filter, limit], (after) => askPayments(filter, { limit, after })),
  alerts: (filter: AlertFilter, limit: number = PAGE_ROWS) =>
    list(['alerts', filter, limit], (after) => askAlerts(filter, { limit, after })),
  devices: (filter: DeviceFilter, limit: number = PAGE_ROWS) =>
    list(['devices', filter, limit], (after) => askDevices(defined({ ...filter, limit, after }))),
  /** Of connectors, by kind. */
  things: ({ connector, state, search }: ConnectFilter) =>
    list(['things', { connector, state, search }], (after) => {
      const query = {
        connector,
        state,
        search,
        sort: 'kind' as const,
        limit: PAGE_ROWS,
        after: after && Number(after),
      };
      return ask((api) => api.GET('/api/v1/connectors/things', { params: { query: defined(query) as object } }));
    }),
  readings: (asked: Omit<QueryOf<'/api/v1/readings'>, 'limit' | 'after'>) =>
    list(['readings', asked], (after) =>
      ask((api) => api.GET('/api/v1/readings', { params: { query: defined({ ...asked, limit: PAGE_ROWS, after }) } })),
    ),
  rows: (id: string) =>
    list(['rows', id], (after) =>
      ask((api) =>
        api.GET('/api/v1/decisions/{id}/rows', {
          params: { path: { id }, query: defined({ limit: PAGE_ROWS, after }) },
        }),
      ),
    ),
  heldLines: (id: string) =>
    list(['held', id, 'lines'], (after) =>
      ask((api) =>
        api.GET('/api/v1/held/{id}/lines', { params: { path: { id }, query: defined({ limit: PAGE_ROWS, after }) } }),
      ),
    ),
};

export const queries = {
  overview: () =>
    queryOptions({
      queryKey: ['overview'],
      queryFn: () => ask((api) => api.GET('/api/v1/overview')),
      // The first event brings the whole of it, and each change after it.
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** Who is silent. @param count how many there are, as the overview told last: another number is another question */
  silences: (count: number) =>
    queryOptions({
      queryKey: ['silences', count],
      queryFn: () => ask((api) => api.GET('/api/v1/silences', { params: { query: { limit: 100 } } })),
      placeholderData: keepPreviousData,
    }),
  /** One thing; null where nobody knows it. */
  device: (subject: string) =>
    queryOptions({
      queryKey: ['device', subject],
      queryFn: async () => (await askDevices({ subject, limit: 1 })).items[0] ?? null,
    }),
  /** How many things there are, and which was heard last. */
  heard: () => queryOptions({ queryKey: ['heard'], queryFn: () => askDevices({ sort: 'newest', limit: 1 }) }),
  /** Names come with keys: of things without one the subject is the name. */
  names: () =>
    queryOptions({
      queryKey: ['names'],
      queryFn: async () => {
        const names = new Map<string, string>();
        let after: string | undefined;
        do {
          const page = await askDevices({ enrolled: 'true', limit: 1_000, ...(after !== undefined && { after }) });
          for (const { subject, name } of page.items) names.set(subject, name);
          after = page.next;
        } while (after !== undefined && names.size < NAMED_MAX);
        return names;
      },
      staleTime: Number.POSITIVE_INFINITY,
    }),
  streams: (subject: string) =>
    queryOptions({
      queryKey: ['streams', subject],
      queryFn: () => ask((api) => api.GET('/api/v1/streams', { params: { query: { subject } } })),
    }),
  series: (stream: number, from: number | undefined, to: number | undefined, points: number) =>
    queryOptions({
      queryKey: ['series', stream, from, to, points],
      queryFn: () =>
        ask((api) => api.GET('/api/v1/series', { params: { query: defined({ stream, from, to, points }) } })),
      placeholderData: keepPreviousData,
    }),
  seals: (subject: string | undefined, limit: number) =>
    queryOptions({
      queryKey: ['seals', subject, limit],
      queryFn: async () =>
        (await ask((api) => api.GET('/api/v1/seals', { params: { query: defined({ subject, limit }) } }))).items,
    }),
  /** The head of the sequence about a thing, with a fork that stands. */
  sequence: (subject: string, keyOwner: string) =>
    queryOptions({
      queryKey: ['sequence', subject, keyOwner],
      queryFn: () => ask((api) => api.GET('/api/v1/chain', { params: { query: { subject, keyOwner } } })),
    }),
  /** What is installed: words, forms and panels. It changes with a restart of the node alone. */
  domains: () =>
    queryOptions({
      queryKey: ['domains'],
      queryFn: async () => (await ask((api) => api.GET('/api/v1/domains'))) as unknown as readonly DomainView[],
      staleTime: Number.POSITIVE_INFINITY,
    }),
  decision: (id: string) =>
    queryOptions({
      queryKey: ['decision', id],
      queryFn: () => ask((api) => api.GET('/api/v1/decisions/{id}', { params: { path: { id } } })),
    }),
  payment: (id: string) =>
    queryOptions({
      queryKey: ['payment', id],
      queryFn: () => ask((api) => api.GET('/api/v1/payments/{id}', { params: { path: { id } } })),
    }),
  /** Counts over everything, however long the lists are. */
  totals: () => queryOptions({ queryKey: ['totals'], queryFn: () => ask((api) => api.GET('/api/v1/totals')) }),
  /** Why a decision is what it is: computed anew by the node, and never again for the same one. */
  explanation: (id: string) =>
    queryOptions({
      queryKey: ['explanation', id],
      queryFn: () => ask((api) => api.GET('/api/v1/decisions/{id}/explanation', { params: { path: { id } } })),
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    }),
  held: () => queryOptions({ queryKey: ['held'], queryFn: () => ask((api) => api.GET('/api/v1/held')) }),
  labels: (id: string) =>
    queryOptions({
      queryKey: ['labels', id],
      queryFn: () => ask((api) => api.GET('/api/v1/decisions/{id}/labels', { params: { path: { id } } })),
    }),
  forecast: (stream: number) =>
    queryOptions({
      queryKey: ['forecast', stream],
      queryFn: () => ask((api) => api.GET('/api/v1/forecast', { params: { query: { stream } } })),
      staleTime: 60_000,
      retry: false,
    }),
  models: () => queryOptions({ queryKey: ['models'], queryFn: () => ask((api) => api.GET('/api/v1/models')) }),
  monitors: () => queryOptions({ queryKey: ['monitors'], queryFn: () => ask((api) => api.GET('/api/v1/monitors')) }),
  proposals: () => queryOptions({ queryKey: ['proposals'], queryFn: () => ask((api) => api.GET('/api/v1/proposals')) }),
  /** As one of its parties sees it. */
  signing: (id: string, code: string) =>
    queryOptions({
      queryKey: ['signing', id, code],
      queryFn: async () => {
        const params = { path: { id }, query: { code } };
        return (await ask((api) => api.GET('/api/v1/signing/{id}', { params }))) as SigningView;
      },
    }),
  simulated: () =>
    queryOptions({
      queryKey: ['simulated'],
      queryFn: () => ask((api) => api.GET('/api/v1/connectors/simulated')),
      refetchInterval: 60_000,
    }),
  connectors: () =>
    queryOptions({ queryKey: ['connectors'], queryFn: () => ask((api) => api.GET('/api/v1/connectors')) }),
  /** What nothing reads, and what was refused. */
  unread: () =>
    queryOptions({ queryKey: ['unread'], queryFn: () => ask((api) => api.GET('/api/v1/connectors/unread')) }),
  /** What a message would become. */
  tried: (message: { readonly topic: string; readonly payload: string; readonly mapping: Record<string, unknown> }) =>
    queryOptions({
      queryKey: ['tried', message],
      queryFn: () => ask((api) => api.POST('/api/v1/connectors/try', { body: message })),
      placeholderData: keepPreviousData,
      gcTime: 0,
    }),
  agreements: () =>
    queryOptions({ queryKey: ['agreements'], queryFn: () => ask((api) => api.GET('/api/v1/agreements')) }),
};
