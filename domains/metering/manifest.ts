// What the domain is, for the node, the console and people.
import type { Manifest } from '@trine/engine';
import { panels } from './panels.ts';
import { routes } from './routes.ts';
import { electricityMeter, heatMeter, waterMeter } from './things.ts';

export const manifest: Manifest = {
  name: 'metering',
  version: '1',
  title: 'Metering',
  about: 'Bills for what meters counted: a line for each customer, by steps and by the clock, and credit notes.',
  things: { 'electricity-meter': electricityMeter, 'water-meter': waterMeter, 'heat-meter': heatMeter },
  roles: ['payer', 'recipient'],
  reads: ['pack'],
  verdicts: {
    billed: { label: 'Billed', tone: 'ok' },
    partly: { label: 'Partly billed', tone: 'warn' },
    unbilled: { label: 'Not billed', tone: 'bad' },
    incomplete: { label: 'Readings missing', tone: 'warn' },
    flagged: { label: 'Counter went back', tone: 'bad' },
  },
  alerts: {
    'went-back': { label: 'Counter went back', tone: 'bad' },
    gap: { label: 'Readings missing', tone: 'warn' },
    implausible: { label: 'Far more than usual', tone: 'warn' },
    'between-bills': { label: 'Used between two bills', tone: 'info' },
  },
  panels,
  routes,
};
