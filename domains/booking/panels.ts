// What the console draws on the page of bookings.
import type { Panel } from '@trine/engine';

export const panels: readonly Panel[] = [
  { id: 'bookings', title: 'Bookings', kind: 'rows', of: ['units', 'amount', 'bookedMinutes'] },
  { id: 'refused', title: 'Requests refused, and why', kind: 'facts', of: ['cause'] },
];
