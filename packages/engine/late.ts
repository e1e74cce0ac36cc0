// What comes too late for a decision: which obligations a statement still concerns, and when its correction is due.
import type { Selector } from './domain.ts';
import { isSelected, SubjectIndex } from './inputs.ts';

/** Late statements that one correction takes in together. */
export interface Late {
  /** Arrival of the first of them. */
  readonly fromMs: number;
  /** Leaf of the last of them. */
  lastLeaf: number;
}

/** When the correction may be decided: a millisecond past its grace, so that the cut is after the statement itself. */
export function correctionDueMs({ fromMs }: Pick<Late, 'fromMs'>, graceMs: number): number {
  return fromMs + graceMs + 1;
}

/** Adds a late statement to those that wait. @param waiting by arrival; those that one correction covers are one */
export function addLate(waiting: Late[], arrivalMs: number, leaf: number, graceMs: number): void {
  const last = waiting.at(-1);
  if (last && arrivalMs < correctionDueMs(last, graceMs)) last.lastLeaf = leaf;
  else waiting.push({ fromMs: arrivalMs, lastLeaf: leaf });
}

/** One selector of an obligation. */
interface Watched {
  readonly obligation: string;
  readonly selector: Selector;
}

/** Obligations that may still be corrected, found by the subjects they look at. */
export class CorrectionWatch {
  readonly #byObligation = new Map<string, { readonly untilMs: number; readonly watched: readonly Watched[] }>();
  readonly #index = new SubjectIndex<Watched>();

  /** @param untilMs arrivals from then on correct nothing */
  add(obligation: string, selectors: readonly Selector[], untilMs: number): void {
    this.delete(obligation);
    const watched = selectors
      .filter(({ name }) => !name.startsWith('$'))
      .map((selector): Watched => ({ obligation, selector }));
    this.#byObligation.set(obligation, { untilMs, watched });
    for (const one of watched) this.#index.add(one.selector.subjects, one);
  }

  delete(obligation: string): void {
    for (const one of this.#byObligation.get(obligation)?.watched ?? []) this.#index.delete(one.selector.subjects, one);
    this.#byObligation.delete(obligation);
  }

  /** The obligations among whose inputs a statement belongs. Arrivals never decrease in a log. */
  concerned(noted: {
    readonly kind: string;
    readonly subject: string;
    readonly firstMs: number;
    readonly lastMs: number;
    readonly arrivalMs: number;
  }): ReadonlySet<string> {
    this.#forget(noted.arrivalMs);
    const found = new Set<string>();
    for (const { obligation, selector } of this.#index.of(noted.subject))
      if (!found.has(obligation) && isSelected(selector, noted)) {
        const untilMs = this.#byObligation.get(obligation)?.untilMs ?? 0;
        if (noted.arrivalMs < untilMs) found.add(obligation);
      }
    return found;
  }

  /** The oldest stand first, and are forgotten once nothing can correct them. */
  #forget(nowMs: number): void {
    for (const [obligation, { untilMs }] of this.#byObligation) {
      if (untilMs > nowMs) return;
      this.delete(obligation);
    }
  }
}
