// What the domain is, for the node, the console and people. Verdicts and alerts are its own words.
import type { Manifest } from '@trine/engine';
import { panels } from './panels.ts';
import { routes } from './routes.ts';
import { coldRoom } from './things.ts';

export const manifest: Manifest = {
  name: 'over-limit',
  version: '1',
  title: 'Over limit',
  about: 'A reading above a limit for longer than agreed raises an alert and costs a credit.',
  things: { 'cold-room': coldRoom },
  roles: ['payer', 'recipient'],
  reads: ['pack'],
  verdicts: {
    kept: { label: 'Kept', tone: 'ok' },
    exceeded: { label: 'Exceeded', tone: 'bad' },
    'not-judged': { label: 'Not judged', tone: 'quiet' },
  },
  alerts: { exceeded: { label: 'Too long above the limit', tone: 'bad' } },
  panels,
  routes,
};
