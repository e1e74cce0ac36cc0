// `npm run sim -- --seed N --rounds M [--json] [--table] [--length SECONDS] [--processes P]`: simulates whole nodes, round by
// round; ends with status 1 where anything was found.
import { parseArgs } from 'node:util';
import { type Became, LENGTH_MS, runRounds } from './rounds.ts';
import { added, emptyCells, reasonsOf, type Tally, tableOf } from './table.ts';

const USAGE = `Usage: npm run sim -- [options]
  --seed N         seed of the first round; each that follows has the next (default 1)
  --rounds M       how many rounds (default 100)
  --length S       how long faults happen in a round, virtual seconds (default ${LENGTH_MS / 1000})
  --processes P    default: one for each core
  --again N        of so many rounds one is done twice and must be the same; 0: none (default 25)
  --json           a line of JSON for each round, and one for all
  --table          at the end, which fault hit which step how often
`;

interface Given {
  readonly seed: number;
  readonly rounds: number;
  readonly lengthMs: number;
  readonly processes: number | undefined;
  readonly againEvery: number | undefined;
  readonly json: boolean;
  readonly table: boolean;
}

function given(): Given | undefined {
  try {
    const number = { type: 'string' } as const;
    const { values } = parseArgs({
      options: {
        ...{ seed: number, rounds: number, length: number, processes: number, again: number },
        ...{ json: { type: 'boolean' }, table: { type: 'boolean' }, help: { type: 'boolean' } },
      },
    });
    const of = (text: string | undefined, otherwise: number, least = 1) => {
      const value = Number(text ?? otherwise);
      if (!Number.isInteger(value) || value < least)
        throw new RangeError(`${text} is no whole number from ${least} on.`);
      return value;
    };
    if (values.help) return undefined;
    return {
      seed: of(values.seed, 1, 0),
      rounds: of(values.rounds, 100),
      lengthMs: of(values.length, LENGTH_MS / 1000) * 1000,
      processes: values.processes === undefined ? undefined : of(values.processes, 1),
      againEvery: values.again === undefined ? undefined : of(values.again, 0, 0),
      json: values.json ?? false,
      table: values.table ?? false,
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return undefined;
  }
}

const repeat = (seed: number, lengthMs: number) =>
  `npm run sim -- --seed ${seed} --rounds 1${lengthMs === LENGTH_MS ? '' : ` --length ${lengthMs / 1000}`}`;

async function main(options: Given): Promise<number> {
  const { seed, rounds, lengthMs, processes, againEvery, json, table } = options;
  const beganMs = performance.now();
  let done = 0;
  let tally: Tally = {};
  const found: Became[] = [];
  const rate = () => (done / ((performance.now() - beganMs) / 1000)).toFixed(2);
  const progress = () => {
    if (json || !process.stderr.isTTY) return;
    process.stderr.write(`\r\u001b[K${done} of ${rounds} rounds, ${rate()} a second, ${found.length} found`);
  };
  const onRound = (became: Became) => {
    done++;
    if ('run' in became) tally = added(tally, became.run.faults);
    else found.push(became);
    if (json) process.stdout.write(`${JSON.stringify(became)}\n`);
    else if ('problem' in became) tellProblem(became, lengthMs);
    progress();
  };
  await runRounds({
    ...{ seed, rounds, lengthMs, onRound },
    ...(processes !== undefined && { processes }),
    ...(againEvery !== undefined && { againEvery }),
  });
  const empty = emptyCells(tally);
  if (json) process.stdout.write(`${JSON.stringify({ rounds: done, found: found.length, empty, faults: tally })}\n`);
  else {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    if (table) process.stdout.write(`${tableOf(tally)}\n\nWhere there is no number:\n\n${reasonsOf()}\n\n`);
    const what = found.length === 0 ? 'nothing was found' : `${found.length} found something`;
    process.stdout.write(
      `${done} rounds from seed ${seed}, ${rate()} a second: ${what}; ${empty.length} cells of the table are empty.\n`,
    );
  }
  return found.length === 0 ? 0 : 1;
}

function tellProblem(became: Extract<Became, { problem: string }>, lengthMs: number): void {
  const { seed, problem, events } = became;
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(
    `\nRound ${seed} found something:\n${events.map((event) => `  ${event}\n`).join('')}${problem}\nAgain: ${repeat(seed, lengthMs)}\n\n`,
  );
}

const options = given();
if (options === undefined) process.stderr.write(USAGE);
process.exitCode = options === undefined ? 2 : await main(options);
