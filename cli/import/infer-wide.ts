// Tables with a day in each row: each part of the day is a column, and all of them are one quantity.
import type { WideDay } from '@trine/mapping/times/wide.ts';
import type { Given, ValueColumn } from './mapping.ts';
import type { Sample, Say } from './sample.ts';

/** Of the quantity, where nobody named it: no heading does. */
const QUANTITY = 'value';

/** The columns with values: one for each part of the day. */
export function findWideValues(sample: Sample, given: Given, { columns, slots }: WideDay, note: Say): ValueColumn[] {
  const named = given.quantities[0];
  const quantity = named?.quantity ?? QUANTITY;
  const unit = named?.unit || given.unit || '';
  const heading = (position: number) => sample.columns[position] as string;
  const ends = `${heading(columns[0]?.position as number)} to ${heading(columns.at(-1)?.position as number)}`;
  note(
    'columns',
    `${ends}, parts of ${slots.minutes} min of the day in each row, all ${quantity}${unit === '' ? ' (no unit)' : ` in ${unit}`}`,
    named ? 'given' : 'inferred',
  );
  return columns.map(({ position, slot }) => ({ position, heading: heading(position), quantity, unit, slot }));
}
