// detect: one detector for each quantity of the thing; together they are the model whose state is carried from
// window to window.

import { robust } from '@trine/core/ai/detectors/robust.ts';
import type { Detector, Score } from '@trine/core/ai/model.ts';
import type { SealedReading } from '@trine/core/flow/domain.ts';
import { decodeCbor, encodeCbor } from '@trine/core/protocol/cbor.ts';
import { bytes, dictionary } from '@trine/core/protocol/schema.ts';

/** More quantities than that and the state would not fit into one leaf; further ones are not watched. */
export const QUANTITIES_MAX: number = Math.floor(52_000 / (robust.stateBytesMax + 110));

const bank = dictionary(bytes({ max: robust.stateBytesMax }), QUANTITIES_MAX);

/** A numeric reading and what its detector thought of it. */
export interface Scored extends Score {
  readonly quantity: string;
  readonly unit: string;
  readonly timeMs: number;
  readonly value: number;
}

export interface Detected {
  readonly state: Uint8Array;
  /** In the order of the readings; those that nobody watches are left out. */
  readonly scored: readonly Scored[];
}

/**
 * Runs the readings of a window through the detectors.
 *
 * @param state bytes from the window before, empty for the first
 * @param readings in the order in which they count
 */
export function detect(state: Uint8Array, readings: readonly SealedReading[]): Detected {
  const detectors = restore(state);
  const scored: Scored[] = [];
  for (const { quantity, unit, value, timeMs } of readings) {
    if (typeof value !== 'number') continue;
    let detector = detectors.get(quantity);
    if (detector === undefined) {
      if (detectors.size >= QUANTITIES_MAX) continue;
      detector = robust.create();
      detectors.set(quantity, detector);
    }
    scored.push({ quantity, unit, timeMs, value, ...detector.update(timeMs, value) });
  }
  return { state: save(detectors), scored };
}

function restore(state: Uint8Array): Map<string, Detector> {
  if (state.length === 0) return new Map();
  const saved = bank.check(decodeCbor(state, 'detector state'), 'detector state');
  return new Map(
    Object.entries(saved).map(([quantity, bytesOfOne]) => {
      const detector = robust.create();
      detector.restore(bytesOfOne);
      return [quantity, detector];
    }),
  );
}

function save(detectors: ReadonlyMap<string, Detector>): Uint8Array {
  return encodeCbor(Object.fromEntries([...detectors].map(([quantity, detector]) => [quantity, detector.state()])));
}
