// What must hold whatever happened: checked whenever the node has started, and at the end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayWith } from '@trine/engine';
import { readBalance, readLimits } from '@trine/ledger/agreements.ts';
import { publicClient } from '@trine/ledger/chain.ts';
import { fiatTokenAbi } from '@trine/ledger/contracts.ts';
import { fsck } from '@trine/log/fsck/fsck.ts';
import { openLog } from '@trine/log/log.ts';
import { Bodies } from '@trine/node/access/bodies.ts';
import type { Node } from '@trine/node/node.ts';
import { openProjections, type Projections } from '@trine/node/projections/open.ts';
import { schema } from '@trine/node/projections/tables/schema.ts';
import { openStore, type Row } from '@trine/node/projections/tables/store.ts';
import { agreementId } from '@trine/node/settle/agreements.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  amountOf,
  type Decision,
  decisionId,
  decisionPayload,
  decodeLeaf,
  decodePack,
  decodeSettled,
  didKey,
  type EvmLog,
  type Hex,
  hexOf,
  obligationId,
  openBody,
  parseStatement,
  SETTLED_TOPIC,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { systemTimers } from '@trine/system/time.ts';
import { threads } from '@trine/system/workers.ts';
import type { Device } from './device.ts';
import type { Machine } from './machine.ts';

/** What others saw and will hold against the node. */
export interface Witnessed {
  /** Signed trees: root by size. */
  readonly checkpoints: Map<number, string>;
  readonly devices: Device[];
  /** Size of the log when nothing had gone wrong for a moment, half a minute before the end: what was decided is paid. */
  quietSize: number;
}

/** After each start: nothing that was promised is gone, and nothing that was shown is denied. */
export async function checkAtStart(node: Node, witnessed: Witnessed): Promise<void> {
  const { log } = node;
  const see = ({ size, root }: { size: number; root: Uint8Array }) => {
    const known = witnessed.checkpoints.get(size);
    assert.ok(known === undefined || known === toHex(root), `Two roots of ${size} leaves were signed: a fork.`);
    witnessed.checkpoints.set(size, toHex(root));
  };
  log.onCheckpoint(see);
  await checkPromises(node, witnessed);
  see(log.checkpoint);
}

async function checkPromises({ log, bodies }: Node, { checkpoints, devices }: Witnessed): Promise<void> {
  for (const [size, root] of checkpoints) {
    assert.ok(size <= log.durableSize, `A tree of ${size} leaves was signed, and ${log.durableSize} are there.`);
    assert.equal(toHex(await log.rootAt(size)), root, `The tree of ${size} leaves is not the one that was signed.`);
  }
  for (const { acknowledged, subject } of devices)
    for (const { id, leaf, disclosure } of acknowledged.values()) {
      assert.ok(leaf < log.size, `${subject} was promised leaf ${leaf}, and ${log.size} are there.`);
      const decoded = decodeLeaf(log.read(leaf));
      assert.ok(decoded.kind === 'statement', `Leaf ${leaf} is no statement.`);
      assert.equal(
        toHex(parseStatement(decoded.statement).id),
        id,
        `Leaf ${leaf} is not what ${subject} was promised.`,
      );
      if (disclosure)
        assert.equal(
          toHex(bodies.read(leaf) ?? new Uint8Array()),
          toHex(disclosure),
          `The body of leaf ${leaf}, acknowledged to ${subject}, is not there.`,
        );
    }
}

interface Decided {
  readonly leaf: number;
  readonly decision: Decision;
}

export interface Found {
  /** Decisions by verdict and outcome. */
  readonly decisions: Readonly<Record<string, number>>;
  readonly paid: number;
}

/** At the end, when nothing has gone wrong for a while. */
export async function checkEnd(node: Node, machine: Machine, witnessed: Witnessed): Promise<Found> {
  await checkPromises(node, witnessed);
  assert.deepEqual(
    witnessed.devices.flatMap(({ refused }) => refused),
    [],
    'Statements of honest devices are refused.',
  );
  const decided = decisionsOf(node);
  checkDecisions(node, decided, machine);
  const paid = await checkPayments(node, decided, witnessed.quietSize);
  await checkFiles(node, machine);
  const problem = node.settler.problem;
  assert.equal(problem, undefined, 'The settler is in trouble though all is well.');
  assert.deepEqual([...node.decisions.problems.values()], [], 'Deciding is in trouble though all is well.');
  const decisions: Record<string, number> = {};
  for (const { decision } of decided) {
    const name = `${decision.obligation.base ? 'correction ' : ''}${decision.verdict}/${decision.outcome}`;
    decisions[name] = (decisions[name] ?? 0) + 1;
  }
  return { decisions, paid };
}

