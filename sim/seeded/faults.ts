// Faults: some come by chance, others are aimed at a step of the flow and wait until it is reached. Each is counted where it
// befell something.
import type { Chance } from './chance.ts';
import { CELLS, type Fault, isReachable, LATE, NETTED, SHARED, type Step } from './table.ts';

interface Aimed {
  readonly fault: Fault;
  readonly step: Step;
  /** So many times the step is passed first. */
  left: number;
  /** It waits for as long as faults happen, whatever is aimed after it. */
  readonly isKept: boolean;
}

type Cell = (typeof CELLS)[number];
const FOUNDING = CELLS.filter(({ step }) => step === 'found');
const KNOWN = CELLS.filter(({ step }) => step !== 'found');
/** Cells of the table that a round begins with; one that founds its network, with as many of its founding besides. */
const AIMED = 3;
/** One round in so many has a network that founds itself: nobody there has locked anything yet, or joined. */
export const FOUNDS = 12;
/** Cells of steps that only some rounds have stand together, so that none needs two kinds; such that are reached last, if at all, twice. */
const KINDS: readonly (readonly Step[])[] = [SHARED, NETTED, LATE, LATE];
const isOf = (some: readonly Step[]) => (cell: Cell) => some.includes(cell.step);
const PLAIN = inRounds(KNOWN.filter((cell) => !KINDS.some((kind) => isOf(kind)(cell))));
const LATER: readonly Cell[] = [...PLAIN, ...KINDS.flatMap((kind) => inRounds(KNOWN.filter(isOf(kind))))];
/** Rounds in a row are of all kinds: a prime, so that they go through the whole table nevertheless. */
const STRIDE = 37;
/** So many rounds in a row go through all of it, those that found their networks not counted. */
export const ROUNDS_OF_TABLE: number = LATER.length / AIMED;
/** No more wait at the same time. */
const AIMED_MAX = 4;
const PASSED_MAX = 3;

/** As many as whole rounds take: the first ones once more, where some are left over. */
function inRounds(cells: readonly Cell[]): Cell[] {
  return [...cells, ...cells.slice(0, (AIMED - (cells.length % AIMED)) % AIMED)];
}

/** What a round begins with: seeds in a row go through the whole table. */
export function cellsFor(seed: number): readonly Cell[] {
  const founded = Math.floor(seed / FOUNDS);
  if (seed % FOUNDS === 0) return taken(PLAIN, founded, AIMED);
  return taken(LATER, ((seed - founded) * STRIDE) % ROUNDS_OF_TABLE, AIMED);
}

/** What befalls its founding. */
export function foundingCellsFor(seed: number): readonly Cell[] {
  return taken(FOUNDING, Math.floor(seed / FOUNDS), AIMED);
}

function taken(cells: readonly Cell[], at: number, count: number): Cell[] {
  return Array.from({ length: count }, (_, i) => cells[(at * count + i) % cells.length] as Cell);
}

export class Faults {
  readonly #chance: Chance;
  readonly #tally = new Map<string, number>();
  readonly #tell: (what: string) => void;
  readonly #aimed: Aimed[] = [];
  /** Steps that have begun and not ended, and how many of each. */
  readonly #underWay = new Map<Step, number>();
  /** Processes so far: what one began, the end of another does not end. */
  #process = 0;
  /** Nothing happens any more. */
  isOver = false;

  constructor(chance: Chance, tell: (what: string) => void) {
    this.#chance = chance;
    this.#tell = tell;
  }

  get tally(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#tally].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  count(fault: Fault, steps: Iterable<Step>): void {
    for (const step of steps) {
      if (!isReachable(fault, step)) continue;
      const cell = `${fault} ${step}`;
      this.#tally.set(cell, (this.#tally.get(cell) ?? 0) + 1);
    }
  }

  /** A fault that waits for its step. @returns which */
  aim(only: (cell: Cell) => boolean): Step {
    const cells = CELLS.filter(only);
    return this.#put(cells[this.#chance.below(cells.length)] as Cell, this.#chance.below(PASSED_MAX), false);
  }

  /** A fault that waits until it is met. */
  aimAt(cell: Cell): void {
    this.#put(cell, 0, true);
  }

  #put({ fault, step }: Cell, left: number, isKept: boolean): Step {
    this.#tell(`${fault} waits for ${step}`);
    this.#aimed.push({ fault, step, left, isKept });
    const passing = this.#aimed.filter((one) => !one.isKept);
    if (passing.length > AIMED_MAX) this.#aimed.splice(this.#aimed.indexOf(passing[0] as Aimed), 1);
    return step;
  }

  /** Only what the round began with still waits. */
  calm(): void {
    this.#aimed.splice(0, this.#aimed.length, ...this.#aimed.filter(({ isKept }) => isKept));
  }

  /** Lets faults wait until each has befallen something, again where it missed. @returns whether any still does */
  seek(cells: readonly Cell[]): boolean {
    const left = cells.filter(({ fault, step }) => !this.#tally.has(`${fault} ${step}`));
    for (const cell of left)
      if (!this.#aimed.some(({ fault, step, isKept }) => isKept && fault === cell.fault && step === cell.step))
        this.aimAt(cell);
    return left.length > 0;
  }

  /** Does a fault of a cell that was named still wait for one of these steps? */
  awaits(steps: readonly Step[]): boolean {
    return this.#aimed.some(({ step, isKept }) => isKept && steps.includes(step));
  }

  /** Something is done at these steps. @returns what befalls it, of what can */
  meet<F extends Fault>(steps: readonly Step[], possible: readonly F[]): F | undefined {
    if (this.isOver || this.#aimed.length === 0) return undefined;
    const found = this.#aimed.find(({ fault, step }) => steps.includes(step) && possible.includes(fault as F));
    if (found === undefined || found.left-- > 0) return undefined;
    this.#aimed.splice(this.#aimed.indexOf(found), 1);
    this.#tell(`${found.fault} at ${found.step}`);
    return found.fault as F;
  }

  /** @returns ends it */
  begin(steps: readonly Step[]): () => void {
    for (const step of steps) this.#underWay.set(step, (this.#underWay.get(step) ?? 0) + 1);
    const process = this.#process;
    let isOpen = true;
    return () => {
      if (!isOpen || process !== this.#process) return;
      isOpen = false;
      for (const step of steps) this.#underWay.set(step, (this.#underWay.get(step) as number) - 1);
    };
  }

  /** It has an end, however it ends. */
  async during<T>(steps: readonly Step[], work: Promise<T>): Promise<T> {
    const end = this.begin(steps);
    try {
      return await work;
    } finally {
      end();
    }
  }

  /** Steps under way now. */
  get underWay(): Step[] {
    return [...this.#underWay].filter(([, count]) => count > 0).map(([step]) => step);
  }

  /** Nothing of the process is under way any more. */
  forget(): void {
    this.#process++;
    this.#underWay.clear();
  }
}
