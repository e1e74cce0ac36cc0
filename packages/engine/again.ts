// A decision again, from a log as it was recorded: what whoever replays a period, and a second decider, compute alike.
import {
  type Decision,
  type Entry,
  entriesOf,
  fromHex,
  isLineOrdered,
  type Obligation,
  obligationId,
  type Policy,
  TrineError,
  toHex,
} from '@trine/protocol';
import { linesInLog } from './by-hand.ts';
import { type Corrected, type Evaluated, type Evaluation, evaluate } from './evaluate.ts';
import { selectorsOf } from './inputs.ts';
import type { DecidingModel, InputIndex, RecordedDecision, RecordedLog, RecordedRow } from './recorded.ts';
import type { Domains } from './replay.ts';
import { saltsOf } from './states.ts';

/** Of which log, and under which policy. */
export interface Recorded {
  readonly log: Pick<RecordedLog, 'hmac' | 'rows' | 'wordOn'>;
  readonly domains: Domains;
  readonly policy: Policy;
  /** Of the policy as it stands in the log, hex. */
  readonly hash: string;
  /** Of an agreement: its id on the chain. */
  readonly agreement: Uint8Array | undefined;
  /** Statements about what the policy looks at. */
  readonly index: InputIndex;
}

/** What of a decision is known before it is computed. */
export type Known = Pick<Evaluation, 'obligation' | 'cuts' | 'continues' | 'states' | 'corrected'>;

/**
 * Selects the inputs of an obligation from the log, and decides.
 *
 * Without the secret of the policy all salts are zero: what states and rows are committed to differs then, and nothing else.
 * @throws NotChecked where the model is not installed; TrineError `erased` where some of the inputs were erased
 */
export async function evaluateAgain(
  { log, domains, policy, hash, agreement, index }: Recorded,
  { identity, parameters }: DecidingModel,
  known: Known,
): Promise<Evaluated> {
  const model = await domains.open(policy.domain, identity, parameters);
  const { obligation, cuts } = known;
  const terms = model.domain.terms.parse(policy.terms);
  const selectors = selectorsOf(model.domain, policy, terms, obligation, index.eventOf(obligation.about));
  const cut = cuts[0]?.index ?? 0;
  const { isErased, ...found } = index.candidates(selectors, cut, obligation.fromMs);
  if (isErased) throw new TrineError('erased', 'readings were erased');
  const { hmac } = log;
  const sign = (message: Uint8Array) => (hmac ? hmac(hash, message) : new Uint8Array(16));
  const salt = saltsOf(sign, fromHex(hash), obligation);
  const heads = index.heads(selectors, cut);
  return evaluate({ ...known, ...found, heads, model, agreement, policy, salt });
}

/** Id of an obligation, or of the one that it corrects, hex. */
export function baseOf({ base, ...obligation }: Obligation): string {
  return toHex(base ?? obligationId(obligation));
}

/**
 * What was ordered on an obligation before a leaf, in all.
 * @param recorded decisions of the policy
 * @param at the decision that corrects: its leaf, and the first one that it does not see
 * @param decision id of the one that is corrected
 */
export function orderedBefore(
  { log, hash, recorded }: Pick<Recorded, 'log' | 'hash'> & { readonly recorded: readonly RecordedDecision[] },
  { leaf, cut }: { readonly leaf: number; readonly cut: number },
  obligation: Obligation,
  decision: Uint8Array,
): Corrected {
  const base = baseOf(obligation);
  const before = recorded.filter((one) => one.leaf < leaf && baseOf(one.decision.obligation) === base);
  const entries = before.filter((one) => one.decision.outcome !== 'hold').flatMap((one) => entriesOf(one.decision));
  const own = toHex(obligationId(obligation));
  const lines = linesBelow(log.rows(hash, base), leaf).filter((row) => row.obligation !== own);
  const outcomes = new Map(lines.map((row) => [`${row.obligation} ${row.key}`, row.outcome]));
  const byHand = linesInLog(
    before,
    (key, name) => outcomes.get(`${name} ${key}`),
    (key, id) => log.wordOn(hash, id, key),
  );
  const rows = new Map<string, Entry[]>();
  for (const row of lines)
    if (isLineOrdered(row, byHand(row.key, row.obligation), (place) => place < cut))
      rows.set(row.key, [...(rows.get(row.key) ?? []), ...entriesOf(row)]);
  return { decision, entries, rows };
}

/** Lines that stand below a leaf, as their decisions name them: of one that was sealed again before its decision the newest. */
export function linesBelow(rows: readonly RecordedRow[], leaf: number): RecordedRow[] {
  const below = rows.filter((row) => row.leaf < leaf);
  return [...new Map(below.map((row) => [`${row.obligation} ${row.key}`, row])).values()];
}

/** What differs between two decisions on one obligation, in words. */
export function differenceOf(stated: Decision, again: Decision): string {
  const part = (one: Decision, name: keyof Decision) => JSON.stringify(one[name], (_, value) => plain(value)) ?? 'none';
  const names = [...new Set([...Object.keys(stated), ...Object.keys(again)])] as (keyof Decision)[];
  const differing = names.filter((name) => part(stated, name) !== part(again, name));
  const first = differing.includes('verdict') ? 'verdict' : differing[0];
  if (first === undefined) return 'nothing';
  const shown = ['verdict', 'outcome'].includes(first) ? `: ${stated[first]}, computed ${again[first]}` : '';
  return `${first}${shown}${differing.length > 1 ? ` (and ${differing.filter((name) => name !== first).join(', ')})` : ''}`;
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}
