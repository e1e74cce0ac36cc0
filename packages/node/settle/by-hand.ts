// Lines as they are ordered with what was said of them by hand: released ones pay, and of what was closed nothing does.
import { type Decision, obligationId, type Row, released, toHex } from '@trine/protocol';
import { type ByHandSources, linesByHandOf } from '../decide/by-hand.ts';
import type { LoggedAgreement, LoggedPolicy } from '../projections/policies.ts';
import { type LineSources, payingRows } from './lines.ts';

/** A decision whose lines are settled in batches, as it is ordered. */
export interface RuledDecision extends Pick<RuledKeys, 'closed'> {
  /** It pays where a line of it was released. Its id is that of the one it was made of. */
  readonly decision: Decision;
  /** Lines that pay, by key, ascending: without those that are closed. */
  readonly rows: ReadonlyMap<string, Row>;
}

/** Lines of a decision of which something was said by hand. */
export interface RuledKeys {
  /** Leaf of the word by which one that was held is released, by key. */
  readonly released: ReadonlyMap<string, number>;
  /** Keys of lines that were held and are dropped. */
  readonly dropped: ReadonlySet<string>;
  /** Keys of lines that would pay, and are closed by what was said by hand of what they correct. */
  readonly closed: ReadonlySet<string>;
}

/** @param before leaf: what was said by hand there or later is left out */
export async function ruledKeys(
  sources: ByHandSources,
  logged: LoggedPolicy,
  decision: Decision,
  before: number = Number.MAX_SAFE_INTEGER,
): Promise<RuledKeys> {
  const { policy, obligation } = decision;
  const byHand = await linesByHandOf(sources, logged, baseIdOf(decision));
  const own = obligationId(obligation);
  const rows = await sources.store.query<{ key: string; outcome: Decision['outcome'] }>(
    'SELECT DISTINCT key, outcome FROM rows WHERE policy = $1 AND obligation = $2',
    [policy, own],
  );
  const released = new Map<string, number>();
  const [dropped, closed] = [new Set<string>(), new Set<string>()];
  for (const { key, outcome } of rows) {
    const { word, isClosed } = byHand(key, toHex(own));
    if (outcome === 'pay' && isClosed) closed.add(key);
    if (outcome !== 'hold' || word === undefined || word.at >= before) continue;
    if (word.ruling === 'pay') released.set(key, word.at);
    else dropped.add(key);
  }
  return { released, dropped, closed };
}

/**
 * @param before leaf: what was said by hand there or later is left out
 * @throws StepError where a line was erased
 */
export async function ruledLines(
  sources: ByHandSources & LineSources,
  logged: LoggedAgreement,
  decision: Decision,
  before?: number,
): Promise<RuledDecision> {
  const { released: words, closed } = await ruledKeys(sources, logged, decision, before);
  const passing = new Set(words.keys());
  const paying = await payingRows(sources, decision);
  const held = passing.size > 0 ? await payingRows(sources, decision, 'hold', passing) : new Map<string, Row>();
  const rows = [...paying, ...held].filter(([key]) => !closed.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...released(decision, new Map(rows), passing), closed };
}

/** A line that the gate held, as the tables have it. */
export interface HeldRow {
  readonly key: string;
  /** Id of its statement. */
  readonly statement: Uint8Array;
  /** Minor units. */
  readonly amount: number;
  readonly reason: string;
  /** Why it is held, a line each. */
  readonly gate: string;
  readonly [column: string]: unknown;
}

/** Lines of a decision that the gate held, by key. */
export async function heldRows(
  { store }: Pick<ByHandSources, 'store'>,
  { policy, obligation, rows }: Decision,
): Promise<HeldRow[]> {
  if (rows === undefined) return [];
  const found = await store.query<HeldRow>(
    "SELECT key, statement, amount, reason, gate FROM rows WHERE policy = $1 AND obligation = $2 AND outcome = 'hold' ORDER BY leaf",
    [policy, obligationId(obligation)],
  );
  const byKey = new Map(found.map((row) => [row.key, row]));
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Of held lines those of which nothing was said by hand, and of which something can be. */
export async function openRows(
  sources: ByHandSources,
  logged: LoggedAgreement,
  decision: Decision,
): Promise<HeldRow[]> {
  const own = toHex(obligationId(decision.obligation));
  const byHand = await linesByHandOf(sources, logged, baseIdOf(decision));
  return (await heldRows(sources, decision)).filter(({ key }) => {
    const { word, isClosed } = byHand(key, own);
    return word === undefined && !isClosed;
  });
}

/** Id of what was decided first. */
function baseIdOf({ obligation }: Decision): Uint8Array {
  return obligation.base ?? obligationId(obligation);
}

/** How often lines of each decision were released, by its id in hex. */
export function releasesOf(policies: ByHandSources['policies'], policy: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of policies.releases())
    if (one.policy === policy && one.ruling === 'pay') counts.set(one.decision, (counts.get(one.decision) ?? 0) + 1);
  return counts;
}
