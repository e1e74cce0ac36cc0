// JSON of measurements that is of no named format, as rows of a table: nested members by their path, lists as rows.

/** One row: cells by the path of their member. */
export type JsonRow = ReadonlyMap<string, string | number | boolean | null>;

/** Members that are no part of any row; true for those that may have been measured. */
export type Around = Map<string, boolean>;

type Scalar = string | number | boolean | null;
type Members = Readonly<Record<string, unknown>>;

/** Deeper members are left out; a list without times beside members with one has a column for each of its first elements. */
const DEPTH_MAX = 16;
const INDEXED_MAX = 8;
const TIME_NAME = /time|date|stamp|^ts$|^t$|(?:_at|At)$/i;
/** A number that names something. */
const NAMES =
  /(?:^|[._-])(?:id|no|nr|number|serial|address|imei|uid|device|sensor|station|node|meter)$|(?:Id|ID|No|Nr|Number|EUI|Eui|UID)$/;
const TIME_TEXT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d|$)/;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is Scalar => value === null || typeof value !== 'object';

/**
 * Rows of one JSON value. A list of objects is a row each, with the plain members beside the list, where its elements have a
 * time or nothing around them has; so are members that are lists of one length, and `columns` with `values`.
 *
 * @param around takes the names of numbers and truths beside a list that became rows, and whether a time stood beside them,
 * too: they are about the list and no part of its rows, unless they name it
 * @returns nothing where it is no object and no list
 * @example rowsOfJson({ id: 'a', data: [{ time: 1, v: 2 }] }) // [Map { id → 'a', time → 1, v → 2 }]
 */
export function rowsOfJson(json: unknown, around: Around = new Map()): JsonRow[] {
  if (Array.isArray(json)) return json.flatMap((one) => rowsOfJson(one, around));
  if (!isObject(json)) return [];
  const cells = new Map<string, Scalar>();
  const lists: List[] = [];
  gather(json, '', 0, { cells, lists, around });
  const hasTime = [...cells].some(([path, value]) => isTime(path, value));
  const able = lists.filter(({ rows }) => !hasTime || rows.some((row) => [...row].some((cell) => isTime(...cell))));
  const [list] = able.toSorted((a, b) => b.rows.length - a.rows.length);
  for (const other of lists) if (other !== list) indexed(other, cells);
  if (list === undefined) return cells.size > 0 ? [cells] : [];
  for (const [path, value] of cells) {
    if (typeof value === 'string' || value === null || NAMES.test(path)) continue;
    around.set(path, hasTime || around.get(path) === true);
    cells.delete(path);
  }
  return list.rows.map((row) => joined(cells, row, list.path));
}

interface Gathered {
  readonly cells: Map<string, Scalar>;
  readonly lists: List[];
  readonly around: Around;
}

interface List {
  readonly path: string;
  readonly rows: readonly JsonRow[];
}

function isTime(path: string, value: Scalar): boolean {
  const name = path.slice(path.lastIndexOf('.') + 1);
  return typeof value === 'string' ? TIME_TEXT.test(value) : typeof value === 'number' && TIME_NAME.test(name);
}

function gather(object: Members, prefix: string, depth: number, into: Gathered): void {
  const { cells, lists, around } = into;
  const table = columnsOf(object, prefix);
  if (table) lists.push(table);
  for (const [name, value] of Object.entries(object)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (table && Array.isArray(value)) continue;
    if (isScalar(value)) cells.set(path, value as Scalar);
    else if (depth >= DEPTH_MAX) continue;
    else if (isObject(value)) {
      const units = object[`${name}_units`];
      const zipped = zip(value, path, isObject(units) ? units : {});
      if (zipped) lists.push(zipped);
      else gather(value, path, depth + 1, into);
    } else lists.push({ path, rows: rowsOfList(value as unknown[], around) });
  }
  const zipped = prefix === '' && !table ? zip(object, prefix, {}) : undefined;
  if (zipped) lists.push(zipped);
}

function rowsOfList(list: readonly unknown[], around: Around): JsonRow[] {
  return list.flatMap((one, i): JsonRow[] => {
    if (isObject(one)) return rowsOfJson(one, around);
    // As query languages give series: moment and value.
    if (Array.isArray(one) && one.length === 2 && one.every(isScalar))
      return [new Map<string, Scalar>([...Object.entries({ time: one[0], value: one[1] })] as [string, Scalar][])];
    return isScalar(one) ? [new Map([[String(i), one as Scalar]])] : [];
  });
}

/** Lists of one length, one of them of times: a row for each place. */
function zip(object: Members, path: string, units: Members): List | undefined {
  const lists = Object.entries(object).filter(([, value]) => Array.isArray(value) && value.every(isScalar));
  const length = (lists[0]?.[1] as unknown[] | undefined)?.length ?? 0;
  if (lists.length < 2 || length < 2 || lists.some(([, list]) => (list as unknown[]).length !== length))
    return undefined;
  const time = lists.find(([name, list]) => isTime(name, (list as Scalar[])[0] as Scalar))?.[0];
  if (time === undefined) return undefined;
  const heading = (name: string) =>
    typeof units[name] === 'string' && name !== time ? `${name} (${units[name]})` : name;
  const rows = Array.from(
    { length },
    (_, i) => new Map(lists.map(([name, list]) => [heading(name), (list as Scalar[])[i] as Scalar])),
  );
  return { path, rows };
}

/** `columns` with names, and `values`, `data` or `rows` with a list for each row. */
function columnsOf({ columns, values, data, rows }: Members, path: string): List | undefined {
  const list = [values, data, rows].find((one) => Array.isArray(one) && one.every((row) => Array.isArray(row)));
  if (!Array.isArray(columns) || !columns.every((one) => typeof one === 'string') || list === undefined)
    return undefined;
  return {
    path,
    rows: (list as unknown[][]).map(
      (row) => new Map(columns.flatMap((name, i) => (isScalar(row[i]) ? [[name as string, row[i] as Scalar]] : []))),
    ),
  };
}

function indexed({ path, rows }: List, cells: Map<string, Scalar>): void {
  for (const [i, row] of rows.slice(0, INDEXED_MAX).entries())
    for (const [name, value] of row) cells.set(name === String(i) ? `${path}.${i}` : `${path}.${i}.${name}`, value);
}

/** What both name is named by the list in its row. */
function joined(cells: JsonRow, row: JsonRow, path: string): JsonRow {
  const all = new Map(cells);
  for (const [name, value] of row) all.set(cells.has(name) ? `${path}.${name}` : name, value);
  return all;
}
