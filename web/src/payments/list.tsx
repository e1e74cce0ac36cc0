import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { PaymentFilter } from '../api/filters.ts';
import { rowsOf } from '../api/pages.ts';
import { askPayments, lists, queries } from '../api/queries.ts';
import type { PaymentView } from '../api/types.ts';
import { formatCount, formatCounted, formatMoney } from '../format/amount.ts';
import { formatMonth } from '../format/time.ts';
import { Choices, Dates, Narrowed, Select } from '../ui/choices.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Figure, Notice, Page } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { saveFile } from '../ui/save.ts';
import { Empty, Loaded } from '../ui/states.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';
import { useNames } from '../ui/use-names.ts';
import { billOf, countOf, csvOf, sumOf, UNDER_WAY } from './bill.ts';
import { PaymentTable } from './table.tsx';

const LISTED = [
  ['ordered', 'Ordered'],
  ['announced', 'Announced'],
  ['held', 'Held'],
  ['dropped', 'Dropped'],
  ['expired', 'Expired'],
  ['replaced', 'Replaced'],
] as const;

export function PaymentsPage(): ReactNode {
  const filter: PaymentFilter = useSearch({ from: '/payments' });
  const payments = useInfiniteQuery(lists.payments(filter));
  const counts = payments.data?.pages[0]?.counts;
  const change = useChangeFilter(filter);
  const choice = (state: PaymentFilter['state'], label: string, count: number | undefined) => ({
    id: state ?? 'all',
    label,
    count,
    isChosen: filter.state === state,
    choose: () => change({ state }),
  });
  const states = counts?.states;
  const [paid, underWay] = [countOf(states, 'paid'), countOf(states, UNDER_WAY)];
  const all = states?.reduce((sum, { count }) => sum + count, 0);
  return (
    <Page
      title="Payments"
      about="What decisions ordered. Each is paid once for what it is about, by the contract."
      actions={
        <>
          <Export filter={filter} />
          <Link className="button" to="/agreements">
            <Icon name="agreement" /> Agreements
          </Link>
        </>
      }
    >
      <div className="figures">
        <Figure
          label="Paid"
          value={sumOf(counts?.states, 'paid')}
          note={paid !== undefined && formatCounted(paid, 'payment')}
        />
        <Figure
          label="On its way"
          value={sumOf(states, UNDER_WAY)}
          note={underWay !== undefined && formatCounted(underWay, 'payment')}
        />
      </div>
      <Choices
        label="Show"
        choices={[
          choice(undefined, 'All', all),
          choice('paid', 'Paid', paid),
          ...LISTED.map(([state, label]) => choice(state, label, countOf(states, state))),
        ]}
      />
      <MoreFilters filter={filter} change={change} />
      <Card flush>
        <Loaded query={payments} rows={5}>
          {(pages) => <Shown rows={rowsOf(pages)} isFiltered={Object.keys(filter).length > 0} />}
        </Loaded>
      </Card>
      <More query={payments} of="payment" />
      {counts && billOf(counts.months).length > 0 && <Bill months={counts.months} />}
    </Page>
  );
}

function Shown({ rows, isFiltered }: { rows: readonly PaymentView[]; isFiltered: boolean }): ReactNode {
  if (rows.length > 0) return <PaymentTable payments={rows} />;
  return isFiltered ? (
    <Empty icon="pay" title="None of that kind">
      <Link to="/payments">Show all payments</Link>.
    </Empty>
  ) : (
    <Empty icon="pay" title="Nothing has been paid yet">
      A payment follows when a decision orders one. <Link to="/">Pause this computer’s device</Link> to see one.
    </Empty>
  );
}

interface MoreFiltersProps {
  readonly filter: PaymentFilter;
  readonly change: ReturnType<typeof useChangeFilter<PaymentFilter>>;
}

function MoreFilters({ filter, change }: MoreFiltersProps): ReactNode {
  const names = useNames();
  const agreements = useQuery(queries.agreements()).data ?? [];
  const { policy, subject, party, sort } = filter;
  const parties = [...new Set(agreements.flatMap((one) => one.policy.parties.map(({ name }) => name)))];
  return (
    <div className="fields list-filters">
      <Select
        label="Under"
        value={policy}
        options={[['', 'Any agreement'], ...agreements.map((one) => [one.hash, one.policy.title] as const)]}
        onChange={(wanted) => change({ policy: wanted })}
      />
      <Select
        label="Party"
        value={party}
        options={[['', 'Any party'], ...parties.map((name) => [name, name] as const)]}
        onChange={(wanted) => change({ party: wanted })}
      />
      <Dates between={filter} onChange={change} />
      <Select
        label="Order"
        value={sort}
        options={[
          ['', 'Newest first'],
          ['oldest', 'Oldest first'],
          ['amount', 'Largest first'],
        ]}
        onChange={(wanted) => change({ sort: wanted })}
      />
      {subject !== undefined && (
        <Narrowed label="About" value={names.get(subject) ?? subject} onClear={() => change({ subject: undefined })} />
      )}
    </div>
  );
}

/** Of everything that the filter lets through, whatever is loaded. */
function Bill({ months }: { months: Parameters<typeof billOf>[0] }): ReactNode {
  const agreements = useQuery(queries.agreements()).data ?? [];
  const titles = new Map(agreements.map(({ id, policy }) => [id, policy.title]));
  return (
    <Card title="By agreement and month" aside={<span className="dim">months in UTC</span>} flush>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Month</th>
              <th>Agreement</th>
              <th className="end wide-only">Payments</th>
              <th className="end">Paid</th>
              <th className="end">On its way</th>
            </tr>
          </thead>
          <tbody>
            {billOf(months).map(({ key, agreement, month, currency, count, paid, ordered }) => (
              <tr key={key}>
                <td>{formatMonth(month)}</td>
                <td>{titles.get(agreement) ?? agreement.slice(0, 12)}</td>
                <td className="end wide-only">{formatCount(count)}</td>
                <td className="end">{formatMoney(paid, currency)}</td>
                <td className="end">{ordered === 0 ? '–' : formatMoney(ordered, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** Of everything that the filter lets through, page by page. */
async function exportAll(filter: PaymentFilter): Promise<void> {
  const rows: PaymentView[] = [];
  let after: string | undefined;
  do {
    const page = await askPayments(filter, { limit: 1_000, after });
    rows.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  saveFile([csvOf(rows)], 'payments.csv', 'text/csv');
}

function Export({ filter }: { filter: PaymentFilter }): ReactNode {
  const made = useMutation({ mutationFn: () => exportAll(filter) });
  return (
    <>
      <button type="button" className="button" disabled={made.isPending} onClick={() => made.mutate()}>
        <Icon name="save" /> {made.isPending ? 'Collecting…' : 'Save as CSV'}
      </button>
      {made.error && (
        <Notice tone="bad" title="This could not be collected">
          {made.error.message}
        </Notice>
      )}
    </>
  );
}
