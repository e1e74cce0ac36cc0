// What is measured, and the values that a sensor in order can show: others are refused when they arrive.
import type { ThingModel } from '@trine/engine';

export const coldRoom: ThingModel = {
  title: 'Cold room',
  properties: {
    temperature: { title: 'Temperature', unit: 'Cel', minimum: -60, maximum: 80 },
  },
};
