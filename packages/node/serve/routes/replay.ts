// HTTP for what would have been decided with another model or by another rule.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, TrineError } from '@trine/protocol';
import { bodyLimit } from 'hono/body-limit';
import { ReplayJobs } from '../../jobs/replay.ts';
import type { Node } from '../../node.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'an id of 64 hex digits');
const time = z.number().int().min(0);

const body = z
  .strictObject({
    agreement: hex32.optional(),
    watch: hex32.optional(),
    fromMs: time.optional(),
    toMs: time.optional(),
    model: hex32.optional(),
    rule: z
      .record(z.string().max(100), z.union([z.number().int(), z.string().max(200)]))
      .refine((rule) => Object.keys(rule).length <= 32, 'at most 32 names')
      .optional(),
    perObligationMax: z.number().int().min(1).optional(),
  })
  .refine(({ agreement, watch }) => (agreement === undefined) !== (watch === undefined), 'name an agreement or a watch')
  .refine(({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }) => fromMs < toMs, 'the period ends before it begins');

export function replayRoutes(app: OpenAPIHono, node: Node): void {
  const { settings, genesis, domainsModule } = node;
  const desk = new ReplayJobs({ home: settings.home, network: genesis.network }, domainsModule);
  app.post('/api/replay', bodyLimit({ maxSize: 16_384 }), async (c) => {
    const parsed = body.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success)
      throw new TrineError(
        'invalid',
        parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
      );
    const { agreement, watch, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, model, rule, perObligationMax } = parsed.data;
    const { policies } = node.decisions;
    const policy = agreement === undefined ? policies.get(watch ?? '') : policies.agreement(fromHex(agreement));
    if (policy === undefined) throw new TrineError('not-found', 'No such agreement or watch is known here.');
    if (rule) checkNames(policy.terms.rule, rule);
    // A rule without names changes nothing.
    const otherRule = rule && Object.keys(rule).length > 0 ? rule : undefined;
    return c.json(await desk.ask({ policy: policy.hash, fromMs, toMs, model, rule: otherRule, perObligationMax }));
  });
}

type Rule = Readonly<Record<string, number | string>>;

/** A name that the rule lacks would change nothing, and look as if it had. @throws TrineError `invalid` */
function checkNames(known: Rule, given: Rule): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, name))
      throw new TrineError(
        'invalid',
        `rule.${name}: its rule has no such name, only ${Object.keys(known).join(', ')}.`,
      );
    if (typeof known[name] !== typeof value)
      throw new TrineError('invalid', `rule.${name}: a ${typeof known[name]} is expected.`);
  }
}
