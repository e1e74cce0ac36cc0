// What can be set or learnt of this domain's model: a threshold of its own for a quantity.
import type { Parameters } from '@trine/core/protocol/payloads/model.ts';

/** Quantity → score from which a reading is out of order, parts per million. */
export type Thresholds = Readonly<Record<string, number>>;

/**
 * @param parameters `{ thresholdPpm: { "cpu/load": 950000 } }`, or none
 * @throws RangeError naming what is unknown or out of range
 */
export function readThresholds(parameters: Parameters): Thresholds {
  const { thresholdPpm = {}, ...unknown } = parameters;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw new RangeError(`service-level has no parameter ${stranger}; it has thresholdPpm.`);
  if (typeof thresholdPpm !== 'object' || Array.isArray(thresholdPpm))
    throw new RangeError('thresholdPpm: expected an object of quantities.');
  for (const [quantity, ppm] of Object.entries(thresholdPpm))
    if (typeof ppm !== 'number' || !Number.isInteger(ppm) || ppm < 1 || ppm > 1_000_001)
      throw new RangeError(
        `thresholdPpm.${quantity}: expected an integer from 1 to 1000001, got ${JSON.stringify(ppm)}.`,
      );
  return thresholdPpm as Thresholds;
}
