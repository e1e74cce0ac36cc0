// What arrives live, kept within bounds and handed to the screens a few times a second, however fast it comes.
import type { LiveEvent } from '@trine/client';
import type { Overview, SealView } from './types.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

/** What an event of that name carries. */
export type Carried<Name extends LiveEvent['event']> = Extract<LiveEvent, { readonly event: Name }>['data'];

/**
 * The overview after an event: the first one is whole, after it come members that changed, null for what is no more.
 *
 * @returns undefined where a change came before the whole
 */
export function changedOverview(known: Overview | undefined, change: Carried<'overview'>): Overview | undefined {
  if (known === undefined && !change.log) return undefined;
  const now = Object.entries({ ...known, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(now) as unknown as Overview;
}

const SEALS_MAX = 50;
const REFUSALS_MAX = 20;
const POINTS_MAX = 1_200;
const RATES_MAX = 60;

export interface LiveState {
  readonly connection: Connection;
  /** Newest first. */
  readonly seals: readonly SealView[];
  readonly refusals: readonly Carried<'refusal'>[];
  /** Statements sealed per second, one number a second, newest last. */
  readonly rates: readonly number[];
  /** Grows with every change of `points`. */
  readonly version: number;
}

export interface Point {
  readonly timeMs: number;
  readonly value: number;
}

export class LiveStore {
  #state: LiveState = { connection: 'connecting', seals: [], refusals: [], rates: [], version: 0 };
  readonly #listeners = new Set<() => void>();
  readonly #points = new Map<string, Point[]>();
  #lastCount: { atMs: number; sealed: number } | undefined;

  readonly get = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Live points of one quantity of one thing, oldest first. */
  pointsOf(subject: string, quantity: string): readonly Point[] {
    return this.#points.get(`${subject}\n${quantity}`) ?? [];
  }

  connect(connection: Connection): void {
    if (connection !== 'live') this.#lastCount = undefined;
    this.#change({ connection });
  }

  /** Takes what came since the last call. */
  add(
    seals: readonly SealView[],
    readings: readonly Carried<'reading'>[],
    refusals: readonly Carried<'refusal'>[],
  ): void {
    for (const { subject, quantity, timeMs, value } of readings) {
      // A text has no place in a plot.
      if (value === null) continue;
      const name = `${subject}\n${quantity}`;
      const known = this.#points.get(name) ?? [];
      if (known.length === 0 || timeMs > (known.at(-1) as Point).timeMs) known.push({ timeMs, value });
      if (known.length > POINTS_MAX) known.splice(0, known.length - POINTS_MAX);
      this.#points.set(name, known);
    }
    const state = this.#state;
    this.#change({
      seals: seals.length > 0 ? [...[...seals].reverse(), ...state.seals].slice(0, SEALS_MAX) : state.seals,
      refusals:
        refusals.length > 0 ? [...[...refusals].reverse(), ...state.refusals].slice(0, REFUSALS_MAX) : state.refusals,
      version: state.version + (readings.length > 0 ? 1 : 0),
    });
  }

  /** @param sealed statements sealed since the node started */
  count(sealed: number, atMs: number): void {
    const last = this.#lastCount;
    this.#lastCount = { atMs, sealed };
    if (!last || atMs <= last.atMs || sealed < last.sealed) return;
    const rate = ((sealed - last.sealed) * 1000) / (atMs - last.atMs);
    this.#change({ rates: [...this.#state.rates, rate].slice(-RATES_MAX) });
  }

  #change(part: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener();
  }
}
