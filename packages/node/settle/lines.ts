// Lines of decisions as they are ordered: which of them go into a batch now, and why the others wait.
import { covers } from '@trine/ledger/batch-faults.ts';
import type { Member } from '@trine/ledger/batches.ts';
import {
  type Agreement,
  accountNamed,
  commonMovements,
  type Decision,
  ESCROW,
  type Hex,
  type Intent,
  type Joined,
  type Movement,
  movementsOf,
  netsOf,
  obligationId,
  openDisclosure,
  type Row,
  rowPayload,
  StepError,
} from '@trine/protocol';
import type { Bodies } from '../access/bodies.ts';
import type { Store } from '../projections/tables/store.ts';

export interface LineSources {
  readonly store: Store;
  readonly bodies: Pick<Bodies, 'read'>;
}

/**
 * The lines of a decision that pay (or are held), by key.
 * @param only these of them
 * @throws StepError where one was erased: nobody can say any more what it orders
 */
export async function payingRows(
  { store, bodies }: LineSources,
  { policy, obligation, rows }: Decision,
  outcome: 'pay' | 'hold' = 'pay',
  only?: ReadonlySet<string>,
): Promise<Map<string, Row>> {
  if (rows === undefined) return new Map();
  const found = await store.query<{ leaf: number; key: string }>(
    'SELECT leaf, key FROM rows WHERE policy = $1 AND obligation = $2 AND outcome = $3 ORDER BY key, leaf',
    [policy, obligationId(obligation), outcome],
  );
  const wanted = only ? found.filter(({ key }) => only.has(key)) : found;
  return new Map(
    wanted.map(({ leaf, key }) => {
      const disclosure = bodies.read(leaf);
      if (disclosure === undefined) throw new StepError(`The line of ${key} was erased before it was paid.`);
      return [key, rowPayload.decode(openDisclosure(disclosure))];
    }),
  );
}

/** Keys of all lines of a decision, ascending, whether they pay or not. */
export async function keysOf(store: Store, { policy, obligation }: Decision): Promise<string[]> {
  const sql = 'SELECT DISTINCT key FROM rows WHERE policy = $1 AND obligation = $2 ORDER BY key';
  return (await store.query<{ key: string }>(sql, [policy, obligationId(obligation)])).map(({ key }) => key);
}

/** What the chain says of an agreement's members, as of one block. */
export interface Book {
  readonly numberOf: (account: Hex) => number | undefined;
  /** Of every account that may lose. */
  readonly memberOf: (account: Hex) => Member | undefined;
  /** Minor units, by number. */
  readonly positionOf: (number: number) => bigint;
}

export interface Choice {
  /** Keys of the lines that go in, ascending. */
  readonly lines: readonly string[];
  readonly nets: ReadonlyMap<Hex, bigint>;
  /** Why the others wait, by key. */
  readonly held: ReadonlyMap<string, string>;
}

/** That a line was paid is told by the row of its account. Without one it would go with every batch anew. */
const UNSEEN = 'it moves money between others, and its own account gains and loses nothing: no batch would show it';

/** Accounts that may lose by these lines: what the chain says of them is needed to choose. */
export function losing(
  policy: Agreement,
  decision: Decision,
  rows: ReadonlyMap<string, Row>,
  joined?: Joined,
): Set<Hex> {
  const from = [...rows.values()].flatMap((row) => tried(policy, row, joined).movements.map((one) => one.from));
  return new Set([...from, ...commonMovements(policy, decision).map((one) => one.from)]);
}

function tried(policy: Agreement, row: Row, joined?: Joined): { movements: Movement[]; problem?: string } {
  try {
    const movements = movementsOf(policy, row, row.key, joined);
    const isEscrow = movements.some(({ from, to }) => from === ESCROW || to === ESCROW);
    return isEscrow ? { movements: [], problem: 'an agreement that settles in batches has no escrow' } : { movements };
  } catch (error) {
    if (error instanceof StepError) return { movements: [], problem: error.message };
    throw error;
  }
}

/**
 * Which lines can be paid now: those whose account joined, allows it, and has it. What one of them cannot keeps none of the
 * others, but for those that a party owes that cannot pay.
 *
 * @param part what is common goes with the first
 * @throws StepError where what is common cannot be paid: then nothing goes
 */
export function choose(
  {
    policy,
    decision,
    rows,
    joined,
  }: {
    readonly policy: Agreement;
    readonly decision: Decision;
    readonly rows: ReadonlyMap<string, Row>;
    readonly joined?: Joined;
  },
  part: number,
  times: Pick<Intent, 'begin' | 'end'>,
  book: Book,
): Choice {
  const held = new Map<string, string>();
  const going = new Map<string, Movement[]>();
  for (const [key, row] of rows) {
    const { movements, problem } = tried(policy, row, joined);
    const account = accountNamed(policy, key, joined);
    const own = netsOf(movements);
    const net = account && own.get(account);
    const why = problem ?? (account && net !== undefined ? refusal(account, net, times, book) : undefined);
    if (why !== undefined) held.set(key, why);
    else if (net === undefined && own.size > 0) held.set(key, UNSEEN);
    else if (movements.length > 0) going.set(key, movements);
  }
  const common = part === 0 ? commonMovements(policy, decision) : [];
  for (;;) {
    const nets = netsOf([...common, ...[...going.values()].flat()]);
    const bad = [...nets].map(([account, net]) => ({ account, why: refusal(account, net, times, book) }));
    const worst = bad.find(({ why }) => why !== undefined);
    if (worst?.why === undefined) return { lines: [...going.keys()].sort(), nets, held };
    const { account, why } = worst;
    const isMember = book.numberOf(account) !== undefined;
    const touching = [...going].filter(([, movements]) =>
      movements.some(({ from, to }) => from === account || (!isMember && to === account)),
    );
    const name = policy.parties.find(({ address }) => address === account)?.name ?? account;
    if (touching.length === 0) throw new StepError(`${name}: ${why}.`);
    for (const [key] of touching) {
      going.delete(key);
      held.set(key, `${name}: ${why}`);
    }
  }
}

/** What the contract, and whoever watches, would refuse it for. */
function refusal(account: Hex, net: bigint, times: Pick<Intent, 'begin' | 'end'>, book: Book): string | undefined {
  const number = book.numberOf(account);
  if (number === undefined) return 'its account has not joined the agreement on the chain';
  if (net >= 0n) return undefined;
  const member = book.memberOf(account);
  if (member === undefined || !covers(member, times)) return 'its authorization does not cover the time';
  if (-net > member.perObligation) return 'it is more than was authorised for one obligation';
  const left = member.stake + book.positionOf(number) + net;
  return left < 0n ? `${-left} minor units more than it has in the agreement` : undefined;
}
