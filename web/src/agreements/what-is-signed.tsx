// The terms in words: everything that is signed.
import { termsInWords } from '@trine/engine';
import type { ReactNode } from 'react';
import type { SigningView } from '../api/types.ts';
import { readable } from '../domains/words.ts';
import { formatCounted, formatMoney } from '../format/amount.ts';
import { formatDateTime, formatSpan, timeZone } from '../format/time.ts';
import { classWords } from '../format/words.ts';
import { Badge } from '../ui/badge.tsx';
import { Card, Facts } from '../ui/page.tsx';

export function WhatIsSigned({ view }: { view: SigningView }): ReactNode {
  const { draft, domain, form, decimals, isPractice } = view;
  const { money, period, gate, deciders } = draft;
  const lines = termsInWords(form, draft.terms, { code: money.currency, digits: decimals });
  const account = (address: string | undefined) =>
    address === undefined ? (
      <span className="dim">has yet to make its key</span>
    ) : (
      <span className="mono break">{address}</span>
    );
  return (
    <Card title="What is agreed" aside={isPractice && <Badge tone="info">Test money</Badge>}>
      <Facts
        rows={[
          ['About', <span key="about">{draft.subject}</span>],
          ['What for', domain],
          ...lines.map(({ title, value }) => [title, value] as const),
          ['Runs', `${formatDateTime(period.startMs)} to ${formatDateTime(period.endMs)} (${timeZone})`],
          ['Most for one obligation', formatMoney(money.perObligationMax, money.currency)],
          ['Most in all', formatMoney(money.totalMax, money.currency)],
          [
            'Time to object',
            money.disputeWindowS === 0
              ? 'None: what is decided is paid at once'
              : formatSpan(money.disputeWindowS * 1000),
          ],
          [
            'If nobody rules on an objection',
            `${money.afterHold === 'pay' ? 'Paid' : 'Dropped'} after ${formatSpan(money.holdMaxS * 1000)}`,
          ],
          [
            'Readings need',
            `${classWords(gate.classMin).label}, or better; of ${formatCounted(gate.ownersMin, 'owner')} besides who gains`,
          ],
          ['Deciders', `${deciders.quorum} of ${deciders.list.length} must agree`],
          ...draft.parties.map(
            ({ role, name, address }) =>
              [
                readable(role),
                <span key={role}>
                  {name}, {account(address)}
                </span>,
              ] as const,
          ),
          ['Arbiter', account(draft.arbiter)],
          ...(draft.registrar ? [['Registrar', account(draft.registrar)] as const] : []),
          ...(draft.joining ? [['Accounts of lines join through', account(draft.joining.by.join(', '))] as const] : []),
        ]}
      />
    </Card>
  );
}
