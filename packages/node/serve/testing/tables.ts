// Rows of the tables, as projections make them, for tests of what is shown of them.
import type { Row } from '../../projections/projection.ts';
import type { Store, StoreBatch } from '../../projections/tables/store.ts';

export const id = (n: number) => new Uint8Array(32).fill(n);
export const hex = (n: number) => Buffer.from(id(n)).toString('hex');

export function decisionRow(leaf: number, n: number, more: Row['values'] = {}): Row {
  const values = {
    leaf,
    statement: id(100 + n),
    decision: id(n),
    issuer: 'did:key:z',
    agreement: id(200),
    policy: id(201),
    domain: 'd',
    subject: 's',
    obligation: id(50 + n),
    base: undefined,
    trigger_name: 'window',
    from_ms: n * 10,
    to_ms: n * 10 + 10,
    cut: leaf,
    verdict: 'fine',
    outcome: 'pay',
    amount: 5,
    currency: 'EUR',
    score_ppm: 700_000,
    threshold_ppm: 800_000,
    reason: 'because',
    gate: '',
    facts: '{"n":1}',
    entries: '[{"tag":"entry","from":"payer","to":"recipient","amount":5,"currency":"EUR"}]',
    row_count: undefined,
    arrival_ms: leaf,
    model: id(202),
    states_before: id(0),
    states_after: id(0),
    supersedes: undefined,
    ...more,
  };
  return { table: 'decisions', values };
}

export const alert = (leaf: number, decision: number, subject = 's'): Row => ({
  table: 'alerts',
  values: {
    leaf,
    decision: id(decision),
    policy: id(201),
    domain: 'd',
    code: 'leak',
    severity: 'warning',
    subject,
    at_ms: leaf * 10,
    reason: `at ${leaf}`,
  },
});
export const status = (leaf: number, decision: number, word: string): Row => ({
  table: 'alert_status',
  values: { leaf, decision: id(decision), code: 'leak', status: word, said_by: 'Ada', note: '', arrival_ms: leaf },
});
export const settlement = (leaf: number, intent = 90): Row => ({
  table: 'settlements',
  values: { leaf, intent: id(intent), tx: id(91), block: 7, block_hash: id(92), block_time_s: 3, arrival_ms: leaf },
});
export const intentRow = (leaf: number, digest: number, decision: number, amount = 5): Row => ({
  table: 'intents',
  values: {
    leaf,
    digest: id(digest),
    agreement: id(200),
    decision: id(decision),
    obligation: id(51),
    is_batch: false,
    recipient: '0x',
    amount,
    valid_after_s: 2,
    deadline_s: 9,
  },
});

const none = new Float64Array(0);
const bytes = new Uint8Array(0);
const words = new Uint32Array(0);

/** A batch of nothing but rows. */
const empty: Omit<StoreBatch, 'next' | 'rows'> = {
  sequences: [],
  streams: [],
  statements: {
    leaf: none,
    ids: bytes,
    kind: bytes,
    sequence: words,
    epoch: none,
    seq: none,
    arrivalMs: none,
    class: bytes,
    flag: bytes,
    readings: words,
    firstMs: none,
    lastMs: none,
  },
  readings: { stream: words, timeMs: none, leaf: none, value: none },
  texts: [],
};

/** @param next leaves below it are in the store then */
export function append(
  store: Store,
  next: number,
  rows: readonly Row[],
  more: Partial<StoreBatch> = {},
): Promise<void> {
  return store.append({ ...empty, ...more, next, rows });
}