function decisionsOf({ log }: Node): Decided[] {
  const found: Decided[] = [];
  for (let leaf = 0; leaf < log.durableSize; leaf++) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind !== 'statement') continue;
    const { header, payload } = parseStatement(decoded.statement);
    if (header.kind === 'decision') found.push({ leaf, decision: decisionPayload.decode(payload) });
  }
  return found;
}

/** How long after it is due a window is decided at the latest. */
const DECIDED_WITHIN_MS = 10_000;

/** A pack in the log, and the times it speaks of. */
interface Spoken {
  readonly leaf: number;
  readonly subject: string;
  readonly timesMs: readonly number[];
}

function packsOf({ log, bodies }: Node): Spoken[] {
  const found: Spoken[] = [];
  for (let leaf = 0; leaf < log.durableSize; leaf++) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind !== 'statement') continue;
    const statement = parseStatement(decoded.statement);
    const { kind, subject, contentType, clock } = statement.header;
    if (kind !== 'pack') continue;
    const readings = decodePack(openBody(statement, bodies.read(leaf)), contentType, subject, clock);
    found.push({ leaf, subject, timesMs: readings.map(({ timeMs }) => timeMs) });
  }
  return found;
}

function checkDecisions(node: Node, decided: readonly Decided[], machine: Machine): void {
  const packs = packsOf(node);
  const { windowMs, graceMs } = machine.practice;
  const seen = new Set<string>();
  for (const { leaf, decision } of decided) {
    const name = `${toHex(decision.policy)} ${toHex(obligationId(decision.obligation))}`;
    assert.ok(!seen.has(name), `Leaf ${leaf} decides an obligation again.`);
    seen.add(name);
    const { obligation, verdict, outcome, facts } = decision;
    const { fromMs, toMs } = obligation;
    const cut = decision.cuts[0]?.index as number;
    assert.ok(cut <= leaf, `Leaf ${leaf} decides on what came after it.`);
    const about = node.policies.get(toHex(decision.policy))?.policy.subject as string;
    const spoke = packs.filter(
      (pack) => pack.leaf < cut && pack.subject === about && pack.timesMs.some((ms) => ms >= fromMs && ms < toMs),
    ).length;
    const least = (facts as { statementsMin: number }).statementsMin;
    if (verdict === 'met') assert.ok(spoke >= least, `Leaf ${leaf}: met with ${spoke} packs: silence is no uptime.`);
    if (outcome === 'pay')
      assert.ok(spoke < least || facts.anomalous !== 0, `Leaf ${leaf}: breached with ${spoke} packs.`);
  }
  const { policy } = node.policies.agreements()[0] as { policy: Agreement };
  const { startMs } = policy.period;
  const until = machine.nowMs - DECIDED_WITHIN_MS - windowMs - graceMs;
  const spokenOf = packs.filter(({ subject }) => subject === policy.subject || subject === node.subject);
  const windows = new Set(spokenOf.flatMap(({ timesMs }) => timesMs).map((ms) => ms - (ms % windowMs)));
  for (const fromMs of windows) {
    if (fromMs < startMs || fromMs > until) continue;
    const isDecided = decided.some(({ decision: { obligation } }) => !obligation.base && obligation.fromMs === fromMs);
    assert.ok(isDecided, `The window of ${new Date(fromMs).toISOString()} is not decided: ${summaryOf(decided)}`);
  }
}

function summaryOf(decided: readonly Decided[]): string {
  return decided
    .map(
      ({ leaf, decision: { obligation, verdict, outcome } }) =>
        `${new Date(obligation.fromMs).toISOString().slice(11, 19)} ${verdict}/${outcome} at ${leaf}`,
    )
    .join(', ');
}

