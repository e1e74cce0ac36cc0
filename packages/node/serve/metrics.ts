// Prometheus metrics, made when asked for.
import { faults } from '../last-resort.ts';
import type { Node } from '../node.ts';

/** Adds one metric: its values by labels. */
type Add = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  values: readonly (readonly [string, number])[],
) => void;

/** The text exposition format, version 0.0.4. */
export async function metricsText(node: Node): Promise<string> {
  const lines: string[] = [];
  const add: Add = (name, type, help, values) => {
    lines.push(
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...values.map(([labels, value]) => `${name}${labels} ${value}`),
    );
  };
  addIntake(node, add);
  await addDecided(node, add);
  add(
    'trine_problem',
    'gauge',
    'What is wrong now, by kind.',
    node.health.problems.map(({ code }) => [`{problem="${code}"}`, 1] as const),
  );
  add('trine_faults_total', 'counter', 'Errors that nobody expected.', [['', faults.count]]);
  add('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', process.memoryUsage.rss()]]);
  return `${lines.join('\n')}\n`;
}

function addIntake({ ingest, log, transports, runner, silences }: Node, add: Add): void {
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
  add('trine_intake_queue', 'gauge', 'Statements waiting for verification.', [['', ingest.queued]]);
  add('trine_silent_things', 'gauge', 'Things that are silent, or without a usable value.', [
    ['', silences?.counts.total ?? 0],
  ]);
  add('trine_log_leaves', 'gauge', 'Durable leaves.', [['', log.durableSize]]);
  add('trine_log_checkpoint_leaves', 'gauge', 'Leaves under the newest checkpoint.', [['', log.checkpoint.size]]);
  add('trine_unreadable_leaves', 'gauge', 'Leaves that this release could not read.', [['', runner.unreadable.length]]);
}

async function addDecided({ views, decisions, settler }: Node, add: Add): Promise<void> {
  const totals = await views.totals();
  add(
    'trine_decisions_total',
    'counter',
    'Decisions under agreements that are not held, by domain and verdict.',
    totals.verdicts.map(({ domain, verdict, count }) => [`{domain="${domain}",verdict="${verdict}"}`, count] as const),
  );
  add('trine_advice_total', 'counter', 'Decisions under monitors.', [['', totals.advice]]);
  add('trine_held_decisions', 'gauge', 'Decisions whose effects are held.', [['', totals.held]]);
  add('trine_undecidable_policies', 'gauge', 'Policies that cannot be decided now.', [['', decisions.problems.size]]);
  add(
    'trine_outbox_items',
    'gauge',
    'Things to do on the chain, by state.',
    Object.entries(settler.outbox.counts()).map(([state, count]) => [`{state="${state}"}`, count] as const),
  );
  const { underWay, false: found } = settler.watching.counts;
  add('trine_batches_under_way', 'gauge', 'Batches that stand open to refutation.', [['', underWay]]);
  add('trine_false_batches_total', 'counter', 'Batches found false since the start.', [['', found]]);
}
