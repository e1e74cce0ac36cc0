// Rows that statements make in the store's smaller tables.
import {
  type AlertStatus,
  alertStatusPayload,
  amountOf,
  currencyOf,
  type Decision,
  decisionId,
  decisionPayload,
  decodeIntent,
  enrolmentPayload,
  entriesOf,
  formatReason,
  fromHex,
  intentDigest,
  isAlert,
  keyStatusPayload,
  labelPayload,
  linkPayload,
  modelHash,
  obligationId,
  rowPayload,
  settlementPayload,
  sha256,
  statePayload,
  toHex,
  ZERO_HASH,
} from '@trine/protocol';
import type { LoggedPolicy, PolicyRegistry } from '../policies.ts';
import type { Entry, Row, TableProjection } from '../projection.ts';

type Add = (row: Row) => void;

/** Every smaller table, each with the kinds it is made from. @param policies as of the leaf */
export function tableProjections(policies: Pick<PolicyRegistry, 'get'>): TableProjection[] {
  return [
    replacements,
    keys,
    policyRows(policies),
    decisions(policies),
    rows,
    states,
    links,
    labels,
    alertStatus,
    settlements,
  ];
}

/** Readings and events that replace others: what they replace may be of another time. */
const replacements: TableProjection = {
  name: 'replacements',
  apply({ kind, index: leaf, supersedes: target }, add) {
    if (target && (kind === 'pack' || kind === 'event')) add({ table: 'replacements', values: { leaf, target } });
  },
};

const keys: TableProjection = {
  name: 'keys',
  apply(entry, add) {
    if (entry.kind !== 'enrolment' && entry.kind !== 'key-status') return;
    const { payload } = entry.statement();
    const [key, status] =
      entry.kind === 'enrolment'
        ? [enrolmentPayload.decode(payload).key, 'enrolled']
        : [keyStatusPayload.decode(payload).key, 'revoked'];
    add({ table: 'keys', values: { leaf: entry.index, key, key_owner: entry.subject, status } });
  },
};

function policyRows(policies: Pick<PolicyRegistry, 'get'>): TableProjection {
  return {
    name: 'policies',
    apply(entry, add) {
      if (entry.kind !== 'agreement' && entry.kind !== 'monitor') return;
      const hash = sha256(entry.statement().payload);
      const logged = policies.get(toHex(hash));
      if (logged?.index !== entry.index) return;
      const { domain, subject, title } = logged.policy;
      add({ table: 'policies', values: { leaf: entry.index, policy: hash, domain, subject, title } });
    },
  };
}

function decisions(policies: Pick<PolicyRegistry, 'get'>): TableProjection {
  return {
    name: 'decisions',
    apply(entry, add) {
      if (entry.kind !== 'decision') return;
      const decision = decisionPayload.decode(entry.statement().payload);
      const logged = policies.get(toHex(decision.policy));
      if (logged === undefined) return;
      addDecision(entry, decision, logged, add);
      for (const { subject, ppm } of decision.trust ?? [])
        add({ table: 'trust', values: { leaf: entry.index, subject, to_ms: decision.obligation.toMs, ppm } });
      for (const { code, severity, subject, reason } of decision.effects.filter(isAlert))
        add({
          table: 'alerts',
          values: {
            leaf: entry.index,
            decision: decisionId(decision),
            policy: decision.policy,
            domain: logged.policy.domain,
            code,
            severity,
            subject,
            at_ms: decision.obligation.toMs,
            reason: formatReason(reason),
          },
        });
    },
  };
}

function addDecision(entry: Entry, d: Decision, { policy }: LoggedPolicy, add: Add): void {
  const { obligation } = d;
  add({
    table: 'decisions',
    values: {
      leaf: entry.index,
      statement: entry.statement().id,
      decision: decisionId(d),
      issuer: entry.issuer,
      agreement: d.agreement,
      policy: d.policy,
      domain: policy.domain,
      subject: policy.subject,
      obligation: obligationId(obligation),
      base: obligation.base,
      trigger_name: obligation.trigger,
      from_ms: obligation.fromMs,
      to_ms: obligation.toMs,
      cut: d.cuts[0]?.index ?? 0,
      verdict: d.verdict,
      outcome: d.outcome,
      amount: amountOf(d),
      currency: currencyOf(policy),
      score_ppm: d.score?.ppm,
      threshold_ppm: d.score?.thresholdPpm,
      reason: formatReason(d.reason),
      gate: d.gate.reasons.join('\n'),
      facts: JSON.stringify(d.facts),
      entries: JSON.stringify(entriesOf(d)),
      row_count: d.rows?.count,
      arrival_ms: entry.arrivalMs,
      model: modelHash(d.model),
      states_before: d.statesBefore.root,
      states_after: d.statesAfter.root,
      supersedes: d.supersedes,
    },
  });
}