/** Every decision that pays is paid, once, as it says; the books of the chain add up. */
async function checkPayments(node: Node, decided: readonly Decided[], quietSize: number): Promise<number> {
  const { chain, contracts, keys } = node.genesis;
  const filter = { address: contracts.direct, fromBlock: '0x0', toBlock: 'latest', topics: [SETTLED_TOPIC] };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as EvmLog[];
  const settled = logs.map((log) => decodeSettled(log) as NonNullable<ReturnType<typeof decodeSettled>>);
  const names = settled.map(({ agreement, obligation }) => `${agreement} ${obligation}`);
  assert.equal(new Set(names).size, names.length, 'An obligation was paid twice.');
  const due = decided.filter(({ decision: { outcome } }) => outcome === 'pay');
  const byDecision = new Map(settled.map((event) => [event.decision, event]));
  for (const { leaf, decision } of due) {
    const event = byDecision.get(hexOf(decisionId(decision)));
    if (event === undefined && leaf >= quietSize) continue;
    assert.ok(event, `What leaf ${leaf} orders is not paid.`);
    assert.equal(event.obligation, hexOf(obligationId(decision.obligation)));
  }
  const ordered = new Set(due.map(({ decision }) => hexOf(decisionId(decision))));
  assert.deepEqual(
    settled.filter(({ decision }) => !ordered.has(decision)),
    [],
    'Something was paid that no decision orders.',
  );
  const client = publicClient(chain);
  const token = { address: contracts.token, abi: fiatTokenAbi } as const;
  const balance = (owner: Hex) => client.readContract({ ...token, functionName: 'balanceOf', args: [owner] });
  const accounts = [keys.account, keys.issuer, keys.recipient, keys.arbiter].map(addressOfPrivateKey);
  const balances = await Promise.all([...accounts, contracts.accounts].map(balance));
  assert.equal(
    await client.readContract({ ...token, functionName: 'totalSupply' }),
    balances.reduce((sum, one) => sum + one, 0n),
    'Money came from nowhere, or is gone.',
  );
  const amounts = new Map(due.map(({ decision }) => [hexOf(decisionId(decision)), amountOf(decision)]));
  const paid = settled.reduce((sum, { decision }) => sum + BigInt(amounts.get(decision) ?? 0), 0n);
  const free = await Promise.all(accounts.map((account) => readBalance(chain, contracts, account)));
  assert.equal(free[2], paid, 'The recipient has what was paid.');
  let held = 0n;
  for (const { id } of node.policies.agreements())
    held += (await readLimits(chain, contracts, hexOf(id), accounts[0] as Hex)).locked;
  assert.equal(
    balances[4],
    free.reduce((sum, one) => sum + one, held),
    'The contract holds what is free and what is locked.',
  );
  const last = due.findLast(({ decision }) => byDecision.has(hexOf(decisionId(decision))));
  if (last) {
    const evidence = await node.evidence(decisionId(last.decision));
    const report = await verifyEvidence(evidence, { network: node.genesis.network, replay: replayWith(node.domains) });
    assert.equal(report.verdict, 'trusted', JSON.stringify(report.steps.filter(({ status }) => status !== 'ok')));
  }
  return settled.length;
}

/**
 * What the node knows is what follows from its log, read again from the files on its disk, with real threads and tables. And
 * the public files are right, looked at by what shares no code with their writer.
 */
async function checkFiles(node: Node, machine: Machine): Promise<void> {
  await node.log.publish();
  await node.ingest.atRest(async () => {
    await node.runner.flush();
    // Nothing else happens meanwhile: time stands still.
    await machine.standStill(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'trine-seeded-'));
      try {
        machine.disk.copyTo(folder);
        await checkProjections(node, machine, join(folder, 'node'));
        const report = await fsck(join(folder, 'node', 'log', 'public'), node.log.vkey);
        assert.deepEqual(report.problems, [], 'The public files are damaged.');
        assert.equal(report.size, node.log.checkpoint.size);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

async function checkProjections(node: Node, machine: Machine, home: string): Promise<void> {
  const { keys, network, contracts, origin } = node.genesis;
  const log = await openLog({
    directory: join(home, 'log'),
    origin,
    sign: keys.log.sign,
    publicKey: keys.log.publicKey.raw,
    checkpointIntervalMs: Number.POSITIVE_INFINITY,
  });
  assert.equal(log.size, node.log.size);
  const bodies = new Bodies(join(home, 'bodies'));
  const store = await openStore(join(home, 'views.duckdb'));
  const again = await openProjections({
    network,
    log,
    bodies,
    store,
    domains: node.domains,
    decider: didKey(keys.member.publicKey),
    agreementId: (agreement) => agreementId(agreement, contracts),
    timers: systemTimers,
    workers: threads(1),
    onError: (error) => {
      throw error;
    },
  });
  await again.runner.flush();
  assert.deepEqual(memoryOf(again), memoryOf(node), 'Memory is not what follows from the log.');
  for (const [, table] of schema.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)) {
    if (table === 'snapshots') continue;
    const rows = `SELECT * FROM ${table} ORDER BY ALL`;
    const [live, read] = [linesOf(await machine.rows(rows)), linesOf(await store.query(rows))];
    const differing = live.findIndex((line, i) => line !== read[i]);
    if (differing >= 0 || live.length !== read.length)
      throw new Error(`The table ${table} is not what follows: ${live[differing]} instead of ${read[differing]}.`);
  }
  await again.close();
  await store.close();
  await bodies.close();
  await log.close();
}

/** Each row as text. */
function linesOf(rows: readonly Row[]): string[] {
  return rows.map((row) =>
    JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)),
  );
}

type Memory = Pick<Projections, 'keyDirectory' | 'sequences' | 'policies' | 'models'>;

function memoryOf({ keyDirectory, sequences, policies, models }: Memory): unknown {
  return [keyDirectory, sequences, policies, models].map((projection) => projection.snapshot());
}
