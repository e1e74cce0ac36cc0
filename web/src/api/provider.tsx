// Joins the live events with the screens.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type LiveEvent, live } from '@trine/client';
import { TrineError } from '@trine/protocol';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { nodeApi } from './client.ts';
import { Freshener } from './fresh.ts';
import { type Carried, changedOverview, type LiveState, LiveStore } from './live.ts';
import { readToken } from './token.ts';
import type { Overview } from './types.ts';

const FLUSH_MS = 250;
/** Beyond that between two flushes, the oldest are not shown. */
const PENDING_MAX = 2_000;

const LiveContext = createContext<LiveStore>(new LiveStore());

export function useLiveStore(): LiveStore {
  return useContext(LiveContext);
}

export function useLive(): LiveState {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, store.get);
}

type Pending = { [Name in 'seal' | 'decision' | 'payment' | 'alert' | 'refusal' | 'reading']: Carried<Name>[] };

const nothing = (): Pending => ({ seal: [], decision: [], payment: [], alert: [], refusal: [], reading: [] });

function startLive(store: LiveStore, client: QueryClient): () => void {
  const stop = new AbortController();
  const fresh = new Freshener(client);
  let pending = nothing();
  let hasMissed = false;
  /** An event by whose id the stream goes on after a break. */
  let hasPlace = false;
  const onEvent = (told: LiveEvent): void => {
    hasPlace ||= 'id' in told;
    if (told.event === 'overview') takeOverview(store, client, fresh, told.data);
    else if (told.event === 'reload') hasMissed = true;
    else if (told.event !== 'trouble') {
      const list: unknown[] = pending[told.event];
      list.push(told.data);
      if (list.length > PENDING_MAX) {
        list.shift();
        hasMissed = true;
      }
    }
  };
  const timer = setInterval(() => {
    if (hasMissed) fresh.reload();
    hasMissed = false;
    const happened = pending;
    pending = nothing();
    const { seal, refusal, reading } = happened;
    if (seal.length + refusal.length + reading.length > 0) store.add(seal, reading, refusal);
    fresh.take(happened);
  }, FLUSH_MS);
  let wasLost = false;
  void live(nodeApi(), {
    onEvent,
    onConnection: (connection) => {
      store.connect(connection);
      // Without an id to go on from, nobody tells what happened meanwhile.
      if (connection === 'live' && wasLost && !hasPlace) hasMissed = true;
      wasLost = connection === 'lost';
    },
    signal: stop.signal,
  });
  return () => {
    stop.abort();
    clearInterval(timer);
    fresh.stop();
  };
}

function takeOverview(store: LiveStore, client: QueryClient, fresh: Freshener, change: Carried<'overview'>): void {
  const before = client.getQueryData<Overview>(['overview'])?.connectors;
  const { connectors: now } = change;
  if (before && now) fresh.connected(before.found !== now.found || before.accepted !== now.accepted);
  client.setQueryData<Overview>(['overview'], (known) => changedOverview(known, change));
  if (change.ingest) store.count(change.ingest.sealed, Date.now());
}

export function LiveProvider({ children }: { children: ReactNode }): ReactNode {
  const store = useMemo(() => new LiveStore(), []);
  const client = useMemo(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            // Events keep it fresh; coming back to a page asks again what may have been left out.
            staleTime: 10_000,
            refetchOnWindowFocus: false,
            retry: (count, error) =>
              !(error instanceof TrineError && ['unauthorised', 'not-found', 'invalid'].includes(error.code)) &&
              count < 3,
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
