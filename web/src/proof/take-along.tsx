// The verifier as one file, from the node: what it is for, and how one knows that it is the right one.
import { useQuery } from '@tanstack/react-query';
import { TrineError } from '@trine/protocol';
import type { ReactNode } from 'react';
import { networkText } from '../api/client.ts';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/page.tsx';

const FILE = '/verifier.html';

async function namedVerifier(): Promise<string | null> {
  try {
    return (JSON.parse(await networkText()) as { verifier?: string }).verifier ?? null;
  } catch (error) {
    if (error instanceof TrineError) return null;
    throw error;
  }
}

export function TakeAlong(): ReactNode {
  const { data: hash } = useQuery({ queryKey: ['verifier'], queryFn: namedVerifier, staleTime: 60_000 });
  if (!hash) return null;
  return (
    <Notice
      tone="info"
      icon="save"
      title="Check proofs without this node"
      actions={
        <a className="button small" href={FILE} download="trine-verifier.html">
          <Icon name="save" size={14} /> Save the verifier
        </a>
      }
    >
      This page as one file: it opens from a disk, needs nothing beside it and asks nobody anything. The network
      document names it by its SHA-256, <span className="mono">{hash}</span>, so that whoever gets it from someone else
      knows that it is the right one.
    </Notice>
  );
}
