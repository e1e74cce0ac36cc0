// What people do with things of connectors: accept, undo, set.
import { type QueryClient, type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { ask } from '../api/client.ts';

/** Things of a connector, or a kind of them. */
export interface Chosen {
  readonly connector: string;
  readonly ids?: readonly string[];
  readonly kind?: string;
  /** What it is called in a sentence. */
  readonly title: string;
  /** Somebody said that the units that nobody else said are as they are shown. */
  readonly isSure?: boolean;
  /** How the one thing is read. */
  readonly mappings?: readonly object[];
}

/** What was done last, so that it can be undone. */
export interface Done extends Chosen {
  readonly what: 'accepted' | 'released';
  readonly things: number;
}

/** @param row in which the keyboard goes on, if it stays */
export type OnDone = (done: Done, row?: () => HTMLElement | null) => void;

/** Everything that connectors say is asked for again. */
export async function askAgain(client: QueryClient): Promise<void> {
  await Promise.all(['things', 'connectors', 'unread'].map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useAccept(onDone: (done: Done) => void): UseMutationResult<{ things: number }, Error, Chosen> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ connector, ids = [], kind, isSure = false, mappings }: Chosen) =>
      ask((api) =>
        api.POST('/api/v1/connectors/{name}/accept', {
          params: { path: { name: connector } },
          body: {
            ids: [...ids],
            isSure,
            ...(kind !== undefined && { kind }),
            ...(mappings && { mappings: mappings as Record<string, unknown>[] }),
          },
        }),
      ),
    onSuccess: ({ things }, given) => onDone({ ...chosenOf(given), what: 'accepted', things }),
    // What came before one that was refused is accepted.
    onSettled: () => askAgain(client),
  });
}

export function useRelease(onDone: (done: Done) => void): UseMutationResult<{ things: number }, Error, Chosen> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ connector, ids = [], kind }: Chosen) =>
      ask((api) =>
        api.POST('/api/v1/connectors/{name}/release', {
          params: { path: { name: connector } },
          body: { ids: [...ids], ...(kind !== undefined && { kind }) },
        }),
      ),
    onSuccess: ({ things }, given) => onDone({ ...chosenOf(given), what: 'released', things }),
    onSettled: () => askAgain(client),
  });
}

/** What was chosen, and how: undone and done again it is read by what somebody said, never by a guess. */
const chosenOf = ({ connector, ids, kind, title, isSure = false, mappings }: Chosen): Chosen => ({
  ...{ connector, title, isSure },
  ...(ids && { ids }),
  ...(kind !== undefined && { kind }),
  ...(mappings && { mappings }),
});
