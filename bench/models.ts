// npm run bench:models: every model on its public data, in one table with what is published for the same data.
// `node bench/models.ts nab leaks` measures those again and keeps the rest; `node bench/models.ts --pages` measures
// nothing and writes the table, and the figures in the models' cards, from what was measured before.
import { readFileSync, writeFileSync } from 'node:fs';
import { models } from '@trine/models/models.ts';
import type { Figure } from './lib/figures.ts';
import { holdOut, holdOutTable, keptBeside, round, row, withHoldOut } from './lib/holdout.ts';
import { machine } from './lib/machine.ts';

interface Scenario {
  figures(): Figure[] | Promise<Figure[]>;
}

/** What a run left behind, by scenario. */
interface Results {
  readonly machine: string;
  readonly scenarios: Record<
    string,
    { readonly date: string; readonly seconds: number; readonly figures: readonly Figure[] }
  >;
}

const json = new URL('./results/models.json', import.meta.url);
const page = new URL('./results/models.md', import.meta.url);

/** Scenarios that the lists of models name, and those that stand for several. */
function scenarioNames(): string[] {
  const listed = models.flatMap((one) => ('scenario' in one ? [one.scenario.replace(/\.ts$/, '')] : []));
  const forecasts = ['crowd', 'demand', 'energy', 'flood', 'parking', 'runoff', 'traffic'].map(
    (name) => `forecast-${name}`,
  );
  return [...new Set([...listed, ...forecasts, 'classifiers', 'replay'])].sort();
}

export function read(): Results {
  try {
    return JSON.parse(readFileSync(json, 'utf8')) as Results;
  } catch {
    return { machine: '', scenarios: {} };
  }
}

function isBeaten({ value, better, anchors }: Figure): string {
  if (anchors.length === 0) return '';
  const beats = anchors.filter((anchor) => (better === 'higher' ? value > anchor.value : value < anchor.value)).length;
  return beats === anchors.length ? 'all' : `${beats} of ${anchors.length}`;
}

/** What the files say that people read. */
export function pages(results: Results): ReadonlyMap<URL, string> {
  const cards = models.map(({ model }) => {
    const card = new URL(`../packages/models/${cardOf(model)}`, import.meta.url);
    return [card, withHoldOut(readFileSync(card, 'utf8'), model.name, results.scenarios)] as const;
  });
  return new Map([[page, toMarkdown(results)], ...cards]);
}

function toMarkdown({ machine: where, scenarios }: Results): string {
  const head = [
    'data',
    'metric',
    'model',
    'ours',
    'kept back',
    'anchors',
    'beaten',
    'split',
    'seed',
    'time a point',
    'state',
  ];
  const time = (ns: number | undefined) =>
    ns === undefined ? '' : ns < 10_000 ? `${Math.round(ns)} ns` : `${round(ns / 1_000)} µs`;
  const rows = Object.entries(scenarios)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { figures }]) =>
      figures.map((figure) =>
        row([
          figure.dataset,
          `${figure.metric} (${figure.better === 'higher' ? '↑' : '↓'})`,
          figure.model,
          `**${round(figure.value)}**`,
          keptBeside(figure, scenarios)
            .map(({ value }) => round(value))
            .join(', '),
          figure.anchors
            .map(({ name, value, source }) => `${name} ${round(value)}${source === 'computed' ? '*' : ''}`)
            .join(', '),
          isBeaten(figure),
          [figure.split, figure.note].filter((text) => text).join('; '),
          figure.seed === undefined ? '–' : String(figure.seed),
          time(figure.nanosecondsPerPoint),
          figure.bytesPerStream === undefined ? '' : `${figure.bytesPerStream.toLocaleString('en')} B`,
        ]),
      ),
    );
  return [
    '# Models on public data',
    '',
    'Made by `npm run bench:models`; all of it in [models.json](models.json). ↑ more is better, ↓ less. Anchors without a star are',
    'published, those with one were computed on exactly these files. Each data set comes without a part that was kept back:',
    'nothing here was tuned on that, and each scenario takes it with `--data` (see the head of its file). “Kept back” is the',
    'same metric on that part, with more below: where it is far from ours, ours was tuned. What a model was tuned on, and',
    'what to expect of it elsewhere, is in its card in `packages/models`.',
    '',
    `${where}. Times are of a machine that did other things meanwhile where a card says so.`,
    '',
    row(head),
    row(head.map(() => '---')),
    ...rows,
    '',
    '## On data kept back',
    '',
    holdOut.about,
    '',
    ...holdOutTable(scenarios),
    '',
    holdOut.coverage,
    '',
  ].join('\n');
}

/** The card lies beside the last of a model's sources. */
function cardOf({ sources }: { readonly sources: readonly string[] }): string {
  return (sources.findLast((path) => path.endsWith('.ts')) ?? '').replace(/\.ts$/, '.md');
}

function writePages(results: Results): void {
  for (const [file, text] of pages(results)) writeFileSync(file, text);
}

async function measure(names: readonly string[]): Promise<Results> {
  const { cpu, cores, memoryGiB, node } = machine();
  const results: Results = {
    machine: `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}`,
    scenarios: { ...read().scenarios },
  };
  for (const name of names) {
    process.stderr.write(`  … ${name}\n`);
    const begun = performance.now();
    const scenario = (await import(`./scenarios/${name}.ts`)) as Scenario;
    const figures = await scenario.figures();
    const seconds = Math.round((performance.now() - begun) / 1_000);
    results.scenarios[name] = { date: new Date().toISOString().slice(0, 10), seconds, figures };
    // Kept as it comes: a run that is broken off loses nothing.
    writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
    writePages(results);
  }
  return results;
}

if (import.meta.main) {
  const all = scenarioNames();
  const wanted = process.argv.slice(2);
  if (wanted.includes('--pages')) writePages(read());
  else {
    const unknown = wanted.find((name) => !all.includes(name));
    if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}; there are ${all.join(', ')}.`);
    process.stdout.write(toMarkdown(await measure(wanted.length > 0 ? wanted : all)));
  }
}
