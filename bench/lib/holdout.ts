// Figures on the parts of the data sets that were kept back, beside those of the parts given: in the table of models and
// in each model's card.
import { readFileSync } from 'node:fs';
import type { Anchor, Figure } from './figures.ts';

/** A figure on data that nobody saw who made the model. */
export interface Kept {
  /** Name of the model, without its version. */
  readonly model: string;
  readonly dataset: string;
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly value: number;
  /** The figure on the given part that it stands beside; its dataset as far as it tells one from another. */
  readonly given?: { readonly scenario: string; readonly dataset: string; readonly metric: string };
  readonly anchors: readonly Pick<Anchor, 'name' | 'value'>[];
  /** What it says of the figure given. */
  readonly verdict: string;
}

interface HoldOut {
  readonly about: string;
  readonly coverage: string;
  readonly figures: readonly Kept[];
}

type Measured = Readonly<Record<string, { readonly figures: readonly Figure[] }>>;

export const holdOut = JSON.parse(readFileSync(new URL('../results/holdout.json', import.meta.url), 'utf8')) as HoldOut;

/** Four digits that count. @example round(0.58123) // '0.5812' */
export const round = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(1) : String(Number(value.toPrecision(4)));

export const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The figure on the given part. @returns undefined where it stands beside none, or that one was not measured */
export function givenOf({ model, given }: Kept, measured: Measured): Figure | undefined {
  return (
    given &&
    measured[given.scenario]?.figures.find(
      (figure) =>
        figure.dataset.startsWith(given.dataset) &&
        figure.metric === given.metric &&
        figure.model.split(' ')[0] === model,
    )
  );
}

/** What a figure on the given part was on data kept back. */
export function keptBeside(figure: Figure, measured: Measured): readonly Kept[] {
  return holdOut.figures.filter((kept) => givenOf(kept, measured) === figure);
}

/** Lines of a table of those figures. @param ofModels names; all where omitted */
export function holdOutTable(measured: Measured, ofModels?: readonly string[]): readonly string[] {
  const shown = holdOut.figures.filter(({ model }) => ofModels?.includes(model) ?? true);
  const withModel = ofModels?.length !== 1;
  const head = [
    'data',
    'metric',
    ...(withModel ? ['model'] : []),
    'kept back',
    'given',
    'beside it, on data kept back',
  ];
  return [
    row([...head, 'what it says']),
    row([...head, ''].map(() => '---')),
    ...shown.map((kept) =>
      row([
        kept.dataset,
        `${kept.metric} (${kept.better === 'higher' ? '↑' : '↓'})`,
        ...(withModel ? [kept.model] : []),
        `**${round(kept.value)}**`,
        round(givenOf(kept, measured)?.value ?? Number.NaN).replace('NaN', ''),
        kept.anchors.map(({ name, value }) => `${name} ${round(value)}`).join(', '),
        kept.verdict,
      ]),
    ),
  ];
}

const HEAD = '## On data kept back';

/**
 * A card with its section of figures on data kept back, before what the model cannot tell.
 * @param card Markdown
 */
export function withHoldOut(card: string, model: string, measured: Measured): string {
  const section = [HEAD, '', holdOut.about, '', ...holdOutTable(measured, [model]), '', ''].join('\n');
  const without = card.replace(new RegExp(`^${HEAD}\\n[^]*?(?=^## )`, 'm'), '');
  if (!holdOut.figures.some((kept) => kept.model === model)) return without;
  return without.replace(/^## What it cannot tell/m, `${section}## What it cannot tell`);
}
