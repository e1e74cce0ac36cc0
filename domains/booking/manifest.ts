// What the domain is, for the node, the console and people.
import type { Manifest } from '@trine/engine';
import { panels } from './panels.ts';
import { routes } from './routes.ts';
import { lock } from './things.ts';

export const manifest: Manifest = {
  name: 'booking',
  version: '1',
  title: 'Booking',
  about:
    'A thing is booked by a signed request, used by the time, and given back; the deposit returns but for what is owed.',
  things: { lock },
  roles: ['payer', 'recipient', 'escrow'],
  reads: ['event'],
  verdicts: {
    accepted: { label: 'Accepted', tone: 'ok' },
    refused: { label: 'Refused', tone: 'warn' },
    held: { label: 'In use', tone: 'info' },
    released: { label: 'Free again', tone: 'ok' },
    void: { label: 'Nothing to decide', tone: 'quiet' },
    used: { label: 'Used', tone: 'ok' },
    late: { label: 'Returned late', tone: 'warn' },
    'not-returned': { label: 'No end reported', tone: 'bad' },
    'no-show': { label: 'Not started', tone: 'warn' },
    cancelled: { label: 'Cancelled', tone: 'quiet' },
    'cancelled-late': { label: 'Cancelled too late', tone: 'warn' },
  },
  alerts: {
    'no-show': { label: 'Not started', tone: 'info' },
    late: { label: 'Returned late', tone: 'warn' },
    'not-returned': { label: 'No end reported', tone: 'bad' },
  },
  panels,
  routes,
};
