// Decisions: what was decided, why, and what people say of it.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { decisionPayload, decodeLeaf, fromHex, parseStatement, TrineError } from '@trine/protocol';
import { decisionLeaf, explainDecision } from '../../decide/explain.ts';
import type { Node } from '../../node.ts';
import type { DecisionView } from '../views.ts';
import { get, hex32, idIn, limit, post, subject, text } from './route.ts';

/** A decision with what only its statement says. */
export interface DecisionDetail extends DecisionView {
  /** The how-manieth correction it is. */
  readonly revision: number | undefined;
  /** How many states there were before and after. */
  readonly statesBefore: number;
  readonly statesAfter: number;
  /** Owners and the lowest class behind what was looked at. */
  readonly owners: number;
  readonly class: string;
  /** All that was decided on its obligation, corrections included, oldest first. */
  readonly chain: readonly DecisionView[];
}

export interface LabelView {
  readonly leaf: number;
  readonly arrivalMs: number;
  readonly assessment: 'right' | 'wrong' | 'corrected';
  /** What it should have been, where corrected. */
  readonly verdict: string | undefined;
  /** Key of the row spoken of; undefined: the decision itself. */
  readonly row: string | undefined;
  readonly by: string;
  readonly note: string;
}

const label = {
  assessment: z.enum(['right', 'wrong', 'corrected']),
  verdict: text(40).optional(),
  row: text(128).optional(),
  by: text(100),
  note: z.string().max(500).default(''),
};

export function decisionRoutes(api: OpenAPIHono, node: Node): void {
  const { views, models, policies, decisions, store } = node;
  const filter = { limit, subject: subject.optional(), policy: hex32.optional() };
  get(api, '/decisions', 'Decisions, newest first.', filter, (given) => views.decisions(given.limit, given));
  get(api, '/decisions/:id', 'A decision.', { id: hex32 }, ({ id }) => detailOf(node, id));
  get(api, '/decisions/:id/rows', 'Its lines of single parties.', { id: hex32, limit }, async (given) => {
    const found = await views.decision(fromHex(given.id));
    return found && views.rowsOf(found, given.limit);
  });
  get(api, '/decisions/:id/explanation', 'Why: computed again just now.', { id: hex32 }, async ({ id }) => {
    const leaf = await decisionLeaf(store, id);
    return explainDecision({ ...decisions.sources, policies }, leaf);
  });
  get(api, '/decisions/:id/labels', 'What people said of it, oldest first.', { id: hex32 }, ({ id }): LabelView[] =>
    models.labelsOf(id).map(({ index, arrivalMs, label: { assessment, verdict, row, by, note } }) => ({
      leaf: index,
      arrivalMs,
      assessment,
      verdict,
      row,
      by,
      note,
    })),
  );
  post(api, '/decisions/:id/label', 'Says what to think of it.', label, async ({ verdict, row, ...said }, c) => {
    await checkVerdict(node, idIn(c), verdict);
    await decisions.label(idIn(c), { ...said, ...(verdict && { verdict }), ...(row && { row }) });
    return { labelled: idIn(c) };
  });
}

async function detailOf({ views, log }: Node, id: string): Promise<DecisionDetail | undefined> {
  const found = await views.decision(fromHex(id));
  if (found === undefined) return undefined;
  const leaf = decodeLeaf(log.read(found.leaf));
  if (leaf.kind !== 'statement') throw new TrineError('damaged', `Leaf ${found.leaf} holds no decision.`);
  const { obligation, statesBefore, statesAfter, gate } = decisionPayload.decode(
    parseStatement(leaf.statement).payload,
  );
  return {
    ...found,
    revision: obligation.revision,
    statesBefore: statesBefore.count,
    statesAfter: statesAfter.count,
    owners: gate.owners,
    class: gate.class,
    chain: await views.chainOf(found),
  };
}

/** A word that the domain does not know would teach it nothing. @throws TrineError */
async function checkVerdict({ views, domains }: Node, id: string, verdict: string | undefined): Promise<void> {
  const decided = await views.decision(fromHex(id));
  if (decided === undefined) throw new TrineError('not-found', 'Nothing was decided under this id.');
  if (verdict === undefined || !domains.has(decided.domain)) return;
  const { verdicts } = domains.get(decided.domain).domain.manifest;
  if (!Object.hasOwn(verdicts, verdict))
    throw new TrineError('invalid', `verdict: one of ${Object.keys(verdicts).join(', ')}.`);
}
