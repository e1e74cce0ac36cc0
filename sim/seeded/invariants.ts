// What must hold whatever happened: checked whenever the node has started, and at the end.
import assert from 'node:assert/strict';
import type { MemoryChain } from '@trine/ledger/testing/memory-chain.ts';
import type { Node } from '@trine/node/node.ts';
import { type Agreement, type Decision, decodeLeaf, obligationId, parseStatement, toHex } from '@trine/protocol';
import { type Bills, checkBills, checkShown } from './bills.ts';
import { checkCorrections } from './corrections.ts';
import { type Decided, decisionsOf } from './decided.ts';
import type { Device } from './device.ts';
import { checkFiles } from './files.ts';
import type { Machine } from './machine.ts';
import { packsOf, type Spoken, spokeOf } from './packs.ts';
import { checkPayments } from './payments.ts';
import type { SecondDecider } from './second.ts';

/** What others saw and will hold against the node. */
export interface Witnessed {
  /** Signed trees: root by size. */
  readonly checkpoints: Map<number, string>;
  readonly devices: Device[];
  /** What was asked for to be booked, by its id, hex: when it was to begin at the latest. */
  readonly bookings: Map<string, number>;
  /** Size of the log when nothing had gone wrong for a moment, half a minute before the end: what was decided is paid. */
  quietSize: number;
  /** When that was. */
  quietMs: number;
  /** Digests, hex, of payments that the arbiter was asked to drop. */
  readonly drops: Set<string>;
  /** Beside the node, where there is one. */
  second: SecondDecider | undefined;
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

export interface Found {
  /** Decisions by verdict and outcome. */
  readonly decisions: Readonly<Record<string, number>>;
  readonly paid: number;
  /** In which bills are netted. */
  readonly batches: number;
}

/** At the end, when nothing has gone wrong for a while. */
export async function checkEnd(
  node: Node,
  machine: Machine,
  witnessed: Witnessed,
  isThorough: boolean,
): Promise<Found> {
  await checkPromises(node, witnessed);
  assert.deepEqual(
    witnessed.devices.flatMap(({ refused }) => refused),
    [],
    'Statements of honest devices are refused.',
  );
  const decided = decisionsOf(node);
  checkDecisions(node, decided, machine, witnessed.quietMs);
  checkBookings(node, decided, witnessed);
  const { quietSize: size, quietMs: atMs } = witnessed;
  checkCorrections(node, decided, { packs: packsOf(node), arrivals: arrivalsOf(node), size, atMs });
  const paid = await checkPayments(node, machine.chain as MemoryChain, decided, {
    ...witnessed,
    standStill: (work) => machine.standStill(work),
  });
  let bills: Bills = { batches: 0, shown: [] };
  await machine.standStill(async () => {
    bills = await checkBills(node, machine.chain as MemoryChain, witnessed);
  });
  await checkShown(node, bills.shown);
  await checkFiles(node, machine, isThorough);
  const problem = node.settler.problem;
  assert.equal(problem, undefined, 'The settler is in trouble though all is well.');
  assert.deepEqual([...node.decisions.problems.values()], [], 'Deciding is in trouble though all is well.');
  const decisions: Record<string, number> = {};
  for (const { decision } of decided) {
    const name = `${decision.obligation.base ? 'correction ' : ''}${decision.verdict}/${decision.outcome}`;
    decisions[name] = (decisions[name] ?? 0) + 1;
  }
  return { decisions, paid, batches: bills.batches };
}

function checkDecisions(node: Node, decided: readonly Decided[], machine: Machine, quietMs: number): void {
  const packs = packsOf(node);
  const { graceMs } = machine.practice;
  const arrivals = arrivalsOf(node);
  const seen = new Set<string>();
  for (const { leaf, decision } of decided) {
    const name = `${toHex(decision.policy)} ${toHex(obligationId(decision.obligation))}`;
    assert.ok(!seen.has(name), `Leaf ${leaf} decides an obligation again.`);
    seen.add(name);
    const { obligation, verdict, facts } = decision;
    const { fromMs, toMs } = obligation;
    const cut = decision.cuts[0]?.index as number;
    const atMs = decision.cuts[0]?.atMs as number;
    assert.ok(cut <= leaf, `Leaf ${leaf} decides on what came after it.`);
    assert.ok((arrivals[cut] as number) >= atMs, `Leaf ${leaf} is decided before it was due.`);
    assert.ok(cut === 0 || (arrivals[cut - 1] as number) < atMs, `Leaf ${leaf} looks at what came too late for it.`);
    if (!isWindow(node, decision)) continue;
    assert.ok(atMs >= toMs + graceMs, `Leaf ${leaf} is decided before its window and the grace are over.`);
    const about = node.policies.get(toHex(decision.policy))?.policy.subject as string;
    const spoke = spokeOf(packs, { subject: about, cut, fromMs, toMs });
    const least = (facts as { statementsMin: number }).statementsMin;
    if (verdict === 'met') assert.ok(spoke >= least, `Leaf ${leaf}: met with ${spoke} packs: silence is no uptime.`);
    // A correction pays back as well.
    if (verdict === 'breached')
      assert.ok(spoke < least || facts.anomalous !== 0, `Leaf ${leaf}: breached with ${spoke} packs.`);
  }
  for (const logged of node.policies.agreements())
    checkWhole(
      node,
      logged,
      packs,
      decided.filter(({ decision }) => toHex(decision.policy) === logged.hash),
      quietMs - graceMs,
    );
}

/** Is it of a window, under an agreement about the level of a service? */
function isWindow(node: Node, { policy }: Decision): boolean {
  return node.policies.get(toHex(policy))?.policy.domain === 'service-level';
}

/** When each leaf arrived; of intents, which say nothing of that, the leaf before. */
function arrivalsOf({ log }: Node): number[] {
  const arrivals: number[] = [];
  for (let leaf = 0; leaf < log.durableSize; leaf++) {
    const decoded = decodeLeaf(log.read(leaf));
    arrivals.push(decoded.kind === 'statement' ? decoded.arrivalMs : (arrivals.at(-1) ?? 0));
  }
  return arrivals;
}

/** Every window in which anybody spoke is decided. @param untilMs those that end then or before: they were due when all was well */
function checkWhole(
  node: Node,
  { hash, policy, arrivalMs }: { readonly hash: string; readonly policy: Agreement; readonly arrivalMs: number },
  packs: readonly Spoken[],
  decided: readonly Decided[],
  untilMs: number,
): void {
  const { windowMs } = policy.terms as { windowMs?: number };
  // Not of windows: see bills.ts.
  if (windowMs === undefined) return;
  const { startMs } = policy.period;
  const spokenOf = packs.filter(({ subject }) => subject === policy.subject || subject === node.subject);
  const windows = new Set(spokenOf.flatMap(({ timesMs }) => timesMs).map((ms) => ms - (ms % windowMs)));
  const endMs = Math.min(policy.period.endMs, node.policies.endedFrom(hash) ?? Number.POSITIVE_INFINITY);
  for (const { leaf, decision } of decided)
    assert.ok(
      decision.obligation.fromMs < endMs,
      `Leaf ${leaf} decides what begins after the end of "${policy.title}".`,
    );
  // What lies before an agreement is due once it is there: under a clock that was ahead, for the log, that is later.
  if (arrivalMs > untilMs) return;
  for (const fromMs of windows) {
    if (fromMs < startMs || fromMs + windowMs > untilMs || fromMs >= endMs) continue;
    const isDecided = decided.some(({ decision: { obligation } }) => !obligation.base && obligation.fromMs === fromMs);
    assert.ok(
      isDecided,
      `"${policy.title}": the window of ${new Date(fromMs).toISOString()} is not decided: ${summaryOf(decided)}`,
    );
  }
}

/** What was asked for once bookings were looked at, and acknowledged in time, is decided. */
function checkBookings(node: Node, decided: readonly Decided[], witnessed: Witnessed): void {
  const { devices, bookings, quietSize, quietMs } = witnessed;
  const arrivals = arrivalsOf(node);
  const monitor = node.policies.all().find(({ policy }) => policy.domain === 'booking');
  // By the clock of the node, which may have been ahead.
  assert.ok(monitor, 'Bookings are not looked at, though all is well.');
  const { startMs } = monitor.policy.period;
  const about = new Set(
    decided.flatMap(({ decision: { obligation } }) => (obligation.about ? [toHex(obligation.about)] : [])),
  );
  // Under a clock that was ahead they are due once that time has come.
  if (monitor.arrivalMs > quietMs) return;
  // What arrived too late is no request.
  for (const { acknowledged } of devices)
    for (const { id, leaf } of acknowledged.values())
      if (leaf < quietSize && isAsked(bookings.get(id), arrivals[leaf] as number, startMs))
        assert.ok(about.has(id), `What was asked for at leaf ${leaf} is not decided.`);
}

function isAsked(latestStartMs: number | undefined, arrivalMs: number, startMs: number): boolean {
  // An event is of the time at which it arrived.
  return latestStartMs !== undefined && latestStartMs > arrivalMs && arrivalMs >= startMs;
}

function summaryOf(decided: readonly Decided[]): string {
  return decided
    .map(
      ({ leaf, decision: { obligation, verdict, outcome } }) =>
        `${new Date(obligation.fromMs).toISOString().slice(11, 19)} ${verdict}/${outcome} at ${leaf}`,
    )
    .join(', ');
}
