// What the console draws on the page of a service level.
import type { Panel } from '@trine/engine';

export const panels: readonly Panel[] = [
  {
    id: 'completeness',
    title: 'Statements, came and due',
    kind: 'facts',
    of: ['statements', 'statementsMin'],
    unit: 'count',
  },
  { id: 'order', title: 'Anomalous readings', kind: 'facts', of: ['anomalous'], unit: 'count' },
];
