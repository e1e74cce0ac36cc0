// Corrections: what came too late, and may still change what was decided, is decided on; each continues the one before.
import assert from 'node:assert/strict';
import type { Node } from '@trine/node/node.ts';
import { type Agreement, type Decision, decisionId, type Obligation, obligationId, toHex } from '@trine/protocol';
import type { Decided } from './decided.ts';
import type { Spoken } from './packs.ts';

interface Read {
  readonly packs: readonly Spoken[];
  /** When each leaf arrived. */
  readonly arrivals: readonly number[];
  /** Of the log when nothing had gone wrong for a moment. */
  readonly size: number;
  /** When that was, by the clock of the node: the log's arrivals may be ahead of it, after it was. */
  readonly atMs: number;
}

const isOf = ({ obligation }: Decision, base: string) => toHex(obligation.base ?? obligationId(obligation)) === base;

/** Under every agreement that late readings may correct. */
export function checkCorrections({ policies }: Node, decided: readonly Decided[], read: Read): void {
  for (const { hash, policy } of policies.agreements()) {
    const own = decided.filter(({ decision }) => toHex(decision.policy) === hash);
    for (const { decision } of own)
      if (decision.obligation.base === undefined) checkChain(policy, own, decision.obligation, read);
  }
}

/** Whose packs count. */
function aboutOf({ subject, terms }: Agreement): ReadonlySet<string> {
  const { customers = [] } = terms as { customers?: readonly { readonly meters: readonly string[] }[] };
  return new Set([subject, ...customers.flatMap(({ meters }) => meters)]);
}

const hexOr = (id: Uint8Array | undefined) => id && toHex(id);

function checkChain(
  policy: Agreement,
  own: readonly Decided[],
  base: Obligation,
  { packs, arrivals, size, atMs }: Read,
): void {
  const id = toHex(obligationId(base));
  const all = own.filter(({ decision }) => isOf(decision, id));
  for (const [i, { leaf, decision }] of all.entries()) {
    const before = all[i - 1]?.decision;
    assert.equal(decision.obligation.revision ?? 0, i, `Leaf ${leaf} is another correction than the next.`);
    assert.equal(
      hexOr(decision.supersedes),
      before && toHex(decisionId(before)),
      `Leaf ${leaf} corrects another decision.`,
    );
    if (before) assert.ok(policy.correctableMs, `Leaf ${leaf} corrects what nothing may correct.`);
  }
  const { correctableMs } = policy;
  if (correctableMs === undefined) return;
  const { graceMs } = policy.terms as { graceMs: number };
  const cut = all.at(-1)?.decision.cuts[0]?.index as number;
  const { fromMs, toMs } = base;
  const about = aboutOf(policy);
  const late = packs.find(
    ({ leaf, subject, timesMs, replacedMs }) =>
      leaf >= cut &&
      about.has(subject) &&
      (arrivals[leaf] as number) < toMs + correctableMs &&
      [...timesMs, ...replacedMs].some((ms) => ms >= fromMs && ms < toMs),
  );
  if (late === undefined) return;
  const dueMs = (arrivals[late.leaf] as number) + graceMs + 1;
  assert.ok(
    Math.min(arrivals[size - 1] as number, atMs) < dueMs,
    `What came at leaf ${late.leaf} about ${new Date(fromMs).toISOString()} corrects nothing: it was due with leaf ${arrivals.findIndex((ms) => ms >= dueMs)} of ${size}.`,
  );
}
