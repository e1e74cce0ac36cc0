// What stands around the inputs of a decision in their sequences: linked from before the time to where the issuer promises
// not to speak of it again, or to the newest there is, it shows that nothing is missing; and what came late.
import type { OpenedInput } from '@trine/engine';
import type { Decision, SequenceHead } from '@trine/protocol';
import { statementKinds } from '@trine/protocol';
import { type Sources, statementAt } from '../decide/inputs.ts';

/** Statements beyond the inputs of one sequence: where it takes more to the next promise, that is not shown. */
const LINKS_MAX = 64;
const LATE_MAX = 32;

interface Place {
  readonly leaf: number;
  readonly epoch: number;
  readonly seq: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly [column: string]: unknown;
}

/**
 * @param heads of the sequences that the file shows
 * @param inputs of what it is about
 * @returns leaves; and of these those whose bodies nobody needs: an event is dated by its arrival
 */
export async function leavesAround(
  { store, log, bodies }: Pick<Sources, 'store' | 'log' | 'bodies'>,
  { obligation: { fromMs, toMs }, cuts }: Decision,
  heads: readonly SequenceHead[],
  inputs: readonly OpenedInput[],
): Promise<{ readonly leaves: readonly number[]; readonly bare: readonly number[] }> {
  const cut = cuts[0]?.index ?? 0;
  const known = new Set(inputs.map(({ index }) => index));
  const bySequence = new Map<string, { keyOwner: string; subject: string; inputs: OpenedInput[] }>();
  for (const { keyOwner, subject } of heads)
    bySequence.set(nameOf(keyOwner, subject), { keyOwner, subject, inputs: [] });
  for (const input of inputs)
    bySequence.get(nameOf(input.keyOwner, input.statement.header.subject))?.inputs.push(input);
  const found: number[] = [];
  for (const { keyOwner, subject, inputs: own } of bySequence.values()) {
    const query = (condition: string, order: string, values: unknown[], limit: number) =>
      store.query<Place>(
        `SELECT leaf, epoch, seq, first_ms AS "firstMs", last_ms AS "lastMs"
         FROM statements JOIN sequences USING (sequence)
         WHERE kind IN (${statementKinds.pack}, ${statementKinds.event}) AND key_owner = $1 AND subject = $2 AND ${condition}
         ORDER BY epoch ${order}, seq ${order}, leaf LIMIT ${limit}`,
        [keyOwner, subject, ...values],
      );
    const first = [...own].sort(byPlace)[0]?.statement.header;
    const before = first
      ? await query('(epoch, seq) < ($3, $4)', 'DESC', [first.epoch, first.seq], 1)
      : await query('last_ms < $3 AND leaf < $4', 'DESC', [fromMs, cut], 1);
    const start = before[0] ?? (first && { epoch: first.epoch, seq: first.seq - 1 });
    if (before[0] && before[0].lastMs < fromMs) found.push(before[0].leaf);
    const following = start
      ? await query('(epoch, seq) > ($3, $4)', 'ASC', [start.epoch, start.seq], own.length + LINKS_MAX)
      : [];
    found.push(...linksOf(following, known, { toMs, cut, inputs: own.length, log }));
    found.push(
      ...(await query('leaf >= $3 AND first_ms < $4 AND last_ms >= $5', 'ASC', [cut, toMs, fromMs], LATE_MAX)).map(
        ({ leaf }) => leaf,
      ),
    );
  }
  const headers = new Map([...new Set(found)].map((leaf) => [leaf, statementAt(log, leaf).header]));
  const bare = [...headers].filter(([, { kind }]) => kind === 'event').map(([leaf]) => leaf);
  // What was erased shows nothing any more, and is no reason to show nothing else.
  const isShown = (leaf: number) =>
    !headers.get(leaf)?.sealed || bare.includes(leaf) || bodies.read(leaf) !== undefined;
  const leaves = [...headers.keys()].filter((leaf) => !known.has(leaf) && isShown(leaf));
  return { leaves, bare: bare.filter((leaf) => !known.has(leaf)) };
}

/** Up to a promise below the cut; else up to the newest below it, and one after the time. */
function linksOf(
  following: readonly Place[],
  known: ReadonlySet<number>,
  { toMs, cut, inputs, log }: { toMs: number; cut: number; inputs: number; log: Sources['log'] },
): number[] {
  const links: number[] = [];
  let left = inputs;
  for (const { leaf, firstMs } of following) {
    if (known.has(leaf)) left--;
    // What belongs to the time and came late is named as such; it is no link.
    else links.push(leaf);
    if (left > 0) continue;
    const { low } = statementAt(log, leaf).header;
    if (leaf < cut && low !== undefined && low >= toMs) break;
    if (leaf >= cut && firstMs >= toMs) break;
  }
  return links;
}

function nameOf(keyOwner: string, subject: string): string {
  return `${keyOwner}\n${subject}`;
}

function byPlace(a: OpenedInput, b: OpenedInput): number {
  const [p, q] = [a.statement.header, b.statement.header];
  return p.epoch - q.epoch || p.seq - q.seq;
}
