// Two detectors that differ in kind, heard together: robust-seasonal, which knows how far and how long the stream strays
// from what is usual, and value novelty, which knows where it has been lately. Their evidence adds; a stage for events lets
// one event speak once. Only exact arithmetic, so every node computes the same bits.
import type { Detector, DetectorModel, Score } from '../model.ts';
import { readState, type StateParts, stateBytes, writeState } from '../state.ts';
import { config as robustConfig } from './config.ts';
import { noveltyConfig, ValueNovelty } from './novelty.ts';
import { robust } from './robust.ts';

const TAG = 'RNOV';
const VERSION = 1;

const config = {
  robust: robustConfig,
  novelty: noveltyConfig,
  /** Evidence of values new in every look, beside that of one broken bound of robust-seasonal, which is 1. */
  noveltyWeight: 1.5,
  /** A distance below this share of the expected value never matters. */
  leastShare: 0.002,
  /** After an alarm, evidence counts only above this share of it, falling by half in 160 readings. */
  refractoryShare: 0.3,
  refractoryKeep: 0.995677,
  /** For so many readings after an alarm another is the same event, and its score takes this factor … */
  eventReadings: 20,
  sameEvent: 0.5,
  /** … unless its evidence is this many times the first one's. */
  eventGrowth: 2,
  /** Evidence that maps to a score of 0.5. */
  alarmEvidence: 0.52,
  /** An interval this many times the usual one is a gap: the step over it is not learnt. */
  gapIntervals: 20,
  intervalRate: 0.02,
} as const;

// Places in `scalars`.
const SEEN = 0;
const LAST_TIME = 1;
const INTERVAL = 2;
const PREVIOUS = 3;
const REFRACTORY = 4;
const SINCE_ALARM = 5;
const ALARM = 6;
const SCALARS = 7;

class RobustNovelty implements Detector {
  readonly #robust = robust.create();
  readonly #novelty = new ValueNovelty();
  readonly #scalars = new Float64Array(SCALARS);

  constructor() {
    this.#scalars[SINCE_ALARM] = config.eventReadings;
  }

  update(timeMs: number, value: number): Score {
    const usual = this.#robust.update(timeMs, value);
    if (usual.reason === 'missing' || usual.reason === 'late') return usual;
    const x = Math.max(-robustConfig.valueMax, Math.min(robustConfig.valueMax, value));
    const s = this.#scalars;
    const least = config.leastShare * Math.abs(usual.expected);
    const novelty = s[SEEN] === 0 ? 0 : config.noveltyWeight * this.#novelty.update(x, this.#step(timeMs, x), least);
    s[SEEN]! += 1;
    s[LAST_TIME] = timeMs;
    s[PREVIOUS] = x;
    const departure = (robustConfig.alarmEvidence * usual.score) / (1 - usual.score);
    if (usual.reason === 'warming-up') return usual;
    const score = this.#event(departure + novelty);
    if (score === 0) return { ...usual, score, reason: 'ordinary' };
    return { ...usual, score, reason: novelty > departure ? 'combination' : usual.reason };
  }

  state(): Uint8Array {
    return writeState(TAG, VERSION, this.#parts(this.#scalars, this.#novelty, this.#robust.state()));
  }

  restore(bytes: Uint8Array): void {
    const [scalars, values] = [new Float64Array(SCALARS), new ValueNovelty()];
    const inner = this.#robust.state();
    readState(TAG, VERSION, this.#parts(scalars, values, inner), bytes);
    if (!(Number.isSafeInteger(values.scalars[0]) && values.scalars[0]! >= 0)) {
      throw new RangeError(`Expected a count of values in the state, got ${values.scalars[0]}: the bytes are damaged.`);
    }
    this.#robust.restore(inner);
    this.#scalars.set(scalars);
    this.#novelty.scalars.set(values.scalars);
    this.#novelty.bounds.set(values.bounds);
    this.#novelty.values.set(values.values);
    this.#novelty.restored();
  }

  #parts(scalars: Float64Array, novelty: ValueNovelty, inner: Uint8Array): StateParts {
    return [scalars, novelty.scalars, novelty.bounds, novelty.values, inner];
  }

  /** The step from the value before; none over a gap or where the clock was set back. */
  #step(timeMs: number, x: number): number {
    const s = this.#scalars;
    const interval = timeMs - s[LAST_TIME]!;
    if (interval < 0) return 0;
    if (s[INTERVAL]! > 0 && interval > config.gapIntervals * s[INTERVAL]!) return 0;
    s[INTERVAL]! += Math.max(config.intervalRate, 1 / s[SEEN]!) * (interval - s[INTERVAL]!);
    return x - s[PREVIOUS]!;
  }

  /** The score of so much evidence, after what has been said already. */
  #event(evidence: number): number {
    const s = this.#scalars;
    s[REFRACTORY]! *= config.refractoryKeep;
    const fresh = evidence - config.refractoryShare * s[REFRACTORY]!;
    s[REFRACTORY] = Math.max(s[REFRACTORY]!, evidence);
    const score = fresh > 0 ? fresh / (fresh + config.alarmEvidence) : 0;
    s[SINCE_ALARM] = Math.min(s[SINCE_ALARM]! + 1, config.eventReadings);
    if (score < 0.5) return score;
    const same = s[SINCE_ALARM]! < config.eventReadings && evidence < config.eventGrowth * s[ALARM]!;
    if (same) return score * config.sameEvent;
    s[SINCE_ALARM] = 0;
    s[ALARM] = evidence;
    return score;
  }
}

const empty = new ValueNovelty();

/**
 * Robust-seasonal beside value novelty: more found with fewer false alarms than robust-seasonal, at ten times its cost. See `ensemble.md` for what it was measured on and what it cannot tell.
 *
 * @example
 * const detector = robustNovelty.create();
 * const { score, reason } = detector.update(Date.parse('2026-01-01T00:00:00Z'), 21.5);
 */
export const robustNovelty: DetectorModel = {
  family: 'detector',
  name: 'robust-novelty',
  version: VERSION,
  runtime: 'strict',
  config,
  stateBytesMax: stateBytes([
    new Float64Array(SCALARS),
    empty.scalars,
    empty.bounds,
    empty.values,
    new Uint8Array(robust.stateBytesMax),
  ]),
  sources: [...robust.sources, 'detectors/novelty.ts', 'detectors/ensemble.ts'],
  create: () => new RobustNovelty(),
};
