// How well the detectors find anomalies in real streams: the Numenta Anomaly Benchmark, beside published results on
// exactly the same files. Run: node bench/scenarios/nab.ts [--files]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { detectors } from '@trine/core/ai/detectors/list.ts';
import type { DetectorModel } from '@trine/core/ai/model.ts';
import { type Profile, readAnchors, readCorpus, readProfiles, type Series } from '@trine/core/ai/nab/corpus.ts';
import { windowedGaussian } from '@trine/core/ai/nab/gaussian.ts';
import { normalise, optimise, scoreFile } from '@trine/core/ai/nab/scorer.ts';

/** Detectors whose published results are shown, best first. */
const ANCHORS = [
  'ARTime',
  'numenta',
  'contextOSE',
  'htmjava',
  'earthgeckoSkyline',
  'relativeEntropy',
  'randomCutForest',
  'windowedGaussian',
];
const ALARM = 0.5;

interface Run {
  readonly scores: readonly Float64Array[];
  readonly nanosecondsPerReading: number;
  readonly stateBytes: number;
}

function run(model: DetectorModel, corpus: readonly Series[]): Run {
  let stateBytes = 0;
  const start = process.hrtime.bigint();
  const scores = corpus.map(({ times, values }) => {
    const detector = model.create();
    const out = Float64Array.from(values, (value, i) => detector.update(times[i]!, value).score);
    stateBytes = Math.max(stateBytes, detector.state().length);
    return out;
  });
  const readings = corpus.reduce((sum, { values }) => sum + values.length, 0);
  return { scores, nanosecondsPerReading: Number(process.hrtime.bigint() - start) / readings, stateBytes };
}

const windowsOf = (corpus: readonly Series[]): number => corpus.reduce((sum, { windows }) => sum + windows.length, 0);

/** Normalised score of some files at one threshold; `pick` says which. */
function total(
  corpus: readonly Series[],
  scores: readonly Float64Array[],
  threshold: number,
  profile: Profile,
  pick: (series: Series, index: number) => boolean = () => true,
): number {
  let raw = 0;
  for (const [i, series] of corpus.entries()) {
    if (pick(series, i)) raw += scoreFile(series, scores[i]!, threshold, profile).raw;
  }
  return normalise(raw, windowsOf(corpus.filter(pick)), profile);
}

/** Threshold from each half of the files, score on the other: what one threshold is worth on files it was not set on. */
function crossValidated(corpus: readonly Series[], scores: readonly Float64Array[], profile: Profile): number {
  const half = (parity: number) => (_: unknown, i: number) => i % 2 === parity;
  const sums = [0, 1].map((parity) => {
    const { threshold } = optimise(corpus.filter(half(parity)), scores.filter(half(parity)), profile);
    const other = corpus.filter(half(1 - parity));
    return total(corpus, scores, threshold, profile, half(1 - parity)) * windowsOf(other);
  });
  return (sums[0]! + sums[1]!) / windowsOf(corpus);
}

const table = (rows: readonly (readonly (string | number)[])[]): void => {
  for (const [name, ...cells] of rows) {
    const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell).padStart(10));
    console.log(String(name).padEnd(34) + text.join(''));
  }
};

function report(
  model: DetectorModel,
  corpus: readonly Series[],
  profiles: readonly Profile[],
): readonly Float64Array[] {
  const { scores, nanosecondsPerReading, stateBytes } = run(model, corpus);
  console.log(`\n${model.name} version ${model.version}, one configuration for all files`);
  table([['profile', 'at 0.5', 'optimal', 'threshold', 'cross-val.']]);
  for (const profile of profiles) {
    const { threshold } = optimise(corpus, scores, profile);
    const [fixed, best] = [ALARM, threshold].map((t) => total(corpus, scores, t, profile));
    table([[profile.name, fixed!, best!, threshold.toFixed(4), crossValidated(corpus, scores, profile)]]);
  }
  const rate = (1e9 / nanosecondsPerReading / 1e6).toFixed(1);
  console.log(
    `${nanosecondsPerReading.toFixed(0)} ns a reading (${rate} million/s on one core), ${stateBytes} bytes of state a stream`,
  );
  return scores;
}

/** Standard profile by category, beside what is published for the same files. */
function compare(
  ours: ReadonlyMap<string, readonly Float64Array[]>,
  corpus: readonly Series[],
  standard: Profile,
): void {
  const anchors = readAnchors();
  const published = ANCHORS.map((name) => anchors.get(name) ?? new Map<string, number>());
  const row = (name: string, pick: (series: Series) => boolean): (string | number)[] => {
    const files = corpus.filter(pick);
    const windows = windowsOf(files);
    const cell = (raw: number): number | string => (windows > 0 ? normalise(raw, windows) : `${raw.toFixed(2)} raw`);
    return [
      name,
      ...[...ours.values()].map((scores) => {
        const { threshold } = optimise(corpus, scores, standard);
        return cell(files.reduce((sum, s) => sum + scoreFile(s, scores[corpus.indexOf(s)]!, threshold).raw, 0));
      }),
      ...published.map((raws) => cell(files.reduce((sum, { name }) => sum + (raws.get(name) ?? Number.NaN), 0))),
    ];
  };
  console.log(
    `\nstandard profile, ${corpus.length} files, ${windowsOf(corpus)} windows; ours at its optimal threshold, others as published`,
  );
  table([['', ...[...ours.keys(), ...ANCHORS].map((name) => name.slice(0, 9))]]);
  table([...new Set(corpus.map(({ category }) => category))].map((c) => row(c, (s) => s.category === c)));
  table([row('all', () => true)]);
  if (parseArgs({ options: { files: { type: 'boolean' } } }).values.files) {
    table(corpus.map(({ name }) => row(name.replace(/^.*\//, '').slice(0, 33), (s) => s.name === name)));
  }
}

/** The scorer is right if it gives the published score to a detector that can be computed again. */
function checkScorer(corpus: readonly Series[]): void {
  const published = readAnchors().get('windowedGaussian');
  const off = corpus.filter((series) => {
    const { raw } = scoreFile(series, windowedGaussian(series.values), 1);
    return !(Math.abs(raw - (published?.get(series.name) ?? Number.NaN)) < 0.005);
  });
  console.log(
    `scorer: windowed Gaussian reproduced to 0.005 on ${corpus.length - off.length} of ${corpus.length} files`,
  );
}

function main(): void {
  const corpus = readCorpus();
  const profiles = readProfiles();
  const [standard] = profiles;
  console.log(`NAB v1.1 on ${cpus()[0]?.model}, Node ${process.version}`);
  checkScorer(corpus);
  const univariate = detectors.flatMap(({ model }) => (model.family === 'detector' ? [model] : []));
  const ours = new Map(univariate.map((model) => [model.name, report(model, corpus, profiles)]));
  compare(ours, corpus, standard!);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
