// HTTP for the life of models, for monitors, for what people say of decisions, and for why a decision is what it is.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, isSubject, type Parameters, TrineError } from '@trine/protocol';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { decisionLeaf, explainDecision } from '../../decide/explain.ts';
import { monitorOf } from '../../decide/monitor.ts';
import { describeModels, describeWatches } from '../../lifecycle/model-view.ts';
import type { Node } from '../../node.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'an id of 64 hex digits');
const text = (max: number) => z.string().min(1).max(max);

const card = z.strictObject({
  purpose: text(500),
  data: text(500),
  split: text(300),
  metric: text(200),
  result: text(300),
  limits: text(1_000),
  licence: text(100),
});

const bodies = {
  register: z.strictObject({
    domain: text(40),
    parameters: z.record(z.string(), z.json()).default({}),
    card,
  }),
  /** Id of an agreement; to learn, also the hash of a watch. */
  agreement: z.strictObject({ agreement: hex32 }),
  stand: z.strictObject({
    agreement: hex32,
    /** A party's own signature, made elsewhere; without it this node signs for the parties whose keys it keeps. */
    signed: z
      .strictObject({
        party: z.string().regex(/^0x[0-9a-f]{40}$/),
        signature: z.string().regex(/^0x[0-9a-f]{130}$/),
        atMs: z.number().int().min(0),
      })
      .optional(),
  }),
  rollback: z.strictObject({ agreement: hex32, by: text(100) }),
  label: z.strictObject({
    stand: z.enum(['approve', 'refuse', 'correct']),
    verdict: z.enum(['met', 'breached']).optional(),
    by: text(100),
    note: z.string().max(500).default(''),
  }),
  watch: z.strictObject({
    subject: z.string().refine(isSubject, 'a subject: 1 to 128 of A-Z a-z 0-9 : . _ ~ / -'),
    domain: text(40),
    title: text(200),
    windowMs: z.number().int().min(1_000),
    graceMs: z.number().int().min(0).default(3_000),
    /** Windows from here on are judged; those that are over at once. Default: from now on. */
    startMs: z.number().int().min(0).optional(),
    rule: z.record(z.string(), z.union([z.number().int(), z.string().max(200)])),
    plausibility: z.json().optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional(),
  }),
};

/** @throws TrineError `invalid` naming the field */
async function read<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new TrineError(
    'invalid',
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  );
}

function hashIn(c: Context): string {
  const id = hex32.safeParse(c.req.param('id'));
  if (!id.success) throw new TrineError('invalid', 'Ask with an id of 64 hex digits.');
  return id.data;
}

export function modelRoutes(app: OpenAPIHono, node: Node): void {
  const { decisions, domains } = node;
  const { life, policies, models, sources } = decisions;
  const agreementOf = (id: string) => {
    const found = policies.agreement(fromHex(id));
    if (found === undefined) throw new TrineError('not-found', 'No such agreement is known here.');
    return found;
  };
  const limit = bodyLimit({ maxSize: 65_536 });

  app.get('/api/models', async (c) => c.json(await describeModels(node)));
  app.post('/api/models', limit, async (c) => {
    const { domain, parameters, card: given } = await read(c, bodies.register);
    const hash = await life.register(domain, parameters as Parameters, given);
    return c.json({ model: hash });
  });
  app.post('/api/models/learn', limit, async (c) => {
    const { agreement } = await read(c, bodies.agreement);
    return c.json({ model: await decisions.learn(agreement) });
  });
  app.post('/api/models/rollback', limit, async (c) => {
    const { agreement, by } = await read(c, bodies.rollback);
    await life.rollback(agreementOf(agreement), by);
    return c.json({ rolledBack: agreement });
  });
  app.post('/api/models/:id/:stand{approve|refuse}', limit, async (c) => {
    const { agreement, signed } = await read(c, bodies.stand);
    const stand = c.req.param('stand') as 'approve' | 'refuse';
    const given = signed && { ...signed, signature: fromHex(signed.signature.slice(2)) };
    return c.json({ parties: await life.speak(agreementOf(agreement), hashIn(c), stand, given) });
  });
  app.post('/api/models/:id/shadow', limit, async (c) => {
    const { agreement } = await read(c, bodies.agreement);
    const { hash } = await life.shadow(agreementOf(agreement), hashIn(c));
    return c.json({ watch: hash });
  });

  app.get('/api/watches', async (c) => c.json(await describeWatches(node)));
  app.post('/api/watches', limit, async (c) => {
    const given = await read(c, bodies.watch);
    return c.json({ watch: await decisions.watch(monitorOf(node, given)) });
  });

  app.post('/api/decisions/:id/label', limit, async (c) => {
    const { verdict, ...said } = await read(c, bodies.label);
    await decisions.label(hashIn(c), { ...said, ...(verdict && { verdict }) });
    return c.json({ labelled: hashIn(c) });
  });
  app.get('/api/decisions/:id/explanation', async (c) => {
    const leaf = await decisionLeaf(node.store, hashIn(c));
    return c.json(await explainDecision({ ...sources, domains, policy: (hash) => policies.get(hash) }, leaf));
  });
  app.get('/api/decisions/:id/labels', async (c) =>
    c.json(
      models.labelsOf(hashIn(c)).map(({ index, arrivalMs, label }) => ({
        leaf: index,
        arrivalMs,
        stand: label.stand,
        verdict: label.verdict,
        by: label.by,
        note: label.note,
      })),
    ),
  );
}
