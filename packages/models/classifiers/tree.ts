// Binary decision trees over binned values, grown breadth first. What is summed in the histograms, how good a sum is and
// what a leaf answers are the caller's: class counts make a classification tree, gradients one for boosting.
import { type Binned, comparable } from './binning.ts';

/** Marks a leaf in `feature`. */
export const LEAF = 0xffff;

/**
 * A tree: node 0 is the root, and the two children of the k-th inner node (from 0) are the nodes 2k + 1 and 2k + 2, so
 * that which nodes are leaves says where every child is.
 */
export interface Tree {
  /** Feature that each node looks at, or `LEAF`. */
  readonly feature: Uint16Array;
  /** Values up to it go left. */
  readonly threshold: Float64Array;
  /** Left child of each inner node; the right one follows it. */
  readonly left: Uint16Array;
  /** What each leaf answers: `outputs` numbers a node. */
  readonly values: Float64Array;
}

/** What a tree is to be good at. */
export interface Objective {
  /** How many numbers are summed for each row. */
  readonly size: number;
  /** How good it is to have these rows together; additive over leaves. @param sums at `at`, `size` numbers */
  score(sums: Float64Array, at: number): number;
  /** What a leaf of these rows answers. */
  leaf(sums: Float64Array): Float64Array;
}

export interface Growth {
  /** Features tried at a node; all where it is as many as there are. */
  readonly tried: number;
  /** Fewest rows in a leaf. */
  readonly rowsMin: number;
  readonly nodesMax: number;
  readonly depthMax: number;
  /** Least gain of a split. */
  readonly gainMin: number;
}

interface Open {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly sums: Float64Array;
}

interface Split {
  readonly feature: number;
  readonly code: number;
}

/**
 * Grows one tree.
 *
 * @param rows which rows to learn from, a row as often as it is to count; reordered
 * @param statistics `objective.size` numbers for each row of `data`
 * @param next uniform numbers in [0, 1): which features are tried
 */
export function grow(
  data: Binned,
  rows: Uint32Array,
  statistics: Float64Array,
  objective: Objective,
  growth: Growth,
  next: () => number,
): Tree {
  const { size } = objective;
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const values: Float64Array[] = [];
  const histogram = new Float64Array(256 * size);
  const order = Uint16Array.from(data.codes, (_, f) => f);
  const sums = new Float64Array(size);
  for (const row of rows) for (let c = 0; c < size; c++) sums[c]! += statistics[row * size + c]!;
  const queue: Open[] = [{ from: 0, to: rows.length, depth: 0, sums }];
  for (const [node, open] of queue.entries()) {
    const room = queue.length + 2 <= growth.nodesMax && open.depth < growth.depthMax;
    const split =
      room && open.to - open.from >= 2 * growth.rowsMin
        ? bestSplit(data, rows, statistics, objective, growth, open, order, histogram, next)
        : undefined;
    feature[node] = split ? split.feature : LEAF;
    threshold[node] = split ? data.edges[split.feature]![split.code]! : 0;
    left[node] = split ? queue.length : 0;
    values[node] = split ? new Float64Array(0) : objective.leaf(open.sums);
    if (split) queue.push(...divide(data.codes[split.feature]!, rows, statistics, size, open, split.code));
  }
  const outputs = Math.max(...values.map((value) => value.length));
  const all = new Float64Array(outputs * queue.length);
  for (const [node, value] of values.entries()) all.set(value, node * outputs);
  return {
    feature: Uint16Array.from(feature),
    threshold: Float64Array.from(threshold),
    left: Uint16Array.from(left),
    values: all,
  };
}

/** Moves the rows up to the code to the front of the node's share; returns both children. */
function divide(
  codes: Uint8Array,
  rows: Uint32Array,
  statistics: Float64Array,
  size: number,
  { from, to, depth, sums }: Open,
  code: number,
): [Open, Open] {
  const lower = new Float64Array(size);
  let end = from;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    if (codes[row]! > code) continue;
    rows[i] = rows[end]!;
    rows[end++] = row;
    for (let c = 0; c < size; c++) lower[c]! += statistics[row * size + c]!;
  }
  const upper = sums.map((sum, c) => sum - lower[c]!);
  return [
    { from, to: end, depth: depth + 1, sums: lower },
    { from: end, to, depth: depth + 1, sums: upper },
  ];
}

function bestSplit(
  data: Binned,
  rows: Uint32Array,
  statistics: Float64Array,
  { size, score }: Objective,
  { tried, rowsMin, gainMin }: Growth,
  { from, to, sums }: Open,
  order: Uint16Array,
  histogram: Float64Array,
  next: () => number,
): Split | undefined {
  const whole = score(sums, 0);
  const counts = new Uint32Array(256);
  const sides = new Float64Array(2 * size);
  let best: Split | undefined;
  let most = gainMin;
  // Features that are all the same here do not count as tried: an unlucky draw would end the tree too early.
  for (let k = 0, useful = 0; k < order.length && useful < tried; k++) {
    const other = k + Math.floor(next() * (order.length - k));
    const f = order[other]!;
    order[other] = order[k]!;
    order[k] = f;
    const codes = data.codes[f]!;
    const bins = data.edges[f]!.length + 1;
    if (bins < 2) continue;
    histogram.fill(0, 0, bins * size);
    counts.fill(0, 0, bins);
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const code = codes[row]!;
      counts[code]!++;
      for (let c = 0; c < size; c++) histogram[code * size + c]! += statistics[row * size + c]!;
    }
    sides.fill(0, 0, size);
    let below = 0;
    let constant = true;
    for (let code = 0; code < bins - 1; code++) {
      if (counts[code] === 0) continue;
      below += counts[code]!;
      if (below === to - from) break;
      constant = false;
      for (let c = 0; c < size; c++) {
        sides[c]! += histogram[code * size + c]!;
        sides[size + c] = sums[c]! - sides[c]!;
      }
      if (below < rowsMin || to - from - below < rowsMin) continue;
      const gain = score(sides, 0) + score(sides, size) - whole;
      if (gain > most) {
        most = gain;
        best = { feature: f, code };
      }
    }
    if (!constant) useful++;
  }
  return best;
}

/** Left children from which nodes are leaves; undefined where that is no whole tree. */
export function leftChildren(feature: Uint16Array): Uint16Array | undefined {
  let next = 1;
  const left = feature.map((f, node) => {
    if (f === LEAF) return 0;
    if (next <= node) next = feature.length + 1;
    next += 2;
    return next - 2;
  });
  return next === feature.length ? left : undefined;
}

/** The leaf that a row falls into. */
export function leafOf({ feature, threshold, left }: Tree, row: ArrayLike<number>): number {
  let node = 0;
  while (feature[node] !== LEAF) node = left[node]! + (comparable(row[feature[node]!]!) > threshold[node]! ? 1 : 0);
  return node;
}
