// Attacks in a stream of network flows, learnt as they come: hold-out and prequential, as PWPAE's authors score it, but
// without the columns that identify hosts. Run: node bench/scenarios/intrusion.ts [--data FOLDER] [--drift]
// Every `*.csv.gz` with a column `Label` in the folder (default ../shared/data/iot-intrusion) is a stream: a held-back one,
// such as cic_0.01km.csv.gz, is scored by putting it into a folder and naming that. --drift adds a stream made of NSL-KDD
// in which kinds of attack come and go.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { forest } from '@trine/models/classifiers/forest.ts';
import { replanting } from '@trine/models/classifiers/replanting.ts';
import { type ClassificationScores, confusion, scores } from '@trine/models/metrics/classification.ts';
import { uniform } from '@trine/models/random.ts';
import type { Anchor, Figure } from '../lib/figures.ts';
import { type Flows, intrusionFolder, nslKddTrain, readNslKdd, readStream, vocabulary } from '../lib/intrusion.ts';

const CLASSES = ['normal', 'attack'];
const SEEDS = [1, 2, 3];
/** Share of the stream, in file order, that is learnt without being scored. */
const TRAINING = 0.1;
const RETRAININGS = 54;

/** Accuracy, F1 of the attacks and balanced accuracy, as the data set's description has them. */
const PUBLISHED: Readonly<Record<string, readonly (readonly [string, number, number, number, Anchor['source']])[]>> = {
  'IoT_2020_b_0.01_fs': [
    ['forest from the first 10 %', 0.976, 0.987, 0.844, 'computed'],
    ['forest trained 54 times', 0.982, 0.991, 0.9, 'computed'],
    ['PWPAE, with host columns', 0.9916, 0.9956, Number.NaN, 'published'],
    ['ARF-DDM, with host columns', 0.9899, 0.9947, Number.NaN, 'published'],
    ['Hoeffding tree, with host columns', 0.9545, 0.9763, Number.NaN, 'published'],
  ],
  'cic_0.01km': [
    ['forest from the first 10 %', 0.859, 0.31, Number.NaN, 'computed'],
    ['forest trained 54 times', 0.964, 0.886, Number.NaN, 'computed'],
    ['PWPAE', 0.992, 0.9767, Number.NaN, 'published'],
    ['SRP-ADWIN', 0.9882, 0.9655, Number.NaN, 'published'],
    ['Hoeffding tree', 0.9161, 0.7686, Number.NaN, 'published'],
  ],
};

interface Run {
  readonly scores: ClassificationScores;
  readonly nanosecondsPerFlow: number;
  readonly stateBytes: number;
}

/** Says of each flow what it is before it learns it; only what comes after the first tenth counts. */
function prequential({ features, rows, labels }: Flows, seed: number): Run {
  const learner = replanting.create({ features, classes: CLASSES, seed });
  const from = Math.floor(TRAINING * rows.length);
  const said = new Uint8Array(rows.length - from);
  const start = process.hrtime.bigint();
  for (const [i, row] of rows.entries()) {
    if (i >= from) said[i - from] = learner.classify(row)[1]! > 0.5 ? 1 : 0;
    learner.learn(row, labels[i]!);
  }
  return {
    nanosecondsPerFlow: Number(process.hrtime.bigint() - start) / rows.length,
    scores: scores(confusion(labels.subarray(from), said)),
    stateBytes: learner.state().length,
  };
}

/** A forest trained on all that came before, so many times; what a learner must be better than to be worth its place. */
function retrained({ features, rows, labels }: Flows, times: number): ClassificationScores {
  const from = Math.floor(TRAINING * rows.length);
  const said = new Uint8Array(rows.length - from);
  for (let k = 0; k < times; k++) {
    const at = from + Math.floor((k * said.length) / times);
    const bytes = forest.train(
      { features, classes: CLASSES, rows: rows.slice(0, at), labels: labels.subarray(0, at) },
      1,
    );
    const trained = forest.open(bytes);
    const end = from + Math.floor(((k + 1) * said.length) / times);
    for (let i = at; i < end; i++) said[i - from] = trained.classify(rows[i]!)[1]! > 0.5 ? 1 : 0;
  }
  return scores(confusion(labels.subarray(from), said));
}

