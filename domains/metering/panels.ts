// What the console draws on the page of a tariff.
import type { Panel } from '@trine/engine';

export const panels: readonly Panel[] = [
  { id: 'bills', title: 'Bills', kind: 'rows', of: ['quantityMilli', 'amount', 'gaps'] },
  {
    id: 'billed',
    title: 'Customers billed, incomplete, flagged',
    kind: 'facts',
    of: ['billed', 'incomplete', 'flagged'],
  },
  { id: 'used', title: 'Used by all, thousandths of the unit', kind: 'facts', of: ['quantityMilli'] },
  { id: 'owed', title: 'Billed to all', kind: 'facts', of: ['amount'], unit: 'money' },
];
