// Lines and batches: what the paid lines of a decision move, account by account, and that an intent pays just that. Of a
// batch whoever holds one line sees its own account alone: by how much its position changed, under the roots that the
// deciders signed.
import { assuranceClasses } from '../../assurance.ts';
import { encodeCbor } from '../../cbor/cbor.ts';
import { bytes, type Infer, integer, list, optional, record, text } from '../../cbor/schema.ts';
import { sha256 } from '../../crypto.ts';
import { ESCROW, type Intent, type IntentEntry } from '../../evm/intent.ts';
import { verifyPosition } from '../../evm/positions.ts';
import { type BatchRow, commitRows } from '../../evm/rows.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import type { Joined } from '../../payloads/account.ts';
import { type Decision, type Entry, entriesOf, obligationId, type Row } from '../../payloads/decision.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import type { Agreement } from '../../payloads/policy.ts';
import { countOf } from '../../words.ts';
import { StepError } from '../report.ts';

const BATCH_MAX = 262_144;
const path = list(bytes(32), 20);

/** What an evidence file says of the batch in which its lines were paid. */
export const batchForm = record({
  /** The how-manieth intent of its decision: lines that were held then go into a later one. */
  part: integer(0, 10_000),
  /** Of a payment: the lines that went in, and the numbers of their accounts. */
  lines: optional(list(text(128), BATCH_MAX)),
  numbers: optional(list(record({ account: text(42, /^0x[0-9a-f]{40}$/), number: integer(1, 1_048_575) }), BATCH_MAX)),
  /** Of one line: its account's number, and what it had before and after, minor units, under the roots of the intent. */
  position: optional(
    record({
      number: integer(1, 1_048_575),
      before: integer(Number.MIN_SAFE_INTEGER),
      after: integer(Number.MIN_SAFE_INTEGER),
      pathBefore: path,
      pathAfter: path,
    }),
  ),
});
export type BatchPart = Infer<typeof batchForm>;

/**
 * What an intent of a decision is settled under: the obligation itself, and for lines that were held when it was ordered an
 * id of their own.
 *
 * @param part 0 for the first
 * @returns 32 bytes
 */
export function partId(obligation: Decision['obligation'], part: number): Uint8Array {
  const id = obligationId(obligation);
  return part === 0 ? id : sha256(encodeCbor({ obligation: id, part }));
}

/**
 * The account of whoever a name in an entry stands for.
 * @param joined accounts of lines that statements say
 * @returns undefined where neither terms nor statements name one
 */
export function accountNamed({ parties, accounts = [] }: Agreement, name: string, joined?: Joined): Hex | undefined {
  if (name === 'escrow') return ESCROW;
  const found = parties.find(({ role }) => role === name) ?? accounts.find(({ key }) => key === name);
  return (found?.address as Hex | undefined) ?? joined?.get(name);
}

/** One movement between two accounts; more than zero. */
export type Movement = IntentEntry;

/**
 * What a paid line moves, account to account.
 * @throws StepError in words where it cannot be settled: a name without an account, another currency, another line's account
 */
export function movementsOf(
  policy: Agreement,
  { effects }: Pick<Row, 'effects'>,
  key?: string,
  joined?: Joined,
): Movement[] {
  return entriesOf({ effects }).flatMap((entry) => {
    if (entry.currency !== policy.money.currency) throw new StepError('It is of another currency.');
    const [from, to] = [entry.from, entry.to].map((name) => sideOf(policy, entry, name, { key, joined })) as [Hex, Hex];
    // Between two names of one account nothing moves.
    return from === to ? [] : [{ from, to, amount: BigInt(entry.amount) }];
  });
}

function sideOf(
  policy: Agreement,
  { from, to }: Entry,
  name: string,
  { key, joined }: { readonly key: string | undefined; readonly joined: Joined | undefined },
): Hex {
  const isShared = name === 'escrow' || policy.parties.some(({ role }) => role === name);
  // What one line moves on another line's account its holder could not see.
  if (!isShared && name !== key)
    throw new StepError(`It moves money from ${from} to ${to}: a line moves it between its own account and a party.`);
  const account = accountNamed(policy, name, joined);
  if (account === undefined)
    throw new StepError(
      policy.joining ? `No account of ${name} joined in time.` : `The terms name no account of ${name}.`,
    );
  return account;
}

/** What a decision itself moves: nothing where it is held, whatever its lines do. @throws as {@link movementsOf} */
export function commonMovements(policy: Agreement, decision: Pick<Decision, 'effects' | 'gate'>): Movement[] {
  return decision.gate.verdict === 'pass' ? movementsOf(policy, decision) : [];
}

