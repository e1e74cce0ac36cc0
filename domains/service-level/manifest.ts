// What the domain is, for the node, the console and people.
import type { Manifest } from '@trine/engine';
import { panels } from './panels.ts';
import { routes } from './routes.ts';
import { machine } from './things.ts';

export const manifest: Manifest = {
  name: 'service-level',
  version: '3',
  title: 'Service level',
  about: 'A credit for every window in which a thing’s readings are missing (silence is not uptime) or out of order.',
  things: { machine },
  roles: ['payer', 'recipient'],
  reads: ['pack'],
  verdicts: {
    met: { label: 'Met', tone: 'ok' },
    breached: { label: 'Breached', tone: 'bad' },
    'not-judged': { label: 'Not judged', tone: 'quiet' },
  },
  alerts: { breach: { label: 'Service level breached', tone: 'bad' } },
  panels,
  routes,
};
