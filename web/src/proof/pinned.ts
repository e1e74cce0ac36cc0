// The network this browser trusts: kept here, and never replaced without being asked.
import { useQuery } from '@tanstack/react-query';
import { TrineError } from '@trine/protocol';
import { useSyncExternalStore } from 'react';
import { networkText } from '../api/client.ts';
import { keep, recall } from '../ui/storage.ts';
import { type NetworkFacts, readNetwork } from './verifier.ts';

const KEY = 'trine.network';
const listeners = new Set<() => void>();

/** @returns JSON of the pinned network document */
export function readPinned(): string | undefined {
  return recall(KEY);
}

/** @param json undefined forgets the pinned network */
export function pin(json: string | undefined): void {
  keep(KEY, json);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

export interface KnownNetwork {
  readonly json: string;
  readonly facts: NetworkFacts;
}

export interface Networks {
  readonly pinned: KnownNetwork | undefined;
  /** What the node says its network is. */
  readonly served: KnownNetwork | undefined;
  /** Neither is known before both were looked for. */
  readonly isReady: boolean;
}

async function describe(json: string): Promise<KnownNetwork> {
  return { json, facts: await readNetwork(json) };
}

/** @param asksNode whether there is a node to ask */
export function useNetworks(asksNode: boolean): Networks {
  const json = useSyncExternalStore(subscribe, readPinned);
  const pinned = useQuery({
    queryKey: ['pinned', json],
    queryFn: () => (json === undefined ? null : describe(json)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const served = useQuery({
    queryKey: ['served'],
    queryFn: async () => {
      try {
        return await describe(await networkText());
      } catch (error) {
        if (error instanceof TrineError) return null;
        throw error;
      }
    },
    enabled: asksNode,
    staleTime: 60_000,
  });
  return {
    pinned: pinned.data ?? undefined,
    // Kept from another page, it may still be at hand where no node is asked.
    served: asksNode ? (served.data ?? undefined) : undefined,
    isReady: !pinned.isPending && (!asksNode || !served.isPending),
  };
}
