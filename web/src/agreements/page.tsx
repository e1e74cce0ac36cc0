import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import { Card, Facts, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { type AgreementStanding, inOrder, type PlacedAgreement } from './in-force.ts';
import { termsInWords } from './terms.ts';

export function AgreementsPage(): ReactNode {
  const now = useNow();
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
            inOrder(all, now).map((placed) => <Agreement key={placed.agreement.id} {...placed} />)
          )
        }
      </Loaded>
    </Page>
  );
}

const standings: Readonly<Record<AgreementStanding, { label: string; help: string; tone: Tone }>> = {
  'in-force': { label: 'In force', help: 'Windows are judged by these terms.', tone: 'ok' },
  ended: { label: 'Ended', help: 'Its last window is over.', tone: 'plain' },
  replaced: {
    label: 'Replaced',
    help: 'Renewed under the terms above. What was decided under these terms still holds and can be proven.',
    tone: 'plain',
  },
};

function Agreement({ agreement: { id, terms, paid, balance }, standing }: PlacedAgreement): ReactNode {
  const { label, help, tone } = standings[standing];
  const { currency } = terms.money;
  const all = paid + balance;
  return (
    <Card
      title={
        <span className="row">
          {terms.title}
          <Badge tone={tone} title={help}>
            {label}
          </Badge>
        </span>
      }
      aside={
        <span className="row links">
          <Link to="/what-if" search={{ of: id }}>
            What if…
          </Link>
          <Link to="/devices/$subject" params={{ subject: terms.subject }}>
            See the device
          </Link>
        </span>
      }
    >
      <div className="agreement">
        <div>
          {standing !== 'in-force' && <p className="dim standing">{help}</p>}
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
