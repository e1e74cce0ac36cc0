// What a computer measures of itself.
import type { ThingModel } from '@trine/engine';

export const machine: ThingModel = {
  title: 'Computer',
  properties: {
    'cpu/load': { title: 'Processor load', unit: '/', minimum: 0, maximum: 1 },
    'memory/used': { title: 'Memory in use', unit: '/', minimum: 0, maximum: 1 },
    'disk/used': { title: 'Disk in use', unit: '/', minimum: 0, maximum: 1 },
    'network/received': { title: 'Network, received', unit: 'B/s', minimum: 0 },
    'network/sent': { title: 'Network, sent', unit: 'B/s', minimum: 0 },
    'cpu/temperature': { title: 'Processor temperature', unit: 'Cel', minimum: -40, maximum: 150 },
  },
};
