// What an evidence file says of a batch: of a payment all of its lines, of one line what changed for its account.
import {
  type Agreement,
  accountNamed,
  type BatchPart,
  type Decision,
  decisionId,
  fromHex,
  type Hex,
  type Intent,
  type Joined,
  movesMoney,
  type Policy,
  type PositionProof,
  type Row,
} from '@trine/protocol';
import type { Store } from '../projections/tables/store.ts';
import { partOf } from '../settle/batches.ts';
import type { SettledBatch } from '../settle/settled-batch.ts';
import type { Payment, Settler } from '../settle/settler.ts';

/** All of a batch. @param rows lines of the decision as they are ordered */
export function wholeBatch(
  intent: Intent,
  decision: Decision,
  policy: Agreement,
  rows: ReadonlyMap<string, Row>,
  batch: SettledBatch,
  joined: Joined,
): BatchPart {
  const inBatch = new Set(batch.rows.map(({ number }) => number));
  const numberOf = (key: string) => batch.numbers.get(accountNamed(policy, key, joined) as Hex) ?? 0;
  const lines = [...rows].filter(([key, row]) => row.outcome === 'pay' && inBatch.has(numberOf(key)));
  const numbers = [...batch.numbers].filter(([, number]) => inBatch.has(number));
  return {
    part: partOf(intent, decision),
    lines: lines.map(([key]) => key).sort(),
    numbers: numbers.map(([account, number]) => ({ account, number })).sort((a, b) => a.number - b.number),
  };
}

/** What a batch changed for one line. @returns undefined where the line is not in it */
function lineOfBatch(intent: Intent, decision: Decision, account: Hex, batch: SettledBatch): BatchPart | undefined {
  const number = batch.numbers.get(account);
  if (number === undefined || !batch.rows.some((row) => row.number === number)) return undefined;
  const before = batch.before.prove(number);
  const after = batch.after.prove(number);
  const siblings = ({ path }: PositionProof) => path.map((node) => fromHex(node));
  return {
    part: partOf(intent, decision),
    position: {
      number,
      before: Number(before.position),
      after: Number(after.position),
      pathBefore: siblings(before),
      pathAfter: siblings(after),
    },
  };
}

/**
 * The batch that paid a line, and what it changed for its account.
 * @returns undefined while none did
 */
export async function paidLine(
  { store, settler }: { readonly store: Store; readonly settler: Pick<Settler, 'payment' | 'settledBatch'> },
  decision: Decision,
  policy: Policy,
  key: string,
  joined: Joined,
): Promise<{ payment: Payment; batch: BatchPart; leaves: number[] } | undefined> {
  const account = movesMoney(policy) ? accountNamed(policy, key, joined) : undefined;
  if (account === undefined) return undefined;
  const intents = await store.query<{ digest: Uint8Array }>(
    'SELECT digest FROM intents WHERE decision = $1 ORDER BY leaf',
    [decisionId(decision)],
  );
  for (const { digest } of intents) {
    const payment = await settler.payment(digest);
    const settlements = await store.query<{ leaf: number }>(
      'SELECT leaf FROM settlements WHERE intent = $1 ORDER BY leaf',
      [digest],
    );
    if (!payment?.anchored || !payment.settlement || settlements.length === 0) continue;
    const settled = await settler.settledBatch(payment);
    const batch = settled && lineOfBatch(payment.intent, decision, account, settled);
    if (batch) return { payment, batch, leaves: [payment.index, ...settlements.map(({ leaf }) => leaf)] };
  }
  return undefined;
}
