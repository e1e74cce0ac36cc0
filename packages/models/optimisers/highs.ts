// Linear and mixed-integer problems by HiGHS (Huangfu and Hall 2018), compiled to WebAssembly and pinned by hash.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Highs, InitOptions, ModelData, ModelStatusCode } from 'highs';
import type { LinearProblem, LinearSolution, OptimiserModel } from '../model.ts';
import { checkProblem } from './problem.ts';

/** Everything HiGHS is told; what is not here is its default. Limits count work, never time: a clock would decide. */
const config = {
  library: 'highs 1.15.3',
  /** SHA-256 of `build/highs.wasm` and of the loader `build/highs.mjs`. */
  wasm: '528be4365bea1d4188988646b244263f50320df55782e14d6af5bce7cd45c840',
  loader: 'f2bdfd071d19c3745756a087026589e9240f329e38315a86f626823ae78a4036',
  options: {
    random_seed: 0,
    /** A mixed-integer solution is optimal to this share of its objective. */
    mip_rel_gap: 1e-6,
    mip_max_nodes: 100_000,
    simplex_iteration_limit: 1_000_000,
  },
};

/**
 * The bytes, if they are the ones that were approved.
 *
 * @throws Error saying what to do when they are others
 */
export function pinned(bytes: Uint8Array, hash: string, what: string): Uint8Array {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== hash)
    throw new Error(
      `${what} is not the approved file (SHA-256 ${found}, expected ${hash}): install ${config.library} again.`,
    );
  return bytes;
}

async function open(): Promise<{ solve(problem: LinearProblem): LinearSolution }> {
  const file = async (specifier: string, hash: string): Promise<Uint8Array> => {
    const url = new URL(import.meta.resolve(specifier));
    return pinned(await readFile(url), hash, specifier);
  };
  await file('highs', config.loader);
  const wasmBinary = await file('highs/runtime', config.wasm);
  // The package types its ES module as if it were CommonJS.
  const load = (await import('highs')).default as unknown as (options: InitOptions) => Promise<Highs>;
  const highs = await load({ wasmBinary });
  return { solve: (problem) => solve(highs, problem) };
}

function solve(highs: Highs, problem: LinearProblem): LinearSolution {
  checkProblem(problem);
  const data = modelData(highs, problem);
  const status = highs.constants.modelStatus;
  // Presolve may leave open which of the two it is; without it HiGHS finds out.
  const first = run(highs, data, 'choose');
  const { code, solution, feasible } = first.code === status.unboundedOrInfeasible ? run(highs, data, 'off') : first;
  if (code === status.optimal) return { status: 'optimal', ...solution };
  const none = { objective: Number.NaN, values: new Float64Array(0) };
  if (code === status.infeasible) return { status: 'infeasible', ...none };
  if (code === status.unbounded || code === status.unboundedOrInfeasible) return { status: 'unbounded', ...none };
  if (code === status.iterationLimit || code === status.solutionLimit)
    return { status: 'limit', ...(feasible ? solution : none) };
  throw new Error(`HiGHS ended with status ${code}: the problem is beyond its numerical reach; scale it.`);
}

function run(
  highs: Highs,
  data: ModelData,
  presolve: 'choose' | 'off',
): { code: ModelStatusCode; feasible: boolean; solution: Omit<LinearSolution, 'status'> } {
  // A model of its own for every problem: nothing of the last one is left that could lead to another optimum.
  return highs.withModel(data, (model) => {
    model.options.set({ output_flag: false, presolve, ...config.options });
    model.run();
    const code = model.getModelStatus();
    const values = Float64Array.from(model.getSolution().colValue);
    const feasible = model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible;
    return { code, feasible, solution: { objective: model.getObjectiveValue(), values } };
  });
}

function modelData(highs: Highs, { sense, variables, constraints }: LinearProblem): ModelData {
  const { objectiveSense, variableType } = highs.constants;
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const { terms } of constraints) {
    for (const [variable, coefficient] of terms) {
      indices.push(variable);
      values.push(coefficient);
    }
    starts.push(indices.length);
  }
  return {
    numCols: variables.length,
    numRows: constraints.length,
    sense: sense === 'minimise' ? objectiveSense.minimize : objectiveSense.maximize,
    colCost: variables.map(({ cost }) => cost),
    colLower: variables.map(({ low = 0 }) => low),
    colUpper: variables.map(({ high = Number.POSITIVE_INFINITY }) => high),
    rowLower: constraints.map(({ low = Number.NEGATIVE_INFINITY }) => low),
    rowUpper: constraints.map(({ high = Number.POSITIVE_INFINITY }) => high),
    matrix: { format: 'csr', numRows: constraints.length, numCols: variables.length, starts, indices, values },
    ...(variables.some(({ integer }) => integer) && {
      integrality: variables.map(({ integer }) => (integer ? variableType.integer : variableType.continuous)),
    }),
  };
}

/**
 * HiGHS for linear and mixed-integer problems. Advises: its floating point is pinned by the file's hash, not by a
 * standard. See `highs.md`.
 *
 * @example
 * const optimiser = await highs.open();
 * const { status, values } = optimiser.solve({
 *   sense: 'maximise',
 *   variables: [{ name: 'chairs', cost: 30, integer: true }, { name: 'tables', cost: 50, integer: true }],
 *   constraints: [{ name: 'carpentry', terms: [[0, 1], [1, 2]], high: 40 }],
 * });
 */
export const highs: OptimiserModel = {
  family: 'optimiser',
  name: 'highs',
  version: 1,
  runtime: 'wasm',
  config,
  sources: ['optimisers/problem.ts', 'optimisers/highs.ts'],
  open,
};
