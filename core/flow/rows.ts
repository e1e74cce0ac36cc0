// Rows that sealed decisions, intents and settlements make in the store's smaller tables.

import { fromHex } from '../protocol/bytes.ts';
import { decodeIntent, intentDigest } from '../protocol/evm/intent.ts';
import { decisionId, decisionPayload, sayReason } from '../protocol/payloads/decision.ts';
import { settlementPayload } from '../protocol/payloads/settlement.ts';
import type { Statement } from '../protocol/statement.ts';
import type { StoreBatch } from '../store/store.ts';

type Rows = StoreBatch['rows'];

/** @returns no rows for kinds that have no table of their own */
export function rowsOfStatement(statement: Statement, leaf: number, arrivalMs: number): Rows {
  if (statement.header.kind === 'decision') {
    const d = decisionPayload.decode(statement.payload);
    return [
      {
        sql: `INSERT INTO decisions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
        values: [
          leaf,
          statement.id,
          decisionId(d),
          d.agreement,
          d.occasion.subject,
          d.occasion.fromMs,
          d.occasion.toMs,
          d.verdict,
          d.outcome,
          d.amount,
          d.currency,
          d.scorePpm,
          sayReason(d.reason),
          d.gate.reasons.join('\n'),
          arrivalMs,
        ],
      },
    ];
  }
  if (statement.header.kind === 'settlement') {
    const { intent, transaction, block } = settlementPayload.decode(statement.payload);
    return [
      {
        sql: 'INSERT INTO settlements VALUES ($1, $2, $3, $4, $5, $6, $7)',
        values: [leaf, intent, transaction, block.number, block.hash, block.timeS, arrivalMs],
      },
    ];
  }
  return [];
}

/** @param encoded `abi.encode(Intent)` */
export function rowsOfIntent(encoded: Uint8Array, leaf: number): Rows {
  const intent = decodeIntent(encoded);
  return [
    {
      sql: 'INSERT INTO intents VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      values: [
        leaf,
        fromHex(intentDigest(intent)),
        fromHex(intent.agreement),
        fromHex(intent.decision),
        fromHex(intent.occasion),
        intent.recipient,
        Number(intent.amount),
        Number(intent.validAfter),
        Number(intent.deadline),
      ],
    },
  ];
}
