// A party's own page: the terms in words, its key, its signature; and once all have signed, its money, and the end.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { ask, isNotFound } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { SigningView } from '../api/types.ts';
import { readable } from '../domains/words.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice, Page } from '../ui/page.tsx';
import { saveFile } from '../ui/save.ts';
import { Empty, Loaded } from '../ui/states.tsx';
import { KeyFile } from './key-file.tsx';
import { keyFile, keyOf, makeKey, type OwnKey } from './own-key.ts';
import { PartyMoney } from './party-money.tsx';
import { signedTerms } from './signed-terms.ts';
import { WhatIsSigned } from './what-is-signed.tsx';

const AGAIN_MS = 3_000;

export function SignPage(): ReactNode {
  const { id, code } = useParams({ from: '/sign/$id/$code' });
  const found = useQuery({
    ...queries.signing(id, code),
    // Others sign elsewhere.
    refetchInterval: ({ state }) => (state.data?.state === 'withdrawn' ? false : AGAIN_MS),
  });
  const title = found.data?.draft.title;
  return (
    <Page
      title={title ?? 'Sign an agreement'}
      tab={title && `Sign: ${title}`}
      about={found.data && standingWords(found.data)}
    >
      {found.data ? (
        <Signing view={found.data} id={id} code={code} />
      ) : (
        <Card flush>
          {isNotFound(found.error) ? (
            <Empty icon="agreement" title="No such proposal">
              It was never made here, or nobody completed it in time. Was the address copied whole?
            </Empty>
          ) : (
            <Loaded query={found}>{() => null}</Loaded>
          )}
        </Card>
      )}
    </Page>
  );
}

function standingWords({ role, parties, state }: SigningView): string {
  const as = readable(role).toLowerCase();
  if (state === 'sealed') return `You are its ${as}. All parties have signed.`;
  const own = parties.find((one) => one.role === role);
  return own?.signedMs === undefined ? `You are asked to sign as ${as}.` : `You have signed as ${as}.`;
}

interface SigningProps {
  readonly view: SigningView;
  readonly id: string;
  readonly code: string;
}

function Signing({ view, id, code }: SigningProps): ReactNode {
  const own = view.parties.find(({ role }) => role === view.role);
  const [read, setRead] = useState<OwnKey>();
  // Where the keyboard goes on when the button it pressed is gone.
  const signatures = useRef<HTMLDivElement>(null);
  const key = own?.address === undefined ? read : read?.address === own.address ? read : keyOf(own.address);
  return (
    <>
      <WhatIsSigned view={view} />
      {view.state === 'withdrawn' ? (
        <Notice tone="info" title="It was withdrawn">
          Nobody is bound by it.
        </Notice>
      ) : (
        <>
          <Card title="Signatures">
            <div ref={signatures} tabIndex={-1}>
              <ul className="signers">
                {view.parties.map(({ role, name, signedMs }) => (
                  <li key={role}>
                    <span>
                      <strong>{name}</strong> <span className="dim">{readable(role).toLowerCase()}</span>
                    </span>
                    {signedMs === undefined ? (
                      <Badge tone="warn">Has yet to sign</Badge>
                    ) : (
                      <Badge tone="ok">Signed {formatDateTime(signedMs)}</Badge>
                    )}
                  </li>
                ))}
              </ul>
              {own?.signedMs === undefined && (
                <Sign
                  view={view}
                  id={id}
                  code={code}
                  own={key}
                  onKey={setRead}
                  onDone={() => signatures.current?.focus()}
                />
              )}
              {own?.signedMs !== undefined && view.state === 'open' && (
                <p className="dim">You have signed. It begins to bind when the others have.</p>
              )}
            </div>
          </Card>
          {view.state === 'sealed' && <PartyMoney view={view} id={id} code={code} own={key} onKey={setRead} />}
        </>
      )}
    </>
  );
}

interface SignProps extends SigningProps {
  readonly own: OwnKey | undefined;
  readonly onKey: (key: OwnKey) => void;
  readonly onDone: () => void;
}

function Sign({ view, id, code, own, onKey, onDone }: SignProps): ReactNode {
  const client = useQueryClient();
  const asked = view.parties.find(({ role }) => role === view.role)?.address;
  const saw = (next: SigningView) => {
    client.setQueryData(queries.signing(id, code).queryKey, next);
    onDone();
  };
  const account = useMutation({
    mutationFn: async () => {
      const made = makeKey();
      const body = { code, address: made.address };
      const next = await ask((api) => api.POST('/api/v1/signing/{id}/account', { params: { path: { id } }, body }));
      onKey(made);
      return next as SigningView;
    },
    onSuccess: saw,
  });
  const sign = useMutation({
    mutationFn: async (key: OwnKey) => {
      const signature = await signedTerms(view, key);
      const body = { code, signature };
      return (await ask((api) =>
        api.POST('/api/v1/signing/{id}/signature', { params: { path: { id } }, body }),
      )) as SigningView;
    },
    onSuccess: saw,
  });
  const error = account.error ?? sign.error;
  return (
    <div className="stack">
      {asked === undefined && (
        <div className="row">
          <button
            type="button"
            className="button primary"
            disabled={account.isPending}
            onClick={() => account.mutate()}
          >
            Make my key in this browser
          </button>
          <span className="dim small">It is kept in this browser, and what you are paid belongs to it.</span>
        </div>
      )}
      {asked !== undefined && own === undefined && <KeyFile address={asked} onKey={onKey} />}
      {asked !== undefined && own !== undefined && <KeptKey own={own} />}
      {asked !== undefined && view.agreement === undefined && (
        <p className="dim" role="status">
          Others have yet to make their keys: what is signed names every account. You can sign as soon as they have.
        </p>
      )}
      {own !== undefined && view.agreement !== undefined && (
        <div className="row">
          <button type="button" className="button primary" disabled={sign.isPending} onClick={() => sign.mutate(own)}>
            <Icon name="agreement" size={15} /> Sign
          </button>
          <span className="dim small">
            Most you can be asked for in all: {formatMoney(view.draft.money.totalMax, view.draft.money.currency)}, if
            you pay.
          </span>
        </div>
      )}
      {error && (
        <Notice tone="bad" title="It was not signed">
          {error.message}
        </Notice>
      )}
    </div>
  );
}

/** A key that was made here must be saved: nobody else has it. */
function KeptKey({ own }: { own: OwnKey }): ReactNode {
  return (
    <div className="row">
      <span>
        Your account <span className="mono">{own.address}</span>
      </span>
      <button
        type="button"
        className="button small"
        onClick={() => saveFile([keyFile(own)], `trine-${own.address.slice(2, 10)}.key`, 'text/plain')}
      >
        Save my key
      </button>
      <span className="dim small">Keep the file: whoever has it acts for you, and nobody can make it again.</span>
    </div>
  );
}
