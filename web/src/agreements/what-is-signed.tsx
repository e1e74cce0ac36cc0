// The terms in words, and what each means: for who signs them.
import { useQuery } from '@tanstack/react-query';
import { termsInWords } from '@trine/engine';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import type { SigningView } from '../api/types.ts';
import { readable } from '../domains/words.ts';
import { formatCounted, formatMoney, formatValue } from '../format/amount.ts';
import { formatDateTime, formatSpan, timeZone } from '../format/time.ts';
import { classWords } from '../format/words.ts';
import { Badge } from '../ui/badge.tsx';
import { Card, Facts } from '../ui/page.tsx';

export function WhatIsSigned({ view }: { view: SigningView }): ReactNode {
  const { draft, domain, form, decimals, isPractice } = view;
  const { money, period, gate, deciders } = draft;
  // The thing itself is said above.
  const lines = termsInWords(form, draft.terms, { code: money.currency, digits: decimals }).filter(
    ({ name, value }) => form.properties?.[name]?.kind !== 'subject' || value !== draft.subject,
  );
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
          ...lines.map(
            ({ name, title, value }) =>
              [title, <Explained key={name} value={value} help={form.properties?.[name]?.description} />] as const,
          ),
          ['Runs', `${formatDateTime(period.startMs)} to ${formatDateTime(period.endMs)} (${timeZone})`],
          ...moneyRows(money),
          [
            'Late readings',
            draft.correctableMs === undefined
              ? 'Change nothing that was decided'
              : `Change what was decided, for ${formatSpan(draft.correctableMs)} after its end`,
          ],
          ['Another model', modelWords(draft)],
          ['Readings need', readingsWords(gate)],
          ['Held', outageWords(gate)],
          [
            'Decided by',
            <span key="deciders">
              {deciders.quorum} of {deciders.list.length}:{' '}
              {deciders.list.map(({ address }) => (
                <span key={address} className="mono break">
                  {address}{' '}
                </span>
              ))}
            </span>,
          ],
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
          ...(draft.joining ? [['Accounts of lines', <Joining key="joining" by={draft.joining.by} />] as const] : []),
        ]}
      />
    </Card>
  );
}

/** Through which members of the network accounts join. */
function Joining({ by }: { by: readonly string[] }): ReactNode {
  const network = useQuery({ queryKey: ['network'], queryFn: () => ask((api) => api.GET('/network.json')) });
  return (
    <>
      Join through{' '}
      {by.map((key) => (
        <span key={key}>
          {network.data?.members.find((one) => one.key === key)?.name} <span className="mono break">{key}</span>{' '}
        </span>
      ))}
      <small>Lines are paid in batches, out of the accounts that joined.</small>
    </>
  );
}

type Draft = SigningView['draft'];

/** Whose readings must stand behind a payment. */
function readingsWords({ classMin, ownersMin }: Draft['gate']): string {
  const owners =
    ownersMin === 0
      ? 'Nobody besides who gains need stand behind a payment, and silence may be paid for'
      : `Of ${formatCounted(ownersMin, 'owner')} besides who gains. What rests on silence alone is held`;
  return `${classWords(classMin).label}, or better. ${owners}`;
}

function outageWords({ waysIn, outageAllowanceMs }: Draft['gate']): string {
  const which = waysIn ? ` by ${waysIn.join(', ')}` : '';
  const most =
    outageAllowanceMs === undefined ? '' : `, for ${formatSpan(outageAllowanceMs)} in all. Then what arrived counts`;
  return `Where nothing could come in${which}${most}`;
}

function moneyRows(money: Draft['money']): [string, ReactNode][] {
  return [
    [
      'Most for one obligation',
      <Explained
        key="most"
        value={formatMoney(money.perObligationMax, money.currency)}
        help="What falls due at once: one window, one bill."
      />,
    ],
    ['Most in all', formatMoney(money.totalMax, money.currency)],
    [
      'Time to object',
      money.disputeWindowS === 0 ? 'None: what is decided is paid at once' : formatSpan(money.disputeWindowS * 1000),
    ],
    [
      'If nobody rules on an objection',
      `${money.afterHold === 'pay' ? 'Paid' : 'Dropped'} after ${formatSpan(money.holdMaxS * 1000)}`,
    ],
    [
      'Contesting a row',
      money.contestBond !== undefined &&
        `Takes ${formatMoney(money.contestBond, money.currency)} until the arbiter has ruled, or ${formatSpan(money.holdMaxS * 1000)}`,
    ],
    ['Can be paid', `Until ${formatSpan(money.settleWithinS * 1000)} after the end of what it is for`],
  ];
}

/** Who must agree before another model decides, and what it must have shown. */
function modelWords({ modelChange }: Draft): string {
  if (modelChange === undefined) return 'None: the model stays as agreed';
  const { approvals, shadowsMin, differencesMaxPpm } = modelChange;
  const who = approvals.map((role) => readable(role).toLowerCase()).join(' and ');
  return `Once ${who} approved it, and it decided ${formatCounted(shadowsMin, 'time')} beside this one, at most ${formatValue(differencesMaxPpm / 1_000_000, '/')} of them otherwise`;
}

/** A value, and what it means. */
function Explained({ value, help }: { value: string; help: string | undefined }): ReactNode {
  return (
    <>
      {value}
      {help && <small>{help}</small>}
    </>
  );
}
