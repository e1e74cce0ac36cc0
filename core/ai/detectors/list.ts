// Detectors of one stream, of several quantities together, and of change points.
import type { DetectorModel, Listed, MultivariateDetectorModel } from '../model.ts';
import { robustShape } from './ensemble.ts';
import { mewma } from './mewma.ts';
import { robust } from './robust.ts';

export const detectors: readonly Listed<DetectorModel | MultivariateDetectorModel>[] = [
  { model: robust, scenario: 'nab.ts' },
  { model: robustShape, scenario: 'nab.ts' },
  { model: mewma, scenario: 'water-loop.ts' },
];
