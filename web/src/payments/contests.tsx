// Whose row in a batch is said to be wrong: a table, and the arbiter's buttons where all keys are here.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ContestView, PaymentView } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime, timeZone } from '../format/time.ts';
import { contestEndWords, contestWords } from '../format/words.ts';
import { Card } from '../ui/page.tsx';
import { useFocusBack } from '../ui/use-focus-back.ts';

/** Of a batch; of what is paid by itself nothing. */
export function Contests({ payment }: { payment: PaymentView }): ReactNode {
  const { id, agreement, isBatch, contests = [] } = payment;
  const [region, back] = useFocusBack<HTMLElement>();
  const practice = useQuery(queries.overview()).data?.practice ?? false;
  const client = useQueryClient();
  const rule = useMutation({
    mutationFn: (body: { account: string; justified: boolean }) =>
      ask((api) => api.POST('/api/v1/payments/{id}/contests/practice', { params: { path: { id } }, body })),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['payment', id] });
      back();
    },
  });
  const money = useQuery(queries.agreements()).data?.find((one) => one.id === agreement)?.policy.money;
  if (!isBatch) return null;
  return (
    <section ref={region} tabIndex={-1} aria-label="Who contests it">
      <Card title="Contests" flush>
        <div className="card-body">
          <p className="dim">
            {contestWords} {money && bondWords(money.contestBond, money.currency)}
          </p>
          <p>
            <code className="mono break">{`npx trine contest ${id.slice(0, 12)} --reason WORDS --key FILE`}</code>
          </p>
          {contests.length === 0 && <p>Nobody says that its row is wrong.</p>}
          {rule.error && <p role="alert">{rule.error.message}</p>}
        </div>
        {contests.length > 0 && (
          <div className="table-wrap">
            <table>
              <thead>
                <tr>
                  <th>Who</th>
                  <th>Says</th>
                  <th className="wide-only">Since</th>
                  <th className="wide-only">Bond</th>
                  <th>How it stands</th>
                </tr>
              </thead>
              <tbody>
                {contests.map((contest) => (
                  <tr key={contest.account}>
                    <td className={contest.key === undefined ? 'mono break' : undefined}>
                      {contest.key ?? contest.account}
                    </td>
                    <td className="reason">{contest.words ?? <span className="dim">Not said here</span>}</td>
                    <td className="wide-only">{formatDateTime(contest.sinceMs)}</td>
                    <td className="wide-only">{formatMoney(contest.bond, payment.currency)}</td>
                    <td>
                      {contest.ended ? (
                        contestEndWords(contest.ended.how)
                      ) : (
                        <Open
                          contest={contest}
                          payment={id}
                          currency={payment.currency}
                          practice={practice}
                          isPending={rule.isPending}
                          onRule={(justified) => rule.mutate({ account: contest.account, justified })}
                        />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Card>
    </section>
  );
}

function bondWords(bond: number | undefined, currency: string): string {
  return bond === undefined
    ? 'It takes no bond.'
    : `It takes a bond of ${formatMoney(bond, currency)} until it is ruled on.`;
}

interface OpenProps {
  readonly contest: ContestView;
  readonly payment: string;
  readonly currency: string;
  readonly practice: boolean;
  readonly isPending: boolean;
  readonly onRule: (justified: boolean) => void;
}

function Open({ contest, payment, currency, practice, isPending, onRule }: OpenProps): ReactNode {
  const who = contest.key ?? contest.account;
  return (
    <>
      <p>
        Open: if nobody rules until {formatDateTime(contest.untilMs)} ({timeZone}), the bond of{' '}
        {formatMoney(contest.bond, currency)} goes back.
      </p>
      {practice ? (
        <div className="row">
          {([true, false] as const).map((justified) => (
            <button
              key={String(justified)}
              type="button"
              className="button small"
              disabled={isPending}
              onClick={() => onRule(justified)}
              aria-label={`Rule: ${justified ? 'justified' : 'unjustified'}, on ${who}`}
            >
              {justified ? 'Rule: justified' : 'Rule: unjustified'}
            </button>
          ))}
        </div>
      ) : (
        <code className="mono break">{`npx trine rule-contest ${payment.slice(0, 12)} ${contest.account} justified --key FILE`}</code>
      )}
    </>
  );
}