const rows: TableProjection = {
  name: 'rows',
  apply(entry, add) {
    if (entry.kind !== 'row') return;
    const body = entry.body();
    if (body === undefined) return;
    const row = rowPayload.decode(body);
    const { id, payload } = entry.statement();
    add({
      table: 'rows',
      values: {
        leaf: entry.index,
        statement: id,
        commitment: payload,
        policy: row.policy,
        obligation: obligationId(row.obligation),
        base: row.obligation.base,
        key: row.key,
        from_ms: row.obligation.fromMs,
        to_ms: row.obligation.toMs,
        verdict: row.verdict,
        outcome: row.outcome,
        amount: amountOf(row),
        reason: formatReason(row.reason),
        gate: row.gate.reasons.join('\n'),
        facts: JSON.stringify(row.facts),
        entries: JSON.stringify(entriesOf(row)),
      },
    });
  },
};

const states: TableProjection = {
  name: 'states',
  apply(entry, add) {
    if (entry.kind !== 'state') return;
    const body = entry.body();
    if (body === undefined) return;
    const { policy, key, untilMs } = statePayload.decode(body);
    const commitment = entry.statement().payload;
    add({ table: 'states', values: { leaf: entry.index, policy, key, until_ms: untilMs, commitment } });
  },
};

const links: TableProjection = {
  name: 'links',
  apply(entry, add) {
    if (entry.kind !== 'link') return;
    const body = entry.body();
    if (body === undefined) return;
    const { person } = linkPayload.decode(body);
    add({ table: 'links', values: { leaf: entry.index, pseudonym: entry.subject, person } });
  },
};

const labels: TableProjection = {
  name: 'labels',
  apply(entry, add) {
    if (entry.kind !== 'label') return;
    const { id, payload } = entry.statement();
    const { decision, row, assessment, verdict, by, note } = labelPayload.decode(payload);
    const { index: leaf, arrivalMs } = entry;
    const values = { leaf, id, decision, row_key: row, assessment, verdict, said_by: by, note, arrival_ms: arrivalMs };
    add({ table: 'labels', values });
  },
};

const alertStatus: TableProjection = {
  name: 'alert status',
  apply(entry, add) {
    if (entry.kind !== 'alert-status') return;
    const { decision, code, status, by, note }: AlertStatus = alertStatusPayload.decode(entry.statement().payload);
    const { index: leaf, arrivalMs } = entry;
    add({ table: 'alert_status', values: { leaf, decision, code, status, said_by: by, note, arrival_ms: arrivalMs } });
  },
};

const settlements: TableProjection = {
  name: 'settlements',
  apply(entry, add) {
    if (entry.kind !== 'settlement') return;
    const { intent, transaction, block } = settlementPayload.decode(entry.statement().payload);
    add({
      table: 'settlements',
      values: {
        leaf: entry.index,
        intent,
        tx: transaction,
        block: block.number,
        block_hash: block.hash,
        block_time_s: block.timeS,
        arrival_ms: entry.arrivalMs,
      },
    });
  },
};

/** The row of an intent, which is a leaf but no statement. @param encoded `abi.encode(Intent)` */
export function intentRow(encoded: Uint8Array, leaf: number): Row {
  const intent = decodeIntent(encoded);
  return {
    table: 'intents',
    values: {
      leaf,
      digest: fromHex(intentDigest(intent)),
      agreement: fromHex(intent.agreement),
      decision: fromHex(intent.decision),
      obligation: fromHex(intent.obligation),
      is_batch: intent.rowsHash !== ZERO_HASH,
      recipient: [...new Set(intent.entries.map(({ to }) => to))].join(','),
      amount: Number(intent.entries.reduce((sum, { amount }) => sum + amount, 0n)),
      valid_after_s: Number(intent.validAfter),
      deadline_s: Number(intent.deadline),
    },
  };
}
