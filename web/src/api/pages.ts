// Pages of a list as they were asked for, and what live events change in them: rows, without asking for them again.
import type { InfiniteData } from '@tanstack/react-query';
import { type DecisionFilter, letsThrough } from './filters.ts';
import type { AlertView, DecisionView, DeviceView, PaymentView, SealView } from './types.ts';

export interface ListPage<Row, Counts = unknown> {
  readonly items: readonly Row[];
  readonly next?: string;
  readonly counts: Counts;
}
export type Pages<Row, Counts = unknown> = InfiniteData<ListPage<Row, Counts>, unknown>;

/** All rows of the pages that were asked for. */
export function rowsOf<Row>(pages: Pages<Row> | undefined): Row[] {
  return pages?.pages.flatMap(({ items }) => items) ?? [];
}

/** @returns pages with each row changed; undefined leaves it out */
function mapRows<Row, Counts>(pages: Pages<Row, Counts>, change: (row: Row) => Row | undefined): Pages<Row, Counts> {
  const changed = pages.pages.map((page) => ({ ...page, items: page.items.flatMap((row) => change(row) ?? []) }));
  return { ...pages, pages: changed };
}

function prepend<Row, Counts>(pages: Pages<Row, Counts>, fresh: readonly Row[]): Pages<Row, Counts> {
  const [first, ...rest] = pages.pages;
  if (first === undefined || fresh.length === 0) return pages;
  return { ...pages, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] };
}

/**
 * Puts decisions that were just made into a list, newest first; what they replace is marked, or leaves the list.
 * Under another order new ones come with the next asking alone.
 *
 * @param fresh oldest first
 */
export function takeDecisions<Counts>(
  pages: Pages<DecisionView, Counts>,
  filter: DecisionFilter,
  fresh: readonly DecisionView[],
): Pages<DecisionView, Counts> {
  const replacedBy = new Map(fresh.map(({ id, supersedes }) => [supersedes, id]));
  const known = new Set(rowsOf(pages).map(({ id }) => id));
  const marked = mapRows(pages, (row) => {
    const by = replacedBy.get(row.id);
    if (by === undefined) return row;
    const replaced = { ...row, supersededBy: by };
    return letsThrough(filter, replaced) ? replaced : undefined;
  });
  const added = fresh.filter((row) => !known.has(row.id) && letsThrough(filter, row));
  return filter.sort === undefined ? prepend(marked, added.toReversed()) : marked;
}

/** Marks decisions with the payments they ordered. @param ordered digest of the intent by decision */
export function markPaid<Counts>(
  pages: Pages<DecisionView, Counts>,
  ordered: ReadonlyMap<string, string>,
): Pages<DecisionView, Counts> {
  return mapRows(pages, (row) => {
    const payment = ordered.get(row.id);
    return payment === undefined ? row : { ...row, payment };
  });
}

/** Puts rows as they are now in their place; those not in the list yet at its beginning, if the list is by newest. */
export function putRows<Row, Counts>(
  pages: Pages<Row, Counts>,
  fresh: readonly Row[],
  { keyOf, isShown, isNewest }: PutOptions<Row>,
): Pages<Row, Counts> {
  const byKey = new Map(fresh.map((row) => [keyOf(row), row]));
  const known = new Set(rowsOf(pages).map(keyOf));
  const changed = mapRows(pages, (row) => {
    const now = byKey.get(keyOf(row));
    return now === undefined ? row : isShown(now) ? now : undefined;
  });
  const added = fresh.filter((row) => !known.has(keyOf(row)) && isShown(row));
  return isNewest ? prepend(changed, added) : changed;
}

interface PutOptions<Row> {
  readonly keyOf: (row: Row) => string;
  readonly isShown: (row: Row) => boolean;
  readonly isNewest: boolean;
}

export const keyOfPayment = ({ id }: PaymentView): string => id;
/** The same code about the same thing is one alert until it is resolved; another one begins later. */
export const keyOfAlert = ({ policy, code, subject, sinceMs }: AlertView): string =>
  `${policy} ${code} ${subject} ${sinceMs}`;

/** What was just sealed about things in the list. */
export function heardOf<Counts>(
  pages: Pages<DeviceView, Counts>,
  seals: readonly SealView[],
): Pages<DeviceView, Counts> {
  const heard = seals.filter(({ kind }) => kind === 'pack');
  if (heard.length === 0) return pages;
  return mapRows(pages, (row) => heard.filter(({ subject }) => subject === row.subject).reduce(hear, row));
}

/** @returns the thing after a statement about it */
export function hear(device: DeviceView, { arrivalMs, readings }: SealView): DeviceView {
  return {
    ...device,
    lastArrivalMs: Math.max(device.lastArrivalMs ?? 0, arrivalMs),
    statements: device.statements + 1,
    readings: device.readings + readings,
  };
}
