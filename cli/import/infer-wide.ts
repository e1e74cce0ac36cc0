// Tables with a day in each row: each part of the day is a column, and all of them are one quantity.
import type { WideDay } from '@trine/mapping/times/wide.ts';
import { type OwnColumn, ownColumns, valueColumns } from './columns.ts';
import { type Table, unitWords, type Values, withSpelling, withUnit } from './infer-values.ts';
import type { ValueColumn } from './mapping.ts';
import type { Say } from './sample.ts';
import type { Survey } from './survey.ts';

/** Of the quantity, where nobody named it: no heading does. */
const QUANTITY = 'value';

/** The columns with values: one for each part of the day. Others that hold values are left out. */
export function findWideValues(table: Table, { columns, slots }: WideDay, note: Say): Values {
  const { sample, survey, given, skip, who } = table;
  const named = given.quantities[0];
  const positions = columns.map(({ position }) => position);
  const { unit, written } = withUnit(ofAll(ownColumns(sample, survey), positions), named?.unit || given.unit);
  // Where a row names it, such as the register of a meter, each row has its own.
  const quantity = who.quantityColumn === undefined ? (named?.quantity ?? QUANTITY) : undefined;
  const heading = (position: number) => sample.columns[position] as string;
  const ends = `${heading(positions[0] as number)} to ${heading(positions.at(-1) as number)}`;
  note(
    'columns',
    `${ends}, parts of ${slots.minutes} min of the day in each row, all ${quantity ?? 'as their row says'}${unitWords({ unit, ...(written && { written }) })}`,
    named ? 'given' : 'inferred',
  );
  const decimal = decimalOfAny(survey, positions);
  const values = columns.map(({ position, slot }): ValueColumn => {
    const column = { position, heading: heading(position), unit, slot };
    return withSpelling(
      table,
      {
        ...column,
        ...(quantity !== undefined && { quantity }),
        ...(written && unit !== '' && { written: written.written }),
      },
      decimal,
    );
  });
  const others = valueColumns(sample, survey, new Set([...skip, ...positions]));
  const left = [
    ...others.left,
    ...others.positions.map((position) => {
      const numbers = survey.columns[position]?.numbers ?? 0;
      return { position, heading: heading(position), why: 'it is no part of the day', numbers, isLoss: numbers > 0 };
    }),
  ];
  return { values, left };
}

/** What all of them say of themselves alike. */
function ofAll(own: readonly OwnColumn[], positions: readonly number[]): OwnColumn {
  const [first, ...rest] = positions.map((position) => own[position] as OwnColumn);
  const isSame = rest.every(({ unit, written }) => unit === first?.unit && written?.written === first.written?.written);
  return first && isSame ? { ...first, quantity: QUANTITY } : { quantity: QUANTITY, unit: '' };
}

/** The decimal sign of the first whose numbers can be read in one way only. */
function decimalOfAny({ columns }: Survey, positions: readonly number[]): '.' | ',' | undefined {
  for (const position of positions) {
    const signs = columns[position]?.signs;
    const found = signs?.hasSeparators ? signs.found() : undefined;
    if (found?.is === 'certain') return found.signs.decimal;
  }
  return undefined;
}
