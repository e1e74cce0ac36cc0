// Counts in sentences. For what people read; no byte that is signed or hashed is made of it: runtimes may differ.
const rules = new Intl.PluralRules('en');

/** The word that goes with a count, of English. @example plural(1, 'is', 'are') // 'is' */
export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return rules.select(Number(count)) === 'one' ? one : many;
}

/**
 * A count with its word.
 *
 * @param many the word for any other count than one; by default with an s
 * @example countOf(1, 'member') // '1 member'
 * @example countOf(2, 'leaf', 'leaves') // '2 leaves'
 */
export function countOf(count: number | bigint, one: string, many?: string): string {
  return `${count} ${plural(count, one, many)}`;
}
