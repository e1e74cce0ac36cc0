// Meters: counters that only go up, and meters that say what was used in each interval.
import type { ThingModel } from '@trine/engine';

export const electricityMeter: ThingModel = {
  title: 'Electricity meter',
  properties: {
    'energy/total': { title: 'Counter, drawn from the grid', unit: 'kWh', minimum: 0 },
    'energy/interval': { title: 'Drawn within the interval that begins then', unit: 'kWh', minimum: 0 },
  },
};

export const waterMeter: ThingModel = {
  title: 'Water meter',
  properties: { 'water/total': { title: 'Counter', unit: 'm3', minimum: 0 } },
};

export const heatMeter: ThingModel = {
  title: 'Heat meter',
  properties: { 'heat/total': { title: 'Counter', unit: 'kWh', minimum: 0 } },
};
