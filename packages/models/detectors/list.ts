// Detectors of one stream, of several quantities together, and of change points.
import type { DetectorModel, Listed, MultivariateDetectorModel } from '../model.ts';
import { changes } from './changes.ts';
import { robustNovelty } from './ensemble.ts';
import { mewma } from './mewma.ts';
import { robust } from './robust.ts';

/** Checks and cases of `checks/detector.ts` that make no sense for a model, each with the reason. */
export type Unsuited = Readonly<Record<string, string>>;

type ListedDetector = Listed<DetectorModel | MultivariateDetectorModel> & { readonly unsuited?: Unsuited };

const oneReading = 'a change lasts: no single reading may be one';
const insideDay = 'made for one value a day: what moves inside the day is for the block means it is given';

export const detectors: readonly ListedDetector[] = [
  { model: robust, scenario: 'nab.ts' },
  { model: robustNovelty, scenario: 'nab.ts' },
  { model: mewma, scenario: 'water-loop.ts' },
  {
    model: changes,
    scenario: 'leaks.ts',
    unsuited: {
      'spike up': oneReading,
      'spike down': oneReading,
      'dead sensor': oneReading,
      flatline: 'a still level is no change of level',
      burst: 'more movement around the same level is no change of level',
      drift: 'what moves by a twentieth of its noise a reading is taken for wandering',
      'a day': insideDay,
      'learns the day and then misses it': insideDay,
    },
  },
];

/** What need not be checked of a model, by name. */
export const unsuited = (name: string): Unsuited => detectors.find(({ model }) => model.name === name)?.unsuited ?? {};
