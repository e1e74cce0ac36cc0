// Lists over rows of the store: each names its rows, what narrows them and its orders; pages and counts are the same for
// all. Lists name fixed SQL; whatever was asked is bound.
import type { Row, Store } from '../../projections/tables/store.ts';
import { Conditions, cursorOf, type Order, orderBy, type PageQuery, pageFrom, type ValueForm } from './page.ts';

export interface List<Query extends PageQuery, View> {
  /** As its cursors name it. */
  readonly name: string;
  /** What stands after FROM, with the name by which the rest calls it. @param asOf place of the leaf below which rows count */
  readonly from: (asOf: string) => string;
  readonly narrow: (conditions: Conditions, query: Query, asOf: string) => Conditions;
  readonly orders: Readonly<Record<string, Order>>;
  /** Of what its orders compare. */
  readonly form: readonly [ValueForm, ValueForm];
  /** Columns of the rows that are shown, where they are not all there is. @param page the rows of the page */
  readonly joined?: (page: string) => string;
  readonly view: (row: Row) => View;
}

/** Asks about all rows that a filter lets through, as of the page. @param columns and @param tail fixed SQL */
type Through<Query> = <T extends Row>(columns: string, query: Query, tail?: string) => Promise<T[]>;

/**
 * A page of a list, and what is counted of it.
 * @param countsOf asks what is to be counted, under the filter or a wider one
 * @throws TrineError `invalid` where `after` is none of this list in this order
 */
export async function listed<Query extends PageQuery, View, Counts>(
  store: Store,
  list: List<Query, View>,
  query: Query,
  countsOf: (through: Through<Query>) => Promise<Counts>,
): Promise<{ items: View[]; next?: string; counts: Counts }> {
  const cursor = cursorOf(list.name, store.position, query, list.form);
  const order = list.orders[cursor.sort] as Order;
  const under = (narrowedTo: Query) => {
    const conditions = new Conditions();
    const asOf = conditions.bind(cursor.asOf);
    return { from: list.from(asOf), conditions: list.narrow(conditions, narrowedTo, asOf) };
  };
  const { from, conditions } = under(query);
  const { where } = conditions.beyond(order, cursor.place);
  const sorted = `SELECT *, ${order.by} AS place_value, ${order.tie} AS place_tie FROM ${from} ${where} ${orderBy(order)}
    LIMIT ${conditions.bind(query.limit + 1)}`;
  const placed: Order = { by: 'place_value', tie: 'place_tie', descending: order.descending };
  const rows = await store.query(
    list.joined === undefined ? sorted : `${list.joined(`(${sorted})`)} ${orderBy(placed)}`,
    conditions.values,
  );
  const placeOf = (row: Row) => ({ value: row.place_value as number | string, tie: row.place_tie as number | string });
  const through: Through<Query> = (columns, narrowedTo, tail = '') => {
    const all = under(narrowedTo);
    return store.query(`SELECT ${columns} FROM ${all.from} ${all.conditions.where} ${tail}`, all.conditions.values);
  };
  return { ...pageFrom(rows, query.limit, cursor, placeOf, list.view), counts: await countsOf(through) };
}

/** How many rows a filter lets through. */
export async function totalOf<Query>(through: Through<Query>, query: Query): Promise<number> {
  const [sum] = await through<{ n: number }>('count(*) AS n', query);
  return sum?.n ?? 0;
}
