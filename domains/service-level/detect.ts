// detect: one detector for each quantity of the thing; together they are the model whose state is carried from
// window to window.

import type { LoggedReading } from '@trine/engine';
import { robustNovelty } from '@trine/models/detectors/ensemble.ts';
import { robust } from '@trine/models/detectors/robust.ts';
import type { Detector, DetectorModel, Score } from '@trine/models/model.ts';
import { decodeCbor, encodeCbor, schema } from '@trine/protocol';

/** The detectors there are to choose from; the first is used where nobody chose. */
export const detectors: readonly DetectorModel[] = [robust, robustNovelty];

/** A state is a body of its own: this keeps a pack of them quick to read. */
const STATE_BYTES_MAX = 52_000;

/** More quantities than that are not watched. */
export function quantitiesMax({ stateBytesMax }: DetectorModel): number {
  return Math.floor(STATE_BYTES_MAX / (stateBytesMax + 110));
}

/** A numeric reading and what its detector thought of it. */
export interface Scored extends Score {
  readonly quantity: string;
  readonly unit: string;
  readonly timeMs: number;
  readonly value: number;
}

export interface Detected {
  readonly state: Uint8Array;
  /** In the order of the readings; those that nobody monitors are left out. */
  readonly scored: readonly Scored[];
}

/**
 * Runs the readings of a window through the detectors.
 *
 * @param state bytes from the window before, empty for the first
 * @param readings in the order in which they count
 * @param model one of {@link detectors}; the state must be its
 */
export function detect(state: Uint8Array, readings: readonly LoggedReading[], model: DetectorModel): Detected {
  const watching = restore(state, model);
  const scored: Scored[] = [];
  for (const { quantity, unit, value, timeMs } of readings) {
    if (typeof value !== 'number') continue;
    let detector = watching.get(quantity);
    if (detector === undefined) {
      if (watching.size >= quantitiesMax(model)) continue;
      detector = model.create();
      watching.set(quantity, detector);
    }
    scored.push({ quantity, unit, timeMs, value, ...detector.update(timeMs, value) });
  }
  return { state: save(watching), scored };
}

function restore(state: Uint8Array, model: DetectorModel): Map<string, Detector> {
  if (state.length === 0) return new Map();
  const bank = schema.dictionary(schema.bytes({ max: model.stateBytesMax }), quantitiesMax(model));
  const saved = bank.check(decodeCbor(state, 'detector state'), 'detector state');
  return new Map(
    Object.entries(saved).map(([quantity, bytesOfOne]) => {
      const detector = model.create();
      detector.restore(bytesOfOne);
      return [quantity, detector];
    }),
  );
}

function save(watching: ReadonlyMap<string, Detector>): Uint8Array {
  return encodeCbor(Object.fromEntries([...watching].map(([quantity, detector]) => [quantity, detector.state()])));
}
