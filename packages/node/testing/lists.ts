// Tables in memory, and lists of their rows against what plain comparisons say of an array of the same rows.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { TableDatabase } from '../projections/tables/database.ts';
import { MemoryStore } from './memory-store.ts';

const MEMORY_MB = 128;

/** The real tables, empty, until the tests of the file are over. */
export async function openTables(): Promise<MemoryStore> {
  const tables = new TableDatabase(':memory:', MEMORY_MB);
  after(() => tables.inTurn((open) => open.close()));
  return MemoryStore.open(tables, (work) => work());
}

/** An id of 32 bytes for each number. */
export function wideId(n: number): Uint8Array {
  const bytes = Buffer.alloc(32, 0xa5);
  bytes.writeUInt32BE(n, 28);
  return bytes;
}

/** The same as hex. */
export const wideHex = (n: number): string => Buffer.from(wideId(n)).toString('hex');

/** An order as a test names it: what is compared first, and what parts those that are the same in it. */
export interface PlainOrder<Row> {
  readonly by: (row: Row) => string | number;
  readonly tie: (row: Row) => string | number;
  readonly descending: boolean;
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

export function inOrder<Row>(rows: readonly Row[], { by, tie, descending }: PlainOrder<Row>): Row[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * (compare(by(a), by(b)) || compare(tie(a), tie(b))));
}

interface Page<Item, Counts> {
  readonly items: readonly Item[];
  readonly next?: string | undefined;
  readonly counts: Counts;
}

/**
 * All items of a list, page by page; no page is longer than asked for, none is empty but the only one, and all count the
 * same. @param between done after each page that is not the last
 */
export async function paged<Item, Counts>(
  ask: (page: { limit: number; after?: string }) => Promise<Page<Item, Counts>>,
  limit: number,
  between: () => Promise<void> = async () => undefined,
): Promise<{ items: Item[]; counts: Counts }> {
  const first = await ask({ limit });
  const items = [...first.items];
  for (let { next } = first; next !== undefined; ) {
    await between();
    const page = await ask({ limit, after: next });
    assert.ok(page.items.length > 0 && page.items.length <= limit, 'a next page has rows');
    assert.deepEqual(page.counts, first.counts, 'a list counts the same on each page');
    items.push(...page.items);
    assert.notEqual(page.next, next, 'a page goes on from where the one before ended');
    next = page.next;
  }
  assert.ok(first.items.length === Math.min(limit, items.length), 'a page is full where more follow');
  return { items, counts: first.counts };
}

/** How many of each, as rows of the words and their number, in order of the words. */
export function tallied<Row>(rows: readonly Row[], wordsOf: (row: Row) => readonly string[]): (string | number)[][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(wordsOf(row).join('\n'), (counts.get(wordsOf(row).join('\n')) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => compare(a, b)).map(([words, count]) => [...words.split('\n'), count]);
}
