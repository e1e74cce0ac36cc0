// Joins the live events with the screens.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { ApiError } from './client.ts';
import { listen } from './events.ts';
import { type LiveState, LiveStore } from './live.ts';
import { type PaymentChange, takeAlerts, takeDecisions, takePayments } from './queries.ts';
import type { ServerEvent } from './sse.ts';
import { readToken } from './token.ts';
import type { DecisionView, LiveReading, LiveRefusal, Overview, SealView } from './types.ts';

const FLUSH_MS = 250;
/** Beyond that between two flushes, the oldest are not shown: counts come with `overview`. */
const PENDING_MAX = 2_000;

const LiveContext = createContext<LiveStore>(new LiveStore());

export function useLiveStore(): LiveStore {
  return useContext(LiveContext);
}

export function useLive(): LiveState {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, store.get);
}

interface Pending {
  seal: SealView[];
  decision: DecisionView[];
  payment: PaymentChange[];
  alert: unknown[];
  refusal: LiveRefusal[];
  reading: LiveReading[];
}

const nothing = (): Pending => ({ seal: [], decision: [], payment: [], alert: [], refusal: [], reading: [] });

function startLive(store: LiveStore, client: QueryClient): () => void {
  const stop = new AbortController();
  let pending = nothing();
  let hasMissed = false;
  const onEvent = ({ event, data }: ServerEvent): void => {
    if (event === 'overview') {
      const fresh = JSON.parse(data) as Partial<Overview>;
      client.setQueryData<Overview>(['overview'], (known) => known && { ...known, ...fresh });
      if (fresh.ingest) store.count(fresh.ingest.sealed, Date.now());
    } else if (event === 'reload') {
      // More happened than was told.
      hasMissed = true;
    } else if (event in pending) {
      const list = pending[event as keyof Pending] as unknown[];
      list.push(JSON.parse(data));
      if (list.length > PENDING_MAX) list.shift();
    }
  };
  const timer = setInterval(() => {
    if (hasMissed) void client.invalidateQueries(undefined, { cancelRefetch: false });
    hasMissed = false;
    const { seal, decision, payment, alert, refusal, reading } = pending;
    pending = nothing();
    if (seal.length + refusal.length + reading.length > 0) store.add(seal, reading, refusal);
    takeDecisions(client, decision);
    takePayments(client, payment);
    takeAlerts(client, alert);
  }, FLUSH_MS);
  let wasLost = false;
  void listen(
    onEvent,
    (connection) => {
      store.connect(connection);
      // Whatever happened meanwhile was not heard.
      if (connection === 'live' && wasLost) void client.invalidateQueries();
      wasLost = connection === 'lost';
    },
    stop.signal,
  );
  return () => {
    stop.abort();
    clearInterval(timer);
  };
}

export function LiveProvider({ children }: { children: ReactNode }): ReactNode {
  const store = useMemo(() => new LiveStore(), []);
  const client = useMemo(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 2_000,
            retry: (count, error) => !(error instanceof ApiError && [401, 404].includes(error.status)) && count < 3,
          },
        },
      }),
    [],
  );
  useEffect(() => (readToken() === undefined ? undefined : startLive(store, client)), [store, client]);
  return (
    <QueryClientProvider client={client}>
      <LiveContext value={store}>{children}</LiveContext>
    </QueryClientProvider>
  );
}
