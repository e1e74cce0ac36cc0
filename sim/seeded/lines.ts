// Lines of decisions over many parties, as the log has them: what each orders, and whether a batch pays it, or why not yet.
import assert from 'node:assert/strict';
import { BatchHistory } from '@trine/ledger/batch-history.ts';
import { readNumber } from '@trine/ledger/batches.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Node } from '@trine/node/node.ts';
import type { LoggedAgreement } from '@trine/node/projections/policies.ts';
import {
  addressOfPrivateKey,
  type BatchRow,
  commitRows,
  decisionId,
  decodeLeaf,
  decodeSettled,
  type EvmLog,
  entriesOf,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  obligationId,
  openBody,
  parseStatement,
  type Row,
  readRows,
  rowPayload,
  SETTLED_TOPIC,
  type Statement,
  type StatementKind,
  settlementPayload,
  splitRows,
  toHex,
} from '@trine/protocol';
import { type Decided, decisionsOf } from './decided.ts';
import { ADDRESSES, HOMES } from './homes.ts';
import { type Orders, ordersOf } from './ordered.ts';

/** A line of a decision. */
export interface Line {
  readonly leaf: number;
  /** Of its statement. */
  readonly id: Uint8Array;
  readonly row: Row;
  /** Minor units, from the home to whoever is paid; less than nothing where it goes back. */
  readonly owed: bigint;
}

/** A decision with its lines, by key. */
export interface Lined extends Decided {
  readonly id: Hex;
  readonly lines: ReadonlyMap<string, Line>;
}

/** A batch that is settled. */
export interface SettledBatch {
  readonly digest: Hex;
  readonly intent: Intent;
  readonly rows: readonly BatchRow[];
}

/** All that there is of an agreement whose bills are netted. */
export interface Street {
  readonly logged: LoggedAgreement;
  readonly decided: readonly Lined[];
  readonly orders: Orders;
  readonly settled: readonly SettledBatch[];
  /** Digests of orders of which the node said that they are paid. */
  readonly vouched: ReadonlySet<Hex>;
  readonly history: BatchHistory;
  /** Keys of homes by number, of those that joined. */
  readonly homes: ReadonlyMap<number, string>;
  readonly recipient: number;
}

function statementsOf({ log }: Node, kind: StatementKind): { readonly leaf: number; readonly statement: Statement }[] {
  return Array.from({ length: log.durableSize }, (_, leaf) => leaf).flatMap((leaf) => {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind !== 'statement') return [];
    const statement = parseStatement(decoded.statement);
    return statement.header.kind === kind ? [{ leaf, statement }] : [];
  });
}

function owedBy(row: Row): bigint {
  return entriesOf(row).reduce((sum, { from, amount }) => sum + BigInt(from === row.key ? amount : -amount), 0n);
}

/** Of a crash between lines and decision, those that were sealed last count. */
function linedOf(node: Node, { hash }: LoggedAgreement): Lined[] {
  const { bodies } = node;
  const decided = decisionsOf(node).filter(({ decision }) => toHex(decision.policy) === hash);
  const found = new Map<string, Line[]>();
  for (const { leaf, statement } of statementsOf(node, 'row')) {
    const row = rowPayload.decode(openBody(statement, bodies.read(leaf)));
    const name = toHex(obligationId(row.obligation));
    found.set(name, [...(found.get(name) ?? []), { leaf, id: statement.id, row, owed: owedBy(row) }]);
  }
  return decided.map(({ leaf, decision }) => {
    const all = found.get(toHex(obligationId(decision.obligation))) ?? [];
    const lines = new Map(all.filter((one) => one.leaf < leaf).map((one) => [one.row.key, one]));
    assert.equal(lines.size, decision.rows?.count ?? 0, `The decision at leaf ${leaf} has other lines than it names.`);
    return { leaf, decision, id: hexOf(decisionId(decision)), lines };
  });
}

/** @param chain as it is, without a way to it */
export async function streetOf(node: Node, chain: Chain, logged: LoggedAgreement): Promise<Street> {
  const { contracts, keys } = node.genesis;
  const agreement = hexOf(logged.id);
  const history = new BatchHistory(chain, contracts, agreement);
  await history.follow(BigInt((await chain.request({ method: 'eth_blockNumber' })) as string));
  assert.equal(history.problem, undefined);
  const orders = ordersOf(node);
  const topics = [SETTLED_TOPIC, agreement];
  const filter = { address: contracts.batch, fromBlock: '0x0', toBlock: 'latest', topics };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as EvmLog[];
  const settled = logs.map((log) => {
    const { intent: digest } = decodeSettled(log) as NonNullable<ReturnType<typeof decodeSettled>>;
    const intent = orders.get(digest)?.intent;
    assert.ok(intent, `The batch ${digest} was settled, and no order says so.`);
    return { digest, intent, rows: rowsOf(node, digest, intent) };
  });
  const recipient = await readNumber(chain, contracts, agreement, addressOfPrivateKey(keys.recipient));
  const homes = new Map(
    [...history.members].flatMap(([number, account]) => {
      const key = HOMES.find((home) => ADDRESSES.get(home) === account);
      return key === undefined ? [] : [[number, key] as const];
    }),
  );
  assert.ok(recipient, 'Who is paid has not joined.');
  const vouched = new Set(
    statementsOf(node, 'settlement').map(({ statement: { payload } }) =>
      hexOf(settlementPayload.decode(payload).intent),
    ),
  );
  return { logged, decided: linedOf(node, logged), orders, settled, vouched, history, homes, recipient };
}

/** What the node keeps of a batch is what its order says. */
export function rowsOf({ settler }: Node, digest: Hex, intent: Intent): BatchRow[] {
  const bytes = settler.rowsOf(fromHex(digest));
  assert.ok(bytes, `The rows of the batch ${digest} are gone.`);
  const rows = readRows(splitRows(bytes));
  assert.equal(commitRows(rows).rowsHash, intent.rowsHash, `The rows of the batch ${digest} are others than ordered.`);
  return rows;
}

/** Which batch pays each line: by decision and key. @throws AssertionError where two do, or one pays what no line says */
export function paidLines({ decided, settled, homes, recipient }: Street): ReadonlyMap<string, Hex> {
  const byId = new Map(decided.map((one) => [one.id, one]));
  const paid = new Map<string, Hex>();
  for (const { digest, intent, rows } of settled) {
    const of = byId.get(intent.decision);
    assert.equal(of?.decision.outcome, 'pay', `The batch ${digest} pays what no decision orders.`);
    let sum = 0n;
    for (const { number, amount } of rows) {
      sum += amount;
      if (number === recipient) continue;
      const key = homes.get(number);
      const line: Line | undefined = key === undefined ? undefined : of?.lines.get(key);
      assert.ok(line?.row.outcome === 'pay', `The batch ${digest} moves money of number ${number}, which has no line.`);
      assert.equal(-amount, line.owed, `The batch ${digest} moves something else for ${key} than its line says.`);
      const name = `${intent.decision} ${key}`;
      assert.ok(!paid.has(name), `The line of ${key} is paid twice, by ${paid.get(name)} and ${digest}.`);
      paid.set(name, digest);
    }
    assert.equal(sum, 0n, `The rows of the batch ${digest} do not sum to zero.`);
  }
  return paid;
}
