// Agreements that not all parties have signed, with the link of each.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ProposalView } from '../api/types.ts';
import { readable } from '../domains/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge } from '../ui/badge.tsx';
import { Card, Notice } from '../ui/page.tsx';

export function Proposals(): ReactNode {
  const proposals = useQuery(queries.proposals());
  const open = (proposals.data ?? []).filter(({ state }) => state === 'open');
  return open.map((proposal) => <Waiting key={proposal.id} proposal={proposal} />);
}

function Waiting({ proposal: { id, madeMs, draft, parties, links } }: { proposal: ProposalView }): ReactNode {
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => ask((api) => api.POST('/api/v1/proposals/{id}/withdraw', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['proposals'] }),
  });
  return (
    <Card
      title={
        <span className="row">
          {draft.title} <Badge tone="warn">Waits for signatures</Badge>
        </span>
      }
      aside={
        <span className="dim">
          proposed <Ago ms={madeMs} />
        </span>
      }
    >
      <p className="dim">
        It is in no log and binds nobody until every party has signed. Hand each party its own link: it shows the terms
        in words, and takes one signature.
      </p>
      <ul className="signers">
        {parties.map(({ role, name, signedMs }) => {
          const path = links.find((one) => one.role === role)?.path ?? '';
          return (
            <li key={role}>
              <span>
                <strong>{name}</strong> <span className="dim">{readable(role).toLowerCase()}</span>
              </span>
              {signedMs === undefined ? (
                <SigningLink whose={name} address={new URL(path, window.location.origin).href} />
              ) : (
                <Badge tone="ok">Signed</Badge>
              )}
            </li>
          );
        })}
      </ul>
      <div className="row">
        <button type="button" className="button small" disabled={withdraw.isPending} onClick={() => withdraw.mutate()}>
          Withdraw it
        </button>
      </div>
      {withdraw.error && (
        <Notice tone="bad" title="It could not be withdrawn">
          {withdraw.error.message}
        </Notice>
      )}
    </Card>
  );
}

function SigningLink({ whose, address }: { whose: string; address: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <span className="row">
      <a href={address}>Signing page</a>
      <button
        type="button"
        className="button small"
        aria-label={`${copied ? 'Copied' : 'Copy link'} of ${whose}`}
        onClick={() =>
          navigator.clipboard.writeText(address).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {copied ? 'Copied' : 'Copy link'}
      </button>
    </span>
  );
}
