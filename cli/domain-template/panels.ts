// What the console draws on the page of a policy: facts of the decisions, and readings.
import type { Panel } from '@trine/engine';

export const panels: readonly Panel[] = [
  { id: 'readings', title: 'Temperature', kind: 'readings', of: ['temperature'], unit: 'Cel' },
  { id: 'exceeded', title: 'Too long above the limit', kind: 'facts', of: ['exceeded'], unit: 'count' },
];