/** NSL-KDD as a stream whose attacks change: normal flows throughout, each kind of attack in a span of its own. */
function drifting(seed: number): Flows {
  const flows = readNslKdd(nslKddTrain, vocabulary(nslKddTrain));
  const next = uniform(seed);
  const kinds = [...new Set(flows.kinds)].filter((kind) => kind !== 'normal');
  const spans = new Map(kinds.map((kind) => [kind, { from: 0.9 * next(), length: 0.02 + 0.25 * next() }]));
  const order = flows.rows
    .map((_, i) => {
      const span = spans.get(flows.kinds?.[i] ?? '');
      return { i, at: span ? span.from + span.length * next() : next(), kept: next() < (span ? 0.12 : 0.5) };
    })
    .filter(({ kept }) => kept)
    .sort((a, b) => a.at - b.at || a.i - b.i);
  return {
    features: flows.features,
    rows: order.map(({ i }) => flows.rows[i]!),
    labels: Uint8Array.from(order, ({ i }) => flows.labels[i]!),
  };
}

function figuresOf(name: string, flows: Flows, anchors: (typeof PUBLISHED)[string]): Figure[] {
  const runs = SEEDS.map((seed) => prequential(flows, seed));
  const mean = (of: (run: Run) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const metrics = [
    ['accuracy', 'accuracy'],
    ['F1 of attacks', 'f1'],
    ['balanced accuracy', 'balancedAccuracy'],
  ] as const;
  return metrics.map(([metric, key], column) => ({
    dataset: `${name}, ${flows.rows.length} flows`,
    metric,
    better: 'higher',
    model: `${replanting.name} ${replanting.version}`,
    value: mean((run) => run.scores[key]),
    anchors: anchors
      .map((row): Anchor => ({ name: row[0], value: row[column + 1] as number, source: row[4] }))
      .filter(({ value }) => !Number.isNaN(value)),
    split:
      'learnt from the first 10 % in file order, then test-then-train; host columns dropped; mean of seeds 1, 2, 3',
    seed: 1,
    nanosecondsPerPoint: mean((run) => run.nanosecondsPerFlow),
    bytesPerStream: runs[0]?.stateBytes,
    note: `seeds ${runs.map((run) => run.scores[key].toFixed(4)).join(', ')}`,
  }));
}

/** @throws Error saying where the data are expected when they are absent */
export function figures({ data = intrusionFolder, drift = false }: { data?: string; drift?: boolean } = {}): Figure[] {
  const files = existsSync(data) ? readdirSync(data).filter((file) => file.endsWith('.csv.gz')) : [];
  if (files.length === 0)
    throw new Error(`There is no stream in ${data}: put IoT_2020_b_0.01_fs.csv.gz at ../shared/data/iot-intrusion.`);
  const streams = files.sort().flatMap((file) => {
    const name = file.replace(/\.csv\.gz$/, '');
    return figuresOf(name, readStream(join(data, file)), PUBLISHED[name] ?? []);
  });
  if (!drift) return streams;
  const flows = drifting(5);
  const once = retrained(flows, 1);
  const often = retrained(flows, RETRAININGS);
  return [
    ...streams,
    ...figuresOf('NSL-KDD 20 %, kinds of attack that come and go', flows, [
      ['forest from the first 10 %', once.accuracy, once.f1, once.balancedAccuracy, 'computed'],
      [`forest trained ${RETRAININGS} times`, often.accuracy, often.f1, often.balancedAccuracy, 'computed'],
    ]),
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { data: { type: 'string' }, drift: { type: 'boolean' } } });
  try {
    for (const figure of figures({
      ...(values.data !== undefined && { data: values.data }),
      drift: values.drift ?? false,
    })) {
      const { dataset, metric, value, anchors, note, nanosecondsPerPoint = 0, bytesPerStream } = figure;
      console.log(`${dataset}: ${metric} ${value.toFixed(4)} (${note})`);
      for (const anchor of anchors) console.log(`    ${anchor.value.toFixed(4)} ${anchor.name}, ${anchor.source}`);
      console.log(`    ${(nanosecondsPerPoint / 1e3).toFixed(0)} µs a flow, ${bytesPerStream} bytes of state`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
