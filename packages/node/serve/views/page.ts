// Pages of a list: rows as of one leaf, so that what arrives meanwhile moves nothing, and each page begins after the last
// row of the one before it (keyset), not after a number of rows.
import { TrineError } from '@trine/protocol';

type Value = string | number;

/** Where a page ended. */
interface Place {
  readonly value: Value;
  readonly tie: Value;
}

/** What is asked of a list besides its filter. */
export interface PageQuery {
  readonly limit: number;
  readonly sort?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** An order without ties: by a value, then by what is unique. Both are SQL expressions that are never NULL. */
export interface Order {
  readonly by: string;
  readonly tie: string;
  readonly descending: boolean;
}

/** A list, its order, and the rows of which it consists. */
export interface Cursor {
  readonly list: string;
  readonly sort: string;
  /** Only leaves below it. */
  readonly asOf: number;
  readonly place: Place | undefined;
}

/**
 * @param position leaves that the store has now: what a first page is as of
 * @param form of the values in a place: anybody may write an `after`
 * @throws TrineError `invalid` where `after` is none of this list in this order
 */
export function cursorOf(
  list: string,
  position: number,
  { sort = 'newest', after }: PageQuery,
  form: readonly [ValueForm, ValueForm],
): Cursor {
  if (after === undefined) return { list, sort, asOf: position, place: undefined };
  const given = readAfter(after, form);
  if (given?.[0] !== list || given[1] !== sort)
    throw new TrineError('invalid', 'after: give what the page before said in `next`, with the same sort.');
  const [, , asOf, value, tie] = given;
  return { list, sort, asOf, place: { value, tie } };
}

export type ValueForm = 'number' | 'string';

function readAfter(
  after: string,
  form: readonly [ValueForm, ValueForm],
): [string, string, number, Value, Value] | undefined {
  const isOf = (value: unknown, wanted: ValueForm) =>
    wanted === 'number'
      ? Number.isSafeInteger(value)
      : typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
  try {
    const given = JSON.parse(Buffer.from(after, 'base64url').toString()) as unknown[];
    const [list, sort, asOf, value, tie] = given;
    const isWhole = typeof list === 'string' && typeof sort === 'string' && Number.isSafeInteger(asOf);
    return isWhole && isOf(value, form[0]) && isOf(tie, form[1]) ? (given as never) : undefined;
  } catch {
    return undefined;
  }
}

export function nextOf({ list, sort, asOf }: Cursor, last: Place): string {
  return Buffer.from(JSON.stringify([list, sort, asOf, last.value, last.tie])).toString('base64url');
}

/** Conditions of a query, every value of them bound. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  /** @returns the place of the value in the query */
  bind(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** @param condition made of fixed SQL and places of values; nothing where the value is not given */
  add<T>(given: T | undefined, condition: (place: string) => string): this {
    if (given !== undefined) this.#parts.push(condition(this.bind(given)));
    return this;
  }

  /** Rows beyond the place where the page before ended. */
  beyond({ by, tie, descending }: Order, place: Place | undefined): this {
    if (place === undefined) return this;
    const sign = descending ? '<' : '>';
    const value = this.bind(place.value);
    this.#parts.push(`(${by} ${sign} ${value} OR (${by} = ${value} AND ${tie} ${sign} ${this.bind(place.tie)}))`);
    return this;
  }

  get where(): string {
    return this.#parts.length === 0 ? '' : `WHERE ${this.#parts.join(' AND ')}`;
  }
}

export function orderBy({ by, tie, descending }: Order): string {
  const direction = descending ? 'DESC' : 'ASC';
  return `ORDER BY ${by} ${direction}, ${tie} ${direction}`;
}

/** What a query for one row more than the page found: the page, and where the next one begins, if there is one. */
export function pageFrom<T, R>(
  found: readonly T[],
  limit: number,
  cursor: Cursor,
  placeOf: (row: T) => Place,
  view: (row: T) => R,
): { items: R[]; next?: string } {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items: rows.map(view), ...(hasMore && { next: nextOf(cursor, placeOf(last)) }) };
}

/** Ids that begin so, between these two. @param prefix up to 64 hex digits */
export function idRange(prefix: string): [Uint8Array, Uint8Array] {
  return [Buffer.from(prefix.padEnd(64, '0'), 'hex'), Buffer.from(prefix.padEnd(64, 'f'), 'hex')];
}
