import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { evidenceBytes, isNotFound, isNotYet } from '../api/client.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Skeleton } from '../ui/states.tsx';
import { CheckedFile } from './checked-file.tsx';
import { useNetworks } from './pinned.ts';
import { Trust } from './trust.tsx';

const RETRY_MS = 2_000;

/** Fetches the proof of a statement, a decision or a payment, and checks it here. */
export function ProofPage(): ReactNode {
  const { id } = useParams({ from: '/proof/$id' });
  const networks = useNetworks(true);
  const file = useQuery({
    queryKey: ['evidence', id],
    queryFn: () => evidenceOrWhyNot(id),
    staleTime: ({ state }) => (state.data?.bytes ? Number.POSITIVE_INFINITY : 0),
    // A payment's proof exists once the chain has paid it.
    refetchInterval: ({ state }) => (state.data?.bytes === undefined ? RETRY_MS : false),
  });
  return (
    <Page
      title="Proof"
      tab={`Proof ${id.slice(0, 8)}`}
      about="Fetched as one file, and checked by your own browser: the node is not asked whether it is right."
      actions={<Link to="/verify">Check another file</Link>}
    >
      <Trust networks={networks} />
      {file.data?.bytes ? (
        <CheckedFile file={file.data.bytes} name={`${id.slice(0, 16)}.trine`} networks={networks} />
      ) : (
        <Card flush>
          {file.data || file.error ? <Missing why={file.data?.why} error={file.error} /> : <Skeleton rows={6} />}
        </Card>
      )}
    </Page>
  );
}

interface Evidence {
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** Why there is none, or none yet. */
  readonly why?: string;
}

/** That there is none yet is an answer, which stays in sight while it is asked for again. */
async function evidenceOrWhyNot(id: string): Promise<Evidence> {
  try {
    return { bytes: await evidenceBytes(id) };
  } catch (error) {
    if (isNotFound(error) || isNotYet(error)) return { why: (error as Error).message };
    throw error;
  }
}

function Missing({ why, error }: { why: string | undefined; error: Error | null }): ReactNode {
  return why !== undefined ? (
    <Empty icon="clock" title="There is no proof to show yet">
      {why} This page looks again by itself.
    </Empty>
  ) : (
    <Empty icon="warn" title="The proof could not be fetched">
      {error?.message}
    </Empty>
  );
}
