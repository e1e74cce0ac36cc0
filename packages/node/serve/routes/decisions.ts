// Decisions: what was decided, why, and what people say of it.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { decisionPayload, decodeLeaf, fromHex, parseStatement, TrineError } from '@trine/protocol';
import { decisionLeaf, explainDecision } from '../../decide/explain.ts';
import type { Node } from '../../node.ts';
import type { LoggedRelease } from '../../projections/policies.ts';
import { after, hex32, type Immutable, idOrPrefix, limit, minorUnits, text, timeMs } from '../schema.ts';
import {
  byHand,
  decisionFilter,
  decisionPageSchema,
  decisionSchema,
  type RowView,
  rowPageSchema,
} from '../views/decisions.ts';
import { idBytesOf, idOf } from './ids.ts';
import { get, post } from './route.ts';

const assessment = z.enum(['right', 'wrong', 'corrected']);

const detailSchema = decisionSchema
  .extend({
    revision: z.int().optional().openapi({ description: 'The how-manieth correction it is.' }),
    statesBefore: z.int().openapi({ description: 'How many states there were before' }),
    statesAfter: z.int().openapi({ description: 'and after.' }),
    byHand: byHand.optional(),
    owners: z.int().openapi({ description: 'Owners behind what was looked at.' }),
    class: z.string().openapi({ description: 'The lowest class behind it.' }),
    chain: z
      .array(decisionSchema)
      .openapi({ description: 'All that was decided on its obligation, corrections included, oldest first.' }),
  })
  .openapi('DecisionDetail');
/** A decision with what only its statement says. */
export type DecisionDetail = Immutable<z.infer<typeof detailSchema>>;

const labelSchema = z
  .object({
    leaf: z.int(),
    arrivalMs: timeMs,
    assessment,
    verdict: z.string().optional().openapi({ description: 'What it should have been, where corrected.' }),
    row: z.string().optional().openapi({ description: 'Key of the row spoken of; absent: the decision itself.' }),
    by: z.string(),
    note: z.string(),
  })
  .openapi('Label');
export type LabelView = Immutable<z.infer<typeof labelSchema>>;

const share = z.number().openapi({ description: '0 to 1.' });
const expected = z.array(z.number().nullable());
const explanationSchema = z
  .object({
    words: z.array(z.string()).openapi({ description: 'Sentences, the weightiest first.' }),
    series: z.array(
      z.object({
        quantity: z.string(),
        unit: z.string(),
        share,
        timeMs: z.array(timeMs),
        value: z.array(z.number()),
        expected,
        low: expected,
        high: expected,
        score: z.array(share),
      }),
    ),
    replayed: z.boolean().openapi({ description: 'True: computed again just now, with the same bits.' }),
    similar: z.array(
      z.object({
        id: hex32,
        fromMs: timeMs,
        verdict: z.string(),
        outcome: z.string(),
        amount: minorUnits,
        reason: z.string(),
        distance: z.number().openapi({ description: '0 is the same in everything measured.' }),
        labels: z.array(z.object({ assessment, by: z.string(), note: z.string(), verdict: z.string().nullable() })),
      }),
    ),
  })
  .openapi('Explanation');

const label = {
  assessment: assessment,
  verdict: text(40).optional(),
  row: text(128).optional(),
  by: text(100),
  note: z.string().max(500).default(''),
};

export function decisionRoutes(api: OpenAPIHono, node: Node): void {
  const { views, policies, decisions, store } = node;
  const fields = { id: idOrPrefix };
  get(
    api,
    '/decisions',
    { about: 'Decisions, with counts over the whole filter.', fields: decisionFilter, answer: decisionPageSchema },
    (given) => views.decisions(given),
  );
  get(api, '/decisions/:id', { about: 'A decision.', fields, answer: detailSchema }, async ({ id }) =>
    detailOf(node, await idBytesOf(node, id, 'decision')),
  );
  get(
    api,
    '/decisions/:id/rows',
    { about: 'Its lines of single parties, by key.', fields: { ...fields, limit, after }, answer: rowPageSchema },
    async ({ id, ...page }) => {
      const found = await views.decision(await idBytesOf(node, id, 'decision'));
      if (found === undefined) return undefined;
      const { items, ...rest } = await views.rowsOf(found, page);
      return { ...rest, items: await withWords(node, found, items) };
    },
  );
  get(
    api,
    '/decisions/:id/explanation',
    { about: 'Why: computed again just now.', fields, answer: explanationSchema },
    async ({ id }) => {
      const leaf = await decisionLeaf(store, await idOf(node, id, 'decision'));
      return explainDecision({ ...decisions.sources, policies }, leaf);
    },
  );
  labelRoutes(api, node);
}

function labelRoutes(api: OpenAPIHono, node: Node): void {
  const { models, decisions, views } = node;
  const fields = { id: idOrPrefix };
  get(
    api,
    '/decisions/:id/labels',
    { about: 'What people said of it, oldest first.', fields, answer: z.array(labelSchema) },
    async ({ id: given }) => {
      const id = await idOf(node, given, 'decision');
      return (await views.decision(fromHex(id))) && models.labelsOf(id).map(labelView);
    },
  );
  const answer = z.object({ labelled: hex32 });
  post(
    api,
    '/decisions/:id/label',
    { about: 'Says what to think of it.', params: fields, body: label, answer },
    async ({ id: given, verdict, row, ...said }) => {
      const id = await idOf(node, given, 'decision');
      await checkVerdict(node, id, verdict);
      await decisions.label(id, { ...said, ...(verdict && { verdict }), ...(row && { row }) });
      return { labelled: id };
    },
  );
}

function labelView({ index, arrivalMs, label: said }: ReturnType<Node['models']['labelsOf']>[number]): LabelView {
  return {
    leaf: index,
    arrivalMs,
    assessment: said.assessment,
    verdict: said.verdict,
    row: said.row,
    by: said.by,
    note: said.note,
  };
}

/** Lines with what was said by hand of those that the gate held. */
async function withWords(
  { settler, policies }: Node,
  { id, policy }: Pick<DecisionDetail, 'id' | 'policy'>,
  rows: readonly RowView[],
): Promise<RowView[]> {
  if (rows.every(({ outcome }) => outcome !== 'hold')) return [...rows];
  const said = await settler.held.saidOf(fromHex(id));
  return rows.map((row) => {
    const word = row.outcome === 'hold' && said.has(row.key) ? policies.wordOn(policy, id, row.key) : undefined;
    return word ? { ...row, byHand: wordOf(word) } : row;
  });
}

function wordOf({ ruling, reason, by }: LoggedRelease): NonNullable<DecisionDetail['byHand']> {
  return { ruling, reason, by };
}

async function detailOf({ views, log, policies }: Node, id: Uint8Array): Promise<DecisionDetail | undefined> {
  const found = await views.decision(id);
  if (found === undefined) return undefined;
  const leaf = decodeLeaf(log.read(found.leaf));
  if (leaf.kind !== 'statement') throw new TrineError('damaged', `Leaf ${found.leaf} holds no decision.`);
  const { obligation, statesBefore, statesAfter, gate } = decisionPayload.decode(
    parseStatement(leaf.statement).payload,
  );
  const said = policies.release(found.policy, found.id);
  return {
    ...found,
    ...(said && { byHand: wordOf(said) }),
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
