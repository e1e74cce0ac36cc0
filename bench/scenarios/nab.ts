// How well the detectors find anomalies in real streams: the Numenta Anomaly Benchmark, beside published results on
// exactly the same files. Run: node bench/scenarios/nab.ts [--files] [--data FOLDER]
// FOLDER has data/, labels/combined_windows.json, profiles.json and standard_raw_scores_by_file.csv as in
// ../shared/data/anomaly/nab, the default. To score files that were kept back, join them into a copy of that folder, or
// give a folder with the data of those alone.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { detectors } from '@trine/models/detectors/list.ts';
import type { DetectorModel } from '@trine/models/model.ts';
import {
  nabFolder,
  type Profile,
  readAnchors,
  readCorpus,
  readProfiles,
  type Series,
} from '@trine/models/nab/corpus.ts';
import { relativeEntropy } from '@trine/models/nab/entropy.ts';
import { windowedGaussian } from '@trine/models/nab/gaussian.ts';
import { normalise, optimise, scoreFile } from '@trine/models/nab/scorer.ts';
import type { Figure } from '../lib/figures.ts';

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

/** Raw score published for some files, NaN where one is not. */
const publishedRaw = (raws: ReadonlyMap<string, number>, corpus: readonly Series[]): number =>
  corpus.reduce((sum, { name }) => sum + (raws.get(name) ?? Number.NaN), 0);

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
  { data, files }: Options,
): void {
  const anchors = readAnchors(data);
  const published = ANCHORS.map((name) => anchors.get(name) ?? new Map<string, number>());
  const row = (name: string, pick: (series: Series) => boolean): (string | number)[] => {
    const some = corpus.filter(pick);
    const windows = windowsOf(some);
    const cell = (raw: number): number | string => (windows > 0 ? normalise(raw, windows) : `${raw.toFixed(2)} raw`);
    return [
      name,
      ...[...ours.values()].map((scores) => {
        const { threshold } = optimise(corpus, scores, standard);
        return cell(some.reduce((sum, s) => sum + scoreFile(s, scores[corpus.indexOf(s)]!, threshold).raw, 0));
      }),
      ...published.map((raws) => cell(publishedRaw(raws, some))),
    ];
  };
  console.log(
    `\nstandard profile, ${corpus.length} files, ${windowsOf(corpus)} windows; ours at its optimal threshold, others as published`,
  );
  table([['', ...[...ours.keys(), ...ANCHORS].map((name) => name.slice(0, 9))]]);
  table([...new Set(corpus.map(({ category }) => category))].map((c) => row(c, (s) => s.category === c)));
  table([row('all', () => true)]);
  if (files) {
    table(corpus.map(({ name }) => row(name.replace(/^.*\//, '').slice(0, 33), (s) => s.name === name)));
  }
}

/** The scorer is right if it gives the published score to detectors that can be computed again. */
function checkScorer(corpus: readonly Series[], folder: string): void {
  const anchors = readAnchors(folder);
  for (const [name, detect] of [
    ['windowedGaussian', windowedGaussian],
    ['relativeEntropy', relativeEntropy],
  ] as const) {
    const same = corpus.filter((series) => {
      const { raw } = scoreFile(series, detect(series.values), 1);
      return Math.abs(raw - (anchors.get(name)?.get(series.name) ?? Number.NaN)) < 0.005;
    });
    console.log(`scorer: ${name} reproduced to 0.005 on ${same.length} of ${corpus.length} files`);
  }
}

/** The detectors of one stream that this scenario measures. */
const measured = (): DetectorModel[] =>
  detectors.flatMap((entry) =>
    entry.model.family === 'detector' && 'scenario' in entry && entry.scenario === 'nab.ts' ? [entry.model] : [],
  );

/** Per model: each profile at its optimal threshold, and the standard one with a threshold from other files. */
export function figures(folder: string = nabFolder): Figure[] {
  const corpus = readCorpus(folder);
  const profiles = readProfiles(folder);
  const published = readAnchors(folder);
  const anchors = ANCHORS.slice(0, 3).map((name) => ({
    name,
    value: normalise(publishedRaw(published.get(name) ?? new Map(), corpus), windowsOf(corpus)),
    source: 'published' as const,
  }));
  return measured().flatMap((model) => {
    const { scores, nanosecondsPerReading, stateBytes } = run(model, corpus);
    const figure = (profile: Profile, how: string, value: number): Figure => ({
      dataset: `NAB v1.1, ${corpus.length} of 58 files`,
      metric: `NAB ${profile.name}, ${how}`,
      better: 'higher',
      model: `${model.name} ${model.version}`,
      value,
      anchors: profile === profiles[0] ? anchors : [],
      split: 'parameters chosen on the 51 files that were not kept back; anchors on exactly the same files as ours',
      seed: undefined,
      nanosecondsPerPoint: nanosecondsPerReading,
      bytesPerStream: stateBytes,
    });
    return profiles.flatMap((profile) => {
      const { threshold } = optimise(corpus, scores, profile);
      return [
        figure(profile, 'one optimal threshold', total(corpus, scores, threshold, profile)),
        figure(profile, `threshold ${ALARM}`, total(corpus, scores, ALARM, profile)),
        figure(profile, 'threshold from the other half of the files', crossValidated(corpus, scores, profile)),
      ];
    });
  });
}

interface Options {
  readonly data: string;
  readonly files: boolean;
}

function print(options: Options): void {
  const corpus = readCorpus(options.data);
  const profiles = readProfiles(options.data);
  const [standard] = profiles;
  console.log(`NAB v1.1 on ${cpus()[0]?.model}, Node ${process.version}`);
  checkScorer(corpus, options.data);
  const ours = new Map(measured().map((model) => [model.name, report(model, corpus, profiles)]));
  compare(ours, corpus, standard!, options);
}

if (import.meta.main) {
  try {
    print(
      parseArgs({
        options: { data: { type: 'string', default: nabFolder }, files: { type: 'boolean', default: false } },
      }).values,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
