// A party's money under a sealed agreement: what it has, bringing more, and ending it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import type { SigningView } from '../api/types.ts';
import { fromText, toText } from '../domains/form.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime, timeZone } from '../format/time.ts';
import { Field } from '../ui/field.tsx';
import { Card, Facts, Notice } from '../ui/page.tsx';
import { KeyFile } from './key-file.tsx';
import type { OwnKey } from './own-key.ts';
import { endAgreement, fund, revoke } from './party-acts.ts';

export interface PartyMoneyProps {
  readonly view: SigningView;
  readonly id: string;
  readonly code: string;
  readonly own: OwnKey | undefined;
  readonly onKey: (key: OwnKey) => void;
}

export function PartyMoney(props: PartyMoneyProps): ReactNode {
  const { view, own, onKey } = props;
  const { account, draft, role } = view;
  const { currency } = draft.money;
  const lock = lockOf(view);
  const address = view.parties.find((one) => one.role === role)?.address ?? '';
  return (
    <>
      <Card title="Your money">
        <Facts
          rows={[
            ['Free', account && formatMoney(account.free, currency)],
            ['In your wallet', account && formatMoney(account.wallet, currency)],
            role === 'payer' ? ['Locked in this agreement', formatMoney(lock?.locked ?? 0, currency)] : ['', undefined],
            ['Lock is free from', lock?.freeFromMs !== undefined && formatDateTime(lock.freeFromMs)],
          ]}
        />
        {own === undefined && <KeyFile address={address} onKey={onKey} />}
        {own !== undefined && role === 'payer' && view.end === undefined && <Fund {...props} own={own} />}
      </Card>
      {view.end !== undefined ? <Ended view={view} /> : own !== undefined && <End {...props} own={own} />}
      {view.end !== undefined && own !== undefined && isTaken(view) && <TakeBack {...props} own={own} />}
    </>
  );
}

function lockOf({ account, agreement }: SigningView) {
  return account?.locks.find((one) => one.agreement === agreement);
}

/** May the agreement take something of this party for as long as its terms say? Once that is revoked, it is free sooner. */
function isTaken(view: SigningView): boolean {
  const { locked = 0, revokedMs } = lockOf(view) ?? {};
  return view.role === 'payer' && locked > 0 && revokedMs === undefined;
}

function Fund({ view, id, code, own }: PartyMoneyProps & { own: OwnKey }): ReactNode {
  const client = useQueryClient();
  const { draft, isPractice, account } = view;
  const { currency, totalMax } = draft.money;
  const money = { type: 'integer', kind: 'money', minimum: 1 } as const;
  const [text, setText] = useState(toText(money, totalMax, currency));
  const amount = fromText(money, text, currency) as number | undefined;
  const again = () => client.invalidateQueries({ queryKey: ['signing', id, code] });
  const practice = useMutation({
    mutationFn: () =>
      ask((api) => api.POST('/api/v1/signing/{id}/practice', { params: { path: { id } }, body: { code } })),
    onSettled: again,
  });
  const bring = useMutation({ mutationFn: () => fund(view, amount as number, own), onSettled: again });
  const error = practice.error ?? bring.error;
  const isShort = account !== undefined && amount !== undefined && account.free + account.wallet < amount;
  return (
    <form
      className="stack"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        bring.mutate();
      }}
    >
      <div className="fields">
        <Field label={`Amount, ${currency}`} help="It is locked: this agreement can take no more">
          <input value={text} maxLength={20} onChange={(event) => setText(event.target.value)} />
        </Field>
      </div>
      <div className="row">
        <button
          type="submit"
          className="button primary"
          disabled={bring.isPending || account === undefined || amount === undefined || isShort}
        >
          {bring.isPending ? 'Being done…' : 'Lock it in this agreement'}
        </button>
        {isPractice && isShort && !practice.isSuccess && (
          <button type="button" className="button" disabled={practice.isPending} onClick={() => practice.mutate()}>
            Get test money
          </button>
        )}
      </div>
      {bring.isSuccess && (
        <p role="status">Done: {formatMoney(amount ?? 0, currency)} more stand behind the agreement.</p>
      )}
      {isShort && !isPractice && (
        <p className="dim small">Your account has less than that: bring tokens into your wallet first.</p>
      )}
      {error && (
        <Notice tone="bad" title="It was not done">
          {error.message}
        </Notice>
      )}
    </form>
  );
}

function Ended({ view: { end, parties } }: { view: SigningView }): ReactNode {
  const by = parties.find(({ role }) => role === end?.by)?.name;
  return (
    <Notice tone="info" title="It has ended">
      {by && `By ${by}, `}from {formatDateTime(end?.fromMs ?? 0)} ({timeZone}) on: {end?.reason}. What had begun is
      decided and paid, and nothing that began later.
    </Notice>
  );
}

/** Who pays had no part in ending it, or that went wrong half-way. */
function TakeBack({ view, id, code, own }: PartyMoneyProps & { own: OwnKey }): ReactNode {
  const client = useQueryClient();
  const back = useMutation({
    mutationFn: () => revoke(view, own),
    onSettled: () => client.invalidateQueries({ queryKey: ['signing', id, code] }),
  });
  return (
    <Card title="What is locked">
      <p className="dim">It stays locked until the end that was agreed on, or for its notice alone if you say so.</p>
      <div className="row">
        <button type="button" className="button" disabled={back.isPending} onClick={() => back.mutate()}>
          {back.isPending ? 'Being done…' : 'Give notice'}
        </button>
      </div>
      {back.error && (
        <Notice tone="bad" title="It was not done">
          {back.error.message}
        </Notice>
      )}
    </Card>
  );
}

function End({ view, id, code, own }: PartyMoneyProps & { own: OwnKey }): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const end = useMutation({
    mutationFn: async () => {
      await endAgreement(view, reason.trim(), own);
      // What is locked is free after its notice.
      if (isTaken(view)) await revoke(view, own);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['signing', id, code] }),
  });
  return (
    <Card title="End it">
      {end.isSuccess ? (
        <p role="status">Ended: what has begun is decided and paid, and nothing that begins now.</p>
      ) : (
        <form
          className="stack"
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            end.mutate();
          }}
        >
          <p className="dim">
            What has begun is decided and paid. Nothing that begins later is owed. The reason stands in the log for
            good.
          </p>
          <div className="fields">
            <Field label="Why" wide>
              <input required maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
            </Field>
          </div>
          <div className="row">
            <button type="submit" className="button" disabled={end.isPending || reason.trim() === ''}>
              End the agreement
            </button>
          </div>
          {end.error && (
            <Notice tone="bad" title="It was not ended">
              {end.error.message}
            </Notice>
          )}
        </form>
      )}
    </Card>
  );
}
