// Where mapped readings come from: the message as it came, the mapping that read it, and what that makes of it.
import type { Report, ReportedSource } from '@trine/protocol';
import type { ReactNode } from 'react';
import { formatCounted } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { Card } from '../ui/page.tsx';

/** So many are written out; the file has them all. */
const SHOWN_MAX = 20;
const PAYLOAD_CHARS_MAX = 4_000;

export function SourcesCard({ sources, readings }: Pick<Report, 'sources' | 'readings'>): ReactNode {
  return (
    <Card title="Where readings come from">
      {sources.slice(0, SHOWN_MAX).map((source) => (
        <Source key={source.leaf} source={source} readings={readings.filter(({ leaf }) => leaf === source.leaf)} />
      ))}
      {sources.length > SHOWN_MAX && <p>{formatCounted(sources.length - SHOWN_MAX, 'more message')} in the file.</p>}
    </Card>
  );
}

function Source({ source, readings }: { source: ReportedSource; readings: Report['readings'] }): ReactNode {
  const { leaf, subject, topic, payload, isRetained, mapping, source: said } = source;
  return (
    <section className="source" aria-label={`Leaf ${leaf}`}>
      <p>
        <strong>{subject}</strong>, leaf {leaf}: a message on <code className="mono">{topic}</code>
        {said !== undefined && ` by ${said}`}
        {isRetained && ', kept by a broker before'}.
      </p>
      <pre className="mono">{textOf(payload)}</pre>
      <table>
        <caption className="sr-only">What the mapping makes of it</caption>
        <thead>
          <tr>
            <th scope="col">Quantity</th>
            <th scope="col">Value</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {readings.map(({ quantity, value, unit, timeMs, datedBy }) => (
            <tr key={`${quantity} ${timeMs}`}>
              <td>{quantity}</td>
              <td className="mono">{`${value} ${unit}`.trim()}</td>
              <td>
                {formatDateTime(timeMs)}
                {datedBy === 'arrival' && ' (its arrival)'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>The mapping</summary>
        <pre className="mono">{JSON.stringify(mapping, undefined, 2)}</pre>
      </details>
    </section>
  );
}

/** Bytes that are no text as hexadecimal. */
function textOf(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload).slice(0, PAYLOAD_CHARS_MAX);
  } catch {
    return `0x${[...payload.subarray(0, PAYLOAD_CHARS_MAX / 2)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
}
