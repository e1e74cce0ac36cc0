// Rounds, each from a seed of its own, on all cores: a process for each core, which does one after the other. Now and then a
// round is done again in another process and must be the same to the last leaf, or reads what was kept with real files,
// threads and tables, too.
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Told } from './round.child.ts';
import type { Run } from './world.ts';

/** What became of a round. */
export type Became =
  | { readonly seed: number; readonly ms: number; readonly run: Run }
  | { readonly seed: number; readonly ms: number; readonly problem: string; readonly events: readonly string[] };

export interface RoundsOptions {
  /** Of the first round; each that follows has the next. */
  readonly seed: number;
  readonly rounds: number;
  readonly lengthMs?: number;
  readonly processes?: number;
  /** Of so many rounds one is done twice; 0: none. */
  readonly againEvery?: number;
  /** Of so many rounds one has real tables, and reads again with real files; 0: none. */
  readonly thoroughEvery?: number;
  /** After so many that failed it ends; by default it goes on. */
  readonly failuresMax?: number;
  /** Node.js, run with these besides. */
  readonly execArgv?: readonly string[];
  /** Where the program stands: a copy of the tree, say. Default: here. */
  readonly program?: URL;
  readonly onRound?: (became: Became) => void;
}

/** Virtual, of devices and what befalls them. */
export const LENGTH_MS = 8_000;
const AGAIN_EVERY = 25;
const THOROUGH_EVERY = 40;
/** What a process learns of rounds makes it larger: another one takes its place. */
const ROUNDS_PER_PROCESS = 100;

/** @returns what became of each, in the order in which they ended; those done twice once */
export async function runRounds(options: RoundsOptions): Promise<Became[]> {
  const { seed, rounds, againEvery = AGAIN_EVERY, thoroughEvery = THOROUGH_EVERY, failuresMax, onRound } = options;
  const lengthMs = options.lengthMs ?? LENGTH_MS;
  const all: Became[] = [];
  const first = new Map<number, Became>();
  let failures = 0;
  const isEvery = (every: number, one: number) => every > 0 && one % every === 1 % every;
  const waiting: Told[] = Array.from({ length: rounds }, (_, i) => seed + i).flatMap((one) => {
    const told = { seed: one, lengthMs, isThorough: isEvery(thoroughEvery, one) };
    // Not only chance decides nothing: other tables, files and threads change nothing either.
    return isEvery(againEvery, one) ? [told, { ...told, isThorough: !told.isThorough }] : [told];
  });
  const take = (became: Became): void => {
    const before = first.get(became.seed);
    if (isEvery(againEvery, became.seed) && before === undefined) {
      first.set(became.seed, became);
      return;
    }
    const done = before === undefined ? became : compared(before, became);
    if ('problem' in done) failures++;
    all.push(done);
    onRound?.(done);
  };
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    try {
      while (waiting.length > 0 && failures < (failuresMax ?? Number.POSITIVE_INFINITY)) {
        worker ??= new Worker(options);
        const became = await worker.round(waiting.shift() as Told);
        take(became);
        if ('run' in became && worker.rounds < ROUNDS_PER_PROCESS) continue;
        worker.end();
        worker = undefined;
      }
    } finally {
      worker?.end();
    }
  };
  await Promise.all(Array.from({ length: options.processes ?? availableParallelism() }, work));
  return all;
}

/** The same seed is the same run. */
function compared(one: Became, other: Became): Became {
  if ('problem' in one) return one;
  if ('problem' in other) return other;
  if (JSON.stringify(one.run) === JSON.stringify(other.run)) return one;
  const problem = `The same seed is another run: ${JSON.stringify(one.run)} and ${JSON.stringify(other.run)}.`;
  return { seed: one.seed, ms: one.ms, problem, events: [] };
}

class Worker {
  rounds = 0;
  readonly #child: ChildProcess;
  #said = '';

  constructor({ execArgv = [], program = new URL('./round.child.ts', import.meta.url) }: RoundsOptions) {
    this.#child = fork(program, [], { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.#said = (this.#said + data.toString('utf8')).slice(-4_000);
    });
  }

  round(told: Told): Promise<Became> {
    this.rounds++;
    const { seed } = told;
    return new Promise((resolve) => {
      const onMessage = (became: Became) => {
        this.#child.off('exit', onExit);
        resolve(became);
      };
      const onExit = () => {
        this.#child.off('message', onMessage);
        resolve({ seed, ms: 0, problem: `The process of the round ended: ${this.#said}`, events: [] });
      };
      this.#child.once('message', onMessage);
      this.#child.once('exit', onExit);
      this.#child.send(told);
    });
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
