// A verification, told step by step.

import { readingsCsv, type Verdict, verdicts } from '@trine/protocol';
import type { ReactNode } from 'react';
import { formatCounted } from '../format/amount.ts';
import { formatDateTime, formatTook } from '../format/time.ts';
import { Badge } from '../ui/badge.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Card, Facts } from '../ui/page.tsx';
import { saveFile } from '../ui/save.ts';
import { SourcesCard } from './sources.tsx';
import type { Report, Verified } from './verifier.ts';

const icons: Readonly<Record<Verdict, IconName>> = {
  trusted: 'check',
  'trusted-without-replay': 'info',
  'members-word': 'info',
  consistent: 'info',
  broken: 'cross',
  'another-network': 'cross',
  'another-branch': 'cross',
  'no-proof': 'cross',
};

export function ReportView({ verified: { report, tookMs } }: { verified: Verified }): ReactNode {
  const { title, means } = verdicts[report.verdict];
  const icon = icons[report.verdict];
  const failed = report.steps.find(({ status }) => status === 'failed');
  const skipped = failed ? [] : report.steps.filter(({ status }) => status === 'not-checked');
  const isDone = report.steps.filter(({ status }) => status === 'ok').length;
  return (
    <>
      <section className="card outcome" data-verdict={report.verdict} role="status">
        <span className="seal-mark">
          <Icon name={icon} size={26} />
        </span>
        <div>
          <strong>{title}</strong>
          <p>{sentenceCase(means)}.</p>
          {failed && <p>Failed at: {failed.title}.</p>}
          {skipped.map(({ name, detail }) => (
            <p key={name} className="skipped">
              {detail}
            </p>
          ))}
        </div>
        <p className="took num">
          {isDone} of {formatCounted(report.steps.length, 'step')} <br />
          in {formatTook(tookMs)}, in this browser
        </p>
      </section>
      <div className={report.verdict === 'broken' ? 'stack' : 'columns'}>
        <Card title="Step by step" flush>
          <ol className="steps">
            {report.steps.map((step) => (
              <StepRow key={step.name} {...step} />
            ))}
          </ol>
        </Card>
        <div className="stack">
          {Object.keys(report.facts).length > 0 && (
            <Card title="What it says">
              <Facts
                rows={Object.entries(report.facts).map(([name, fact]) => [sentenceCase(name), showFact(fact)] as const)}
              />
            </Card>
          )}
          {report.readings.length > 0 && <ReadingsCard readings={report.readings} />}
          {report.sources.length > 0 && <SourcesCard {...report} />}
          {report.assumptions.length > 0 && (
            <Card title="Taken on trust">
              <ul className="assumptions">
                {report.assumptions.map((assumption) => (
                  <li key={assumption}>{assumption}</li>
                ))}
              </ul>
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

/** What the readings said is for programs and tables: how many there are is told here. */
function ReadingsCard({ readings }: { readings: Report['readings'] }): ReactNode {
  const wentIn = readings.filter((reading) => reading.wentIn).length;
  return (
    <Card title="Readings in the file">
      <p>
        {formatCounted(readings.length, 'reading')}
        {wentIn < readings.length && `; ${wentIn} went in, the others stand around that`}.
      </p>
      <button
        type="button"
        className="button small"
        onClick={() => saveFile([readingsCsv(readings)], 'readings.csv', 'text/csv')}
      >
        <Icon name="save" size={14} /> Save as CSV
      </button>
    </Card>
  );
}

const marks: Readonly<Record<Report['steps'][number]['status'], { icon: IconName; word: string }>> = {
  ok: { icon: 'check', word: 'holds' },
  failed: { icon: 'cross', word: 'fails' },
  'not-checked': { icon: 'minus', word: 'not checked' },
};

function StepRow({ name, title, status, detail }: Report['steps'][number]): ReactNode {
  const { icon, word } = marks[status];
  return (
    <li data-status={status} data-step={name}>
      <span className="mark">
        <Icon name={icon} size={14} />
        <span className="sr-only">{word}</span>
      </span>
      <div>
        <strong>{title}</strong>
        <small>{localTimes(detail)}</small>
      </div>
      {status === 'failed' && <Badge tone="bad">fails here</Badge>}
    </li>
  );
}

function showFact(fact: string): ReactNode {
  return /^(0x)?[0-9a-f]{32,}$/.test(fact) ? <span className="mono">{fact}</span> : localTimes(fact);
}

/** The verifier writes times as ISO 8601; people read those of their own clock. */
function localTimes(fact: string): string {
  return fact.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (iso) => formatDateTime(Date.parse(iso)));
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
