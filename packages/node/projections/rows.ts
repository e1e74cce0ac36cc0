// Rows that sealed decisions, snapshots, labels, intents and settlements make in the store's smaller tables.

import {
  decisionId,
  decisionPayload,
  decodeIntent,
  formatReason,
  fromHex,
  intentDigest,
  labelPayload,
  modelHash,
  type Statement,
  settlementPayload,
  sha256,
  snapshotPayload,
} from '@trine/protocol';
import type { StoreBatch } from './tables/store.ts';

type Rows = StoreBatch['rows'];

/** @returns no rows for kinds that have no table of their own */
export function rowsOfStatement(statement: Statement, leaf: number, arrivalMs: number): Rows {
  if (statement.header.kind === 'decision') {
    const d = decisionPayload.decode(statement.payload);
    return [
      {
        sql: `INSERT INTO decisions VALUES (${places(20)})`,
        values: [
          leaf,
          statement.id,
          decisionId(d),
          d.agreement,
          d.terms,
          d.obligation.subject,
          d.obligation.fromMs,
          d.obligation.toMs,
          d.verdict,
          d.outcome,
          d.amount,
          d.currency,
          d.scorePpm,
          formatReason(d.reason),
          d.gate.reasons.join('\n'),
          arrivalMs,
          modelHash(d.model),
          d.stateAfter,
          d.thresholdPpm,
          JSON.stringify(d.facts),
        ],
      },
      ...(d.trust ?? []).map(({ subject, ppm }) => ({
        sql: 'INSERT INTO trust VALUES ($1, $2, $3, $4)',
        values: [leaf, subject, d.obligation.toMs, ppm],
      })),
    ];
  }
  if (statement.header.kind === 'snapshot') {
    const { model, subject, untilMs, state } = snapshotPayload.decode(statement.payload);
    return [
      {
        sql: 'INSERT INTO snapshots VALUES ($1, $2, $3, $4, $5)',
        values: [leaf, subject, modelHash(model), untilMs, sha256(state)],
      },
    ];
  }
  if (statement.header.kind === 'label') {
    const { decision, stand, verdict, by, note } = labelPayload.decode(statement.payload);
    return [
      {
        sql: 'INSERT INTO labels VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
        values: [leaf, statement.id, decision, stand, verdict, by, note, arrivalMs],
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

function places(count: number): string {
  return Array.from({ length: count }, (_, i) => `$${i + 1}`).join(', ');
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