/** Movements between the same two accounts added up, ascending: entries of a direct intent. */
export function summed(movements: Iterable<Movement>): IntentEntry[] {
  const sums = new Map<string, IntentEntry>();
  for (const { from, to, amount } of movements)
    sums.set(from + to, { from, to, amount: amount + (sums.get(from + to)?.amount ?? 0n) });
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** What each account gains or loses in all, minor units; accounts of which that is nothing are left out. */
export function netsOf(movements: Iterable<Movement>): Map<Hex, bigint> {
  const nets = new Map<Hex, bigint>();
  const add = (account: Hex, amount: bigint) => nets.set(account, (nets.get(account) ?? 0n) + amount);
  for (const { from, to, amount } of movements) {
    add(from, -amount);
    add(to, amount);
  }
  for (const [account, net] of nets) if (net === 0n) nets.delete(account);
  return nets;
}

/**
 * Rows of a batch, ascending by number.
 * @throws StepError where an account has no number: `escrow` is of agreements that settle entry by entry
 */
export function batchRows(nets: ReadonlyMap<Hex, bigint>, numberOf: (account: Hex) => number | undefined): BatchRow[] {
  const rows = [...nets].map(([account, amount]) => {
    if (account === ESCROW) throw new StepError('An agreement that settles in batches has no escrow.');
    const number = numberOf(account);
    if (number === undefined) throw new StepError(`${account} has no number in the agreement.`);
    return { number, amount };
  });
  return rows.sort((a, b) => a.number - b.number);
}

/** A decision and those of its lines that go into one intent. */
export interface Batched {
  readonly policy: Agreement;
  readonly decision: Pick<Decision, 'effects' | 'gate' | 'obligation'>;
  readonly rows: ReadonlyMap<string, Row>;
  /** Accounts of lines that statements say. */
  readonly joined?: Joined | undefined;
}

/** All that one intent of a decision moves. @param part what is common goes with the first @throws as {@link movementsOf} */
export function movementsOfPart(
  { policy, decision, rows, joined }: Batched,
  part: number,
  lines: readonly string[],
): Movement[] {
  const own = lines.flatMap((key) => {
    const row = rows.get(key);
    if (row?.outcome !== 'pay') throw new StepError(`The line of ${key} is none that pays.`);
    return movementsOf(policy, row, key, joined);
  });
  return part === 0 ? [...commonMovements(policy, decision), ...own] : own;
}

/** @throws StepError for readings that never move money outside a practice network */
export function checkClass({ class: assurance }: Decision['gate'], { chain }: NetworkDocument): void {
  if (chain.kind !== 'practice' && assuranceClasses[assurance] >= assuranceClasses.imported)
    throw new StepError(`Readings of class ${assurance} never move money outside a practice network.`);
}

/**
 * Is this batch what these lines order?
 *
 * @param numberOf as the chain has it
 * @throws StepError saying what differs
 */
export function checkBatch(
  intent: Intent,
  batched: Batched,
  { part, lines = [] }: Pick<BatchPart, 'part' | 'lines'>,
  numberOf: (account: Hex) => number | undefined,
): void {
  if (new Set(lines).size !== lines.length) throw new StepError('A line stands in the batch twice.');
  const rows = batchRows(netsOf(movementsOfPart(batched, part, lines)), numberOf);
  if (rows.length === 0) throw new StepError('The batch moves nothing.');
  const { rowsHash, rowCount } = commitRows(rows);
  if (intent.obligation !== hexOf(partId(batched.decision.obligation, part)))
    throw new StepError("The intent's obligation is not that of the decision.");
  if (intent.entries.length > 0 || intent.rowsHash !== rowsHash || intent.rowCount !== rowCount)
    throw new StepError("The intent's rows are not those of the decision.");
}

/** What a file about a payment shows of its batch. @returns in words what was found */
export function verifyBatch(intent: Intent, batched: Batched, shown: BatchPart, assumptions: string[]): string {
  const { lines = [], numbers = [] } = shown;
  const known = new Map(numbers.map(({ account, number }) => [account as Hex, number]));
  if (known.size !== numbers.length) throw new StepError('An account has two numbers.');
  checkBatch(intent, batched, shown, (account) => known.get(account));
  if (BigInt(numbers.length) !== intent.rowCount)
    throw new StepError('The file names accounts that are not in the batch.');
  assumptions.push(
    'That the numbers in the batch are those accounts’, and that the positions follow from its rows: the deciders say so; the chain tells it in public, and anyone could refute it while its window was open.',
  );
  const paying = [...batched.rows.values()].filter(({ outcome }) => outcome === 'pay').length;
  const rest = paying > lines.length ? `; ${paying - lines.length} went into no batch, or into another` : '';
  return `${countOf(lines.length, 'line')}, netted to ${countOf(Number(intent.rowCount), 'account')}${rest}`;
}

/**
 * Was one line paid by this batch? Its account's position changed by what the line moves there, and by nothing else.
 * @returns in words what was found; the change is minor units
 * @throws StepError saying what differs
 */
export function verifyLine(
  intent: Intent,
  {
    policy,
    row,
    obligation,
    joined,
  }: Pick<Batched, 'policy' | 'joined'> & { readonly row: Row; readonly obligation: Decision['obligation'] },
  { part, position }: BatchPart,
  assumptions: string[],
): { readonly change: bigint; readonly number: number } {
  const account = accountNamed(policy, row.key, joined);
  if (position === undefined || account === undefined)
    throw new StepError('The file does not show what the batch changed for this line.');
  if (row.outcome !== 'pay') throw new StepError(`The line's outcome is ${row.outcome}: nothing was to be paid.`);
  if (intent.obligation !== hexOf(partId(obligation, part)))
    throw new StepError("The intent's obligation is not that of the line.");
  const { number } = position;
  const [before, after] = [BigInt(position.before), BigInt(position.after)];
  const shows = (root: Hex, value: bigint, siblings: readonly Uint8Array[]) =>
    verifyPosition(root, { number, position: value, path: siblings.map(hexOf) });
  if (!shows(intent.positionsBefore, before, position.pathBefore))
    throw new StepError('The position before is not the one under the root that was signed.');
  if (!shows(intent.positionsAfter, after, position.pathAfter))
    throw new StepError('The position after is not the one under the root that was signed.');
  const wanted = netsOf(movementsOf(policy, row, row.key, joined)).get(account) ?? 0n;
  if (after - before !== wanted)
    throw new StepError('The batch changed the account by another amount than the line says.');
  assumptions.push(
    `That ${number} is the number of this account (${account}) in the agreement: the deciders say so, and the chain tells it in public.`,
  );
  return { change: wanted, number };
}
