// What can be set or learnt of this domain's model: which detector listens, and a threshold of its own for a quantity.
import type { DetectorModel } from '@trine/models/model.ts';
import { type Parameters, TrineError } from '@trine/protocol';
import { detectors } from './detect.ts';

/** Quantity → score from which a reading is anomalous, parts per million. */
export type Thresholds = Readonly<Record<string, number>>;

export interface Chosen {
  readonly detector: DetectorModel;
  readonly thresholds: Thresholds;
}

/**
 * @param parameters `{ detector: "robust-novelty", thresholdPpm: { "cpu/load": 950000 } }`, each optional
 * @throws TrineError `invalid` naming what is unknown or out of range
 */
export function readParameters(parameters: Parameters): Chosen {
  const { detector: name = detectors[0]?.name, thresholdPpm = {}, ...unknown } = parameters;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined)
    throw new TrineError('invalid', `service-level has no parameter ${stranger}; it has detector and thresholdPpm.`);
  const detector = detectors.find((one) => one.name === name);
  if (detector === undefined)
    throw new TrineError(
      'invalid',
      `detector: expected ${detectors.map((one) => one.name).join(' or ')}, got ${JSON.stringify(name)}.`,
    );
  if (typeof thresholdPpm !== 'object' || Array.isArray(thresholdPpm))
    throw new TrineError('invalid', 'thresholdPpm: expected an object of quantities.');
  for (const [quantity, ppm] of Object.entries(thresholdPpm))
    if (typeof ppm !== 'number' || !Number.isInteger(ppm) || ppm < 1 || ppm > 1_000_001)
      throw new TrineError(
        'invalid',
        `thresholdPpm.${quantity}: expected an integer from 1 to 1000001, got ${JSON.stringify(ppm)}.`,
      );
  return { detector, thresholds: thresholdPpm as Thresholds };
}
