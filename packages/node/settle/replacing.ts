// Orders where there were others before: of corrections, and of what was not paid in time. Where what a decision corrects is
// paid, the difference alone is ordered; while that is pending, or was not paid in time, all of it together in its place: what
// was wrong is not paid first and asked back then.
import { readEscrow, readLimits, readObligation } from '@trine/ledger/agreements.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { settling } from '@trine/ledger/outbox-kinds.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Agreement,
  type Decision,
  decisionId,
  decodeIntent,
  decodeLeaf,
  ESCROW,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  type OrderingDecision,
  obligationId,
  toHex,
  ZERO_HASH,
} from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Bodies } from '../access/bodies.ts';
import { correctedDecisions } from '../evidence/corrected.ts';
import type { Store } from '../projections/tables/store.ts';
import { type Courses, isLapsed } from './course.ts';
import { payingRows } from './lines.ts';
import { Later, Waits } from './waits.ts';

export interface ReplacingOptions {
  readonly log: Pick<Log, 'read'>;
  readonly store: Store;
  readonly bodies: Pick<Bodies, 'read'>;
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly courses: Pick<Courses, 'of'>;
}

/** For which obligation an order is, and in whose place. */
export interface Place extends Pick<Intent, 'obligation' | 'supersedes'> {
  /** Decisions that the one ordered corrects, the newest first. */
  readonly before: readonly OrderingDecision[];
}

const DROPPED = 'what it corrects was dropped: that was the last word on it';

interface OrderedIntent {
  readonly digest: Hex;
  readonly intent: Intent;
}

/**
 * Where the order of a decision belongs that is settled entry by entry.
 * @throws Later while that is open; Waits where what it corrects was dropped
 */
export async function placeOf(options: ReplacingOptions, decision: Decision): Promise<Place> {
  const own = hexOf(obligationId(decision.obligation));
  const before = (await correctedDecisions(options, decision)).map((one) => one.decision);
  // What is held orders nothing.
  const last = before.find(({ outcome }) => outcome === 'pay');
  if (last === undefined) return { obligation: own, supersedes: ZERO_HASH, before: [] };
  const ordered = await newestOrder(options, last);
  if (ordered === undefined) throw new Later('what it corrects is not ordered yet');
  const instead = await standing(options, last, ordered);
  if (instead === undefined) return { obligation: own, supersedes: ZERO_HASH, before: [] };
  const { obligation } = ordered.intent;
  const together: OrderingDecision[] = [];
  for (const one of before) together.push({ decision: one, rows: await payingRows(options, one) });
  return { obligation, supersedes: instead, before: together };
}

/**
 * What was ordered before and not paid in time is ordered anew once it can be paid, as long as the contract takes it: else
 * orders that nobody can pay would follow each other for ever.
 *
 * @throws Later while who pays has too little in the agreement; Waits once its time is over
 */
export async function checkCovered(
  { chain, contracts, store, now }: ReplacingOptions & { readonly now: Clock },
  { obligation }: Decision,
  intent: Intent,
  { money }: Agreement,
): Promise<void> {
  const of = [fromHex(intent.agreement), fromHex(intent.obligation)];
  const [before] = await store.query('SELECT leaf FROM intents WHERE agreement = $1 AND obligation = $2 LIMIT 1', of);
  if (before === undefined || intent.supersedes !== ZERO_HASH) return;
  if (now() > obligation.toMs + money.settleWithinS * 1_000)
    throw new Waits('it was not paid in time, and is too old to be ordered anew');
  for (const [from, entries] of Map.groupBy(intent.entries, (entry) => entry.from)) {
    const wanted = entries.reduce((sum, { amount }) => sum + amount, 0n);
    const there =
      from === ESCROW
        ? await readEscrow(chain, contracts, intent.agreement)
        : (await readLimits(chain, contracts, intent.agreement, from)).locked;
    if (there < wanted) throw new Later('it was not paid in time, and who pays has too little in the agreement');
  }
}

/**
 * Lines are corrected by a batch of their own, after the one before, or what is left of it, is paid.
 * @throws Waits where a batch of what a decision corrects was dropped
 */
export async function checkCorrectable(options: ReplacingOptions, decision: Decision): Promise<void> {
  for (const { decision: one } of await correctedDecisions(options, decision)) {
    const rows = await options.store.query<{ digest: Uint8Array }>('SELECT digest FROM intents WHERE decision = $1', [
      decisionId(one),
    ]);
    if (rows.some(({ digest }) => options.courses.of(toHex(digest))?.state === 'dropped')) throw new Waits(DROPPED);
  }
}

async function newestOrder({ log, store }: ReplacingOptions, decision: Decision): Promise<OrderedIntent | undefined> {
  const [row] = await store.query<{ leaf: number; digest: Uint8Array }>(
    'SELECT leaf, digest FROM intents WHERE decision = $1 ORDER BY leaf DESC LIMIT 1',
    [decisionId(decision)],
  );
  const decoded = row && decodeLeaf(log.read(row.leaf));
  return decoded?.kind === 'intent'
    ? { digest: hexOf(row?.digest as Uint8Array), intent: decodeIntent(decoded.intent) }
    : undefined;
}

/**
 * Is an order still to be replaced?
 * @returns what its replacement supersedes on the chain; undefined where it is paid
 */
async function standing(
  { chain, contracts, courses }: ReplacingOptions,
  decision: Decision,
  { digest, intent }: OrderedIntent,
): Promise<Hex | undefined> {
  const { agreement, obligation } = intent;
  const {
    phase,
    intent: pending,
    redecide,
  } = await readObligation(chain, settling(contracts, intent), agreement, obligation);
  const isOwn = obligation === hexOf(obligationId(decision.obligation));
  switch (phase) {
    case 'settled':
      // It was to take another one's place, which was paid before: it is ordered apart now.
      if (pending !== digest && !isOwn) throw new Later('what it corrects is ordered anew');
      return undefined;
    case 'dropped':
      throw new Waits(DROPPED);
    case 'none':
      if (isLapsed(courses.of(digest.slice(2)))) return ZERO_HASH;
      throw new Later('what it corrects is on its way to the chain');
    default:
      if (pending !== digest) throw new Later('another order for what it corrects is pending');
      if (phase === 'announced' || (phase === 'held' && redecide)) return digest;
      throw new Later(phase === 'held' ? 'the arbiter holds what it corrects' : 'what it corrects is about to be paid');
  }
}
