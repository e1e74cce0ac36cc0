// What was ordered to be paid, and what the chain paid of it.
import { toHex } from '@trine/protocol';
import type { Store } from '../../projections/tables/store.ts';

export interface PaymentView {
  /** Digest of the intent. */
  readonly id: string;
  readonly decision: string;
  readonly agreement: string;
  readonly obligation: string;
  readonly domain: string;
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly amount: number;
  readonly currency: string;
  readonly recipient: string;
  readonly state: 'ordered' | 'paid';
  readonly block: number | undefined;
  readonly paidMs: number | undefined;
  readonly reason: string;
}

/** Several members may vouch for one payment: it counts once. */
const PAID = `(SELECT intent, min(block) AS block, min(block_time_s) AS block_time_s FROM settlements GROUP BY intent)`;

async function query(store: Store, limit: number, id?: Uint8Array): Promise<PaymentView[]> {
  const rows = await store.query(
    `SELECT i.*, d.domain, d.subject, d.from_ms, d.to_ms, d.currency, d.reason, s.block, s.block_time_s
     FROM intents i JOIN decisions d ON d.decision = i.decision LEFT JOIN ${PAID} s ON s.intent = i.digest
     ${id === undefined ? '' : 'WHERE i.digest = $2'} ORDER BY i.leaf DESC LIMIT $1`,
    id === undefined ? [limit] : [limit, id],
  );
  return rows.map((row) => ({
    id: toHex(row.digest as Uint8Array),
    decision: toHex(row.decision as Uint8Array),
    agreement: toHex(row.agreement as Uint8Array),
    obligation: toHex(row.obligation as Uint8Array),
    domain: row.domain as string,
    subject: row.subject as string,
    fromMs: row.from_ms as number,
    toMs: row.to_ms as number,
    amount: row.amount as number,
    currency: (row.currency as string | null) ?? '',
    recipient: row.recipient as string,
    state: row.block === null ? 'ordered' : 'paid',
    block: (row.block as number | null) ?? undefined,
    paidMs: row.block_time_s === null ? undefined : (row.block_time_s as number) * 1000,
    reason: row.reason as string,
  }));
}

/** The newest payments. */
export function payments(store: Store, limit: number): Promise<PaymentView[]> {
  return query(store, limit);
}

export async function payment(store: Store, id: Uint8Array): Promise<PaymentView | undefined> {
  return (await query(store, 1, id))[0];
}
