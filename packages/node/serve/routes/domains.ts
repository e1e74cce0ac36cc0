// Domains: what is installed, in words that a console can draw, and the questions each answers.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { InstalledDomain, Manifest, Route, RouteDecision, RouteRow, TermsSchema } from '@trine/engine';
import { currencyOf, fromHex, type ModelIdentity, TrineError, toHex } from '@trine/protocol';
import { decisionAt } from '../../decide/states.ts';
import type { Node } from '../../node.ts';
import { hex32, modelIdentitySchema, text } from '../schema.ts';
import { get } from './route.ts';

const word = z.object({ label: z.string(), tone: z.enum(['ok', 'info', 'warn', 'bad', 'quiet']) });
const property = z.object({
  title: z.string(),
  unit: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

const domainSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    title: z.string(),
    about: z.string(),
    things: z.record(z.string(), z.object({ title: z.string(), properties: z.record(z.string(), property) })),
    roles: z.array(z.string()),
    reads: z.array(z.enum(['pack', 'event'])),
    verdicts: z.record(z.string(), word),
    alerts: z.record(z.string(), word),
    panels: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        kind: z.enum(['facts', 'readings', 'rows']),
        of: z.array(z.string()),
        unit: z.string().optional(),
      }),
    ),
    routes: z.array(z.object({ path: z.string(), summary: z.string(), asks: z.record(z.string(), z.string()) })),
    terms: z
      .custom<TermsSchema>((given) => typeof given === 'object')
      .openapi({ type: 'object', description: 'JSON Schema (2020-12) of the terms.' }),
    model: modelIdentitySchema,
  })
  .openapi('Domain', {
    description: 'What is installed: its manifest, the form of its terms, the model that decides.',
  });
/** A manifest as JSON, with the form of the terms and the model that decides here. */
export interface DomainView extends Omit<Manifest, 'routes'> {
  readonly routes: readonly {
    readonly path: string;
    readonly summary: string;
    readonly asks: Route['asks'] & object;
  }[];
  readonly terms: TermsSchema;
  readonly model: ModelIdentity;
}

export function domainRoutes(api: OpenAPIHono, node: Node): void {
  const { domains } = node;
  get(api, '/domains', { about: 'The domains installed here.', fields: {}, answer: z.array(domainSchema) }, () =>
    domains.all().map(describe),
  );
  get(
    api,
    '/domains/:name/:path',
    {
      about: 'A question that a domain answers from its decisions under a policy.',
      fields: { name: text(40), path: text(60), policy: hex32 },
      answer: z.unknown().openapi({ description: 'As the domain says.' }),
      isOpen: true,
    },
    ({ name, path, policy }, c) => {
      const { policy: _, ...asked } = c.req.query();
      return ask(node, { name, path, hash: policy, asked });
    },
  );
}

function describe({ domain: { manifest, terms }, identity }: InstalledDomain): DomainView {
  const routes = manifest.routes.map(({ path, summary, asks = {} }) => ({ path, summary, asks }));
  return { ...manifest, routes, terms: terms.schema, model: identity };
}

const DECISIONS_MAX = 100_000;
const ROWS_MAX = 1_000_000;

interface Question {
  readonly name: string;
  readonly path: string;
  /** Of the policy, or id of the agreement. */
  readonly hash: string;
  readonly asked: Readonly<Record<string, string>>;
}

async function ask({ domains, policies, store, log }: Node, { name, path, hash, asked }: Question): Promise<unknown> {
  const route = domains.has(name)
    ? domains.get(name).domain.manifest.routes.find((one) => one.path === path)
    : undefined;
  const logged = policies.find(hash);
  if (route === undefined) throw new TrineError('not-found', `The domain ${name} answers no ${path} here.`);
  if (logged === undefined || logged.policy.domain !== name)
    throw new TrineError('not-found', `No policy of the domain ${name} has this hash.`);
  const unknown = Object.keys(asked).find((one) => !Object.hasOwn(route.asks ?? {}, one));
  if (unknown !== undefined)
    throw new TrineError(
      'invalid',
      `${unknown}: ${name}/${path} asks for ${Object.keys(route.asks ?? {}).join(', ') || 'nothing'}.`,
    );
  const { policy } = logged;
  const decisions = await decisionsUnder({ store, log }, logged.hash);
  return route.answer(decisions, { terms: policy.terms, currency: currencyOf(policy) }, asked);
}

/**
 * Oldest first, what was replaced or corrected left out, with the lines of all parties: whoever has the token is the operator.
 * @throws TrineError where there are more than a question may look at: an answer from a part would look like the whole
 */
async function decisionsUnder({ store, log }: Pick<Node, 'store' | 'log'>, policy: string): Promise<RouteDecision[]> {
  const decided = await store.query(
    `SELECT leaf, decision, obligation, base, trigger_name, from_ms, to_ms, verdict, facts, entries, outcome FROM decisions d
     WHERE policy = $1 AND NOT EXISTS (SELECT 1 FROM decisions s WHERE s.supersedes = d.decision)
     ORDER BY from_ms, leaf LIMIT ${DECISIONS_MAX + 1}`,
    [fromHex(policy)],
  );
  if (decided.length > DECISIONS_MAX)
    throw new TrineError('too-large', `More than ${DECISIONS_MAX} decisions: ask the store itself.`);
  const rows = await rowsUnder(store, policy);
  return decided.map((row) => {
    const { about } = decisionAt(log, row.leaf as number).obligation;
    return {
      id: toHex(row.decision as Uint8Array),
      fromMs: row.from_ms as number,
      toMs: row.to_ms as number,
      ...decidedPart(row),
      trigger: row.trigger_name as string,
      about: about && toHex(about),
      base: row.base ? toHex(row.base as Uint8Array) : undefined,
      rows: rows.get(toHex(row.obligation as Uint8Array)) ?? [],
    };
  });
}

async function rowsUnder(store: Node['store'], policy: string): Promise<Map<string, RouteRow[]>> {
  const all = await store.query(
    `SELECT obligation, key, verdict, facts, entries, outcome FROM rows WHERE policy = $1 ORDER BY leaf LIMIT ${ROWS_MAX + 1}`,
    [fromHex(policy)],
  );
  if (all.length > ROWS_MAX) throw new TrineError('too-large', `More than ${ROWS_MAX} lines: ask the store itself.`);
  const byObligation = new Map<string, RouteRow[]>();
  for (const row of all) {
    const obligation = toHex(row.obligation as Uint8Array);
    const line = { key: row.key as string, ...decidedPart(row) };
    byObligation.set(obligation, [...(byObligation.get(obligation) ?? []), line]);
  }
  return byObligation;
}

function decidedPart(row: Record<string, unknown>): Pick<RouteRow, 'verdict' | 'facts' | 'entries' | 'outcome'> {
  return {
    verdict: row.verdict as string,
    facts: JSON.parse(row.facts as string) as RouteRow['facts'],
    entries: JSON.parse(row.entries as string) as RouteRow['entries'],
    outcome: row.outcome as string,
  };
}
