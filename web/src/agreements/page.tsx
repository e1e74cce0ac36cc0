import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import type { AgreementView } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { Card, Facts, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { termsInWords } from './terms.ts';

export function AgreementsPage(): ReactNode {
  const agreements = useQuery(queries.agreements());
  return (
    <Page
      title="Agreements"
      about="What the parties accepted. The contract holds the money and pays only what these terms allow."
    >
      <Loaded query={agreements}>
        {(all) =>
          all.length === 0 ? (
            <Card flush>
              <Empty icon="agreement" title="No agreements yet">
                The practice agreement is made when the node first measures this computer. Is its device switched off in
                the settings?
              </Empty>
            </Card>
          ) : (
            all.map((agreement) => <Agreement key={agreement.id} agreement={agreement} />)
          )
        }
      </Loaded>
    </Page>
  );
}

function Agreement({ agreement: { id, terms, paid, balance } }: { agreement: AgreementView }): ReactNode {
  const { currency } = terms.money;
  const all = paid + balance;
  return (
    <Card
      title={terms.title}
      aside={
        <Link to="/devices/$subject" params={{ subject: terms.subject }}>
          See the device
        </Link>
      }
    >
      <div className="agreement">
        <div>
          <p className="parties">
            <strong>{terms.payer.name}</strong> owes <strong>{terms.recipient.name}</strong>
          </p>
          <ul className="terms">
            {termsInWords(terms).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        <div className="money">
          <div>
            <span className="dim">Money left</span>
            <strong>{formatMoney(balance, currency)}</strong>
          </div>
          <div>
            <span className="dim">Paid so far</span>
            <strong>{formatMoney(paid, currency)}</strong>
          </div>
          <meter
            min={0}
            max={Math.max(1, all)}
            value={balance}
            aria-label={`${formatMoney(balance, currency)} of ${formatMoney(all, currency)} left`}
          />
        </div>
      </div>
      <details className="more">
        <summary>Details</summary>
        <Facts
          rows={[
            [
              'Agreement id',
              <span key="id" className="mono">
                {id}
              </span>,
            ],
            ['Runs', `${formatDateTime(terms.window.startMs)} to ${formatDateTime(terms.window.endMs)}`],
            ['Judged by', `${terms.model.name} ${terms.model.version}`],
            [
              'Code',
              <span key="code" className="mono">
                {terms.model.code}
              </span>,
            ],
            [
              'Contract',
              <span key="contract" className="mono">
                {terms.money.contract}
              </span>,
            ],
            [
              'Payer account',
              <span key="payer" className="mono">
                {terms.payer.address}
              </span>,
            ],
            [
              'Recipient account',
              <span key="recipient" className="mono">
                {terms.recipient.address}
              </span>,
            ],
          ]}
        />
      </details>
    </Card>
  );
}
