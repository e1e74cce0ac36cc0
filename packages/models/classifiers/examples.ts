// What training refuses, and what classifiers refuse to judge.
import type { Examples } from '../model.ts';

/**
 * @throws RangeError when there are no rows, a row has another number of features, a label is no class, or there are more
 * features or classes than trees can hold
 */
export function checkExamples({ features, classes, rows, labels }: Examples): void {
  if (features.length === 0 || features.length >= 0xffff)
    throw new RangeError(`Expected 1 to 65534 features, got ${features.length}.`);
  if (classes.length < 2 || classes.length > 255)
    throw new RangeError(`Expected 2 to 255 classes, got ${classes.length}.`);
  if (rows.length === 0 || rows.length !== labels.length)
    throw new RangeError(
      `Expected a label for each of at least one row, got ${rows.length} rows, ${labels.length} labels.`,
    );
  for (let i = 0; i < rows.length; i++) {
    checkRow(rows[i]!, features.length, `Row ${i}: `);
    if (!(Number.isInteger(labels[i]) && labels[i]! >= 0 && labels[i]! < classes.length))
      throw new RangeError(`Row ${i}: expected a class from 0 to ${classes.length - 1}, got ${labels[i]}.`);
  }
}

/** @throws RangeError when the row has another number of features */
export function checkRow(row: ArrayLike<number>, features: number, what = ''): void {
  if (row.length !== features) throw new RangeError(`${what}Expected ${features} features, got ${row.length}.`);
}
