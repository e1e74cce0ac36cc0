import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { evidenceBytes, isNotFound } from '../api/client.ts';
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
    queryFn: () => evidenceBytes(id),
    staleTime: Number.POSITIVE_INFINITY,
    // A payment's proof exists once the chain has paid it.
    refetchInterval: ({ state }) => (isNotFound(state.error) ? RETRY_MS : false),
  });
  return (
    <Page
      title="Proof"
      tab={`Proof ${id.slice(0, 8)}`}
      about="Fetched as one file, and checked by your own browser: the node is not asked whether it is right."
      actions={<Link to="/verify">Check another file</Link>}
    >
      <Trust networks={networks} />
      {file.data ? (
        <CheckedFile file={file.data} name={`${id.slice(0, 16)}.trine`} networks={networks} />
      ) : (
        <Card flush>{file.error ? <Missing error={file.error} /> : <Skeleton rows={6} />}</Card>
      )}
    </Page>
  );
}

function Missing({ error }: { error: Error }): ReactNode {
  return isNotFound(error) ? (
    <Empty icon="clock" title="There is no proof to show yet">
      {error.message} This page looks again by itself.
    </Empty>
  ) : (
    <Empty icon="warn" title="The proof could not be fetched">
      {error.message}
    </Empty>
  );
}
