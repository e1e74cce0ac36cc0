import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { AgreementView } from '../api/types.ts';
import { Panels } from '../domains/panels.tsx';
import { TermsList } from '../domains/terms-list.tsx';
import { useDomains } from '../domains/use-domains.ts';
import { readable, verdictWord } from '../domains/words.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { formatDateTime, formatSpan, timeZone } from '../format/time.ts';
import { classWords, policyStandingWords } from '../format/words.ts';
import { Badge, WordBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Facts, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { inOrder, type PlacedAgreement } from './in-force.ts';
import { Proposals } from './proposals.tsx';

export function AgreementsPage(): ReactNode {
  const agreements = useQuery(queries.agreements());
  return (
    <Page
      title="Agreements"
      about="What the parties accepted. The contract holds the money and pays only what these terms allow."
      actions={
        <Link className="button primary" to="/agreements/new">
          <Icon name="agreement" /> New agreement
        </Link>
      }
    >
      <Proposals />
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
            inOrder(all).map((placed) => <Agreement key={placed.agreement.id} {...placed} />)
          )
        }
      </Loaded>
    </Page>
  );
}

function Agreement({ agreement, standing }: PlacedAgreement): ReactNode {
  const { policy, problem, hash, verdicts, held, signed, end } = agreement;
  const { label, help, tone } = policyStandingWords(standing);
  const { domain, terms, subject } = policy;
  const { currency } = policy.money;
  return (
    <Card
      title={
        <span className="row">
          {policy.title}
          <Badge tone={tone} title={help}>
            {label}
          </Badge>
        </span>
      }
      aside={<AgreementLinks hash={hash} subject={subject} />}
    >
      {problem && (
        <Notice tone="bad" title="It cannot be decided now">
          {problem}
        </Notice>
      )}
      <div className="agreement">
        <div>
          {!['in-force', 'not-begun'].includes(standing) && <p className="dim standing">{help}</p>}
          {end && (
            <p className="dim standing">
              Ended{end.by && ` by the ${readable(end.by).toLowerCase()}`} from {formatDateTime(end.fromMs)} on:{' '}
              {end.reason}
            </p>
          )}
          <ul className="terms" aria-label="Parties">
            {policy.parties.map(({ role, name }) => (
              <li key={role}>
                <strong>{name}</strong>{' '}
                <span className="dim">
                  {readable(role).toLowerCase()}, {signed.some((one) => one.role === role) ? 'signed' : 'no signature'}
                </span>
              </li>
            ))}
          </ul>
          <TermsList domain={domain} terms={terms} currency={currency} />
          <Verdicts domain={domain} verdicts={verdicts} held={held} />
        </div>
        <Money agreement={agreement} />
      </div>
      <Drawn agreement={agreement} />
      <details className="more">
        <summary>Details</summary>
        <AgreementFacts agreement={agreement} />
      </details>
    </Card>
  );
}

function AgreementLinks({ hash, subject }: { hash: string; subject: string }): ReactNode {
  return (
    <span className="row links">
      <Link to="/what-if" search={{ of: hash }}>
        What if…
      </Link>
      <Link to="/devices/$subject" params={{ subject }}>
        See the device
      </Link>
    </span>
  );
}

function Verdicts({
  domain,
  verdicts,
  held,
}: Pick<AgreementView, 'verdicts' | 'held'> & { domain: string }): ReactNode {
  const domains = useDomains();
  const counted = Object.entries(verdicts);
  if (counted.length === 0) return <p className="dim">Nothing is decided under it yet.</p>;
  return (
    <p className="row">
      {counted.map(([verdict, count]) => {
        const { label, tone } = verdictWord(domains, domain, verdict);
        return <WordBadge key={verdict} word={{ label: `${formatCount(count)} ${label.toLowerCase()}`, tone }} />;
      })}
      {held > 0 && <WordBadge word={{ label: `${formatCount(held)} of them held`, tone: 'held' }} />}
    </p>
  );
}

function Money({ agreement: { policy, paid, locked } }: { agreement: AgreementView }): ReactNode {
  const { currency } = policy.money;
  const all = paid + locked;
  return (
    <div className="money">
      <div>
        <span className="dim">Money left</span>
        <strong>{formatMoney(locked, currency)}</strong>
      </div>
      <div>
        <span className="dim">Paid so far</span>
        <strong>{formatMoney(paid, currency)}</strong>
      </div>
      <meter
        min={0}
        max={Math.max(1, all)}
        value={locked}
        aria-label={`${formatMoney(locked, currency)} of ${formatMoney(all, currency)} left`}
      />
    </div>
  );
}

/** Asked for when it is opened: there may be many agreements. */
function Drawn({ agreement: { hash, policy } }: { agreement: AgreementView }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How it goes</summary>
      {isOpen && (
        <Panels policy={hash} domain={policy.domain} subject={policy.subject} currency={policy.money.currency} />
      )}
    </details>
  );
}

function AgreementFacts({
  agreement: { id, hash, policy, model, decidedUntilMs },
}: {
  agreement: AgreementView;
}): ReactNode {
  const { money, gate, deciders, period, parties } = policy;
  return (
    <Facts
      rows={[
        ['Runs', `${formatDateTime(period.startMs)} to ${formatDateTime(period.endMs)} (${timeZone})`],
        ['Decided up to', decidedUntilMs === undefined ? 'Nothing yet' : formatDateTime(decidedUntilMs)],
        ['Most one obligation may cost', formatMoney(money.perObligationMax, money.currency)],
        ['Most it may cost in all', formatMoney(money.totalMax, money.currency)],
        ['Time to object', formatSpan(money.disputeWindowS * 1000)],
        [
          'If nobody rules on an objection',
          `${money.afterHold === 'pay' ? 'Paid' : 'Dropped'} after ${formatSpan(money.holdMaxS * 1000)}`,
        ],
        [
          'Contesting a row of a batch takes',
          money.contestBond !== undefined && formatMoney(money.contestBond, money.currency),
        ],
        ['Deciders', `${deciders.quorum} of ${deciders.list.length} must agree`],
        ['Readings need', `${classWords(gate.classMin).label}, or better`],
        ['Decided by', <Hash key="model" text={model} />],
        ['Agreement id', <Hash key="id" text={id} />],
        ['Hash of the terms', <Hash key="hash" text={hash} />],
        ['Contract', <Hash key="contract" text={money.contract} />],
        ...parties.map(
          ({ role, address }) =>
            [`Account, ${readable(role).toLowerCase()}`, <Hash key={role} text={address} />] as const,
        ),
      ]}
    />
  );
}

function Hash({ text }: { text: string }): ReactNode {
  return <span className="mono">{text}</span>;
}
