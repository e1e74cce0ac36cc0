// Prometheus metrics, made when asked for.
import { faults } from '../last-resort.ts';
import type { Node } from '../node.ts';

/** The text exposition format, version 0.0.4. */
export function metricsText(node: Node): string {
  const lines: string[] = [];
  const add = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    values: readonly (readonly [string, number])[],
  ) => {
    lines.push(
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...values.map(([labels, value]) => `${name}${labels} ${value}`),
    );
  };
  const { ingest, log, transports } = node;
  add('trine_statements_sealed_total', 'counter', 'Statements sealed since the start.', [['', ingest.sealed]]);
  add('trine_statements_duplicate_total', 'counter', 'Statements that were known already.', [['', ingest.duplicates]]);
  add(
    'trine_statements_refused_total',
    'counter',
    'Statements refused, by reason.',
    [...ingest.refused].map(([reason, count]) => [`{reason="${reason}"}`, count] as const),
  );
  add(
    'trine_transport_connected',
    'gauge',
    'Whether statements can come in this way.',
    transports.map(({ name, health }) => [`{transport="${name}"}`, health.connected ? 1 : 0] as const),
  );
  add(
    'trine_transport_refused_total',
    'counter',
    'Messages, subscriptions and connections refused, dropped or closed, by way in and reason.',
    transports.flatMap(({ name, counters }) =>
      counters.entries().map(([reason, count]) => [`{transport="${name}",reason="${reason}"}`, count] as const),
    ),
  );
  add('trine_faults_total', 'counter', 'Errors that nobody expected.', [['', faults.count]]);
  add('trine_intake_queue', 'gauge', 'Statements waiting for verification.', [['', ingest.queued]]);
  add('trine_log_leaves', 'gauge', 'Durable leaves.', [['', log.durableSize]]);
  add('trine_log_checkpoint_leaves', 'gauge', 'Leaves under the newest checkpoint.', [['', log.checkpoint.size]]);
  add(
    'trine_outbox_items',
    'gauge',
    'Things to do on the chain, by state.',
    Object.entries(node.settler.outbox.counts()).map(([state, count]) => [`{state="${state}"}`, count] as const),
  );
  add('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', process.memoryUsage.rss()]]);
  return `${lines.join('\n')}\n`;
}
