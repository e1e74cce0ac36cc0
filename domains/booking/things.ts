// What can be booked: anything that reports when its use begins and ends. It does so by events; these are the readings of
// the lock that guards it.
import type { ThingModel } from '@trine/engine';

export const lock: ThingModel = {
  title: 'Lock of a bookable thing',
  properties: {
    'battery/charge': { title: 'Battery', unit: '%EL', minimum: 0, maximum: 100 },
    'lock/open': { title: 'Open', unit: '' },
  },
};
