// What would have been decided with another model or under other terms.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { TrineError } from '@trine/protocol';
import { ReplayJobs } from '../../jobs/replay.ts';
import type { Node } from '../../node.ts';
import { hex32, json, minorUnits, timeMs } from '../schema.ts';
import { post } from './route.ts';

const time = z.number().int().min(0);
const TERMS_MAX = 64;

const question = {
  /** Hash of a policy, or id of an agreement. */
  policy: hex32,
  fromMs: time.default(0),
  toMs: time.default(Number.MAX_SAFE_INTEGER),
  model: hex32.optional(),
  /** Terms that take another value; the rest stays. */
  terms: z
    .record(z.string().max(100), json)
    .refine((terms) => Object.keys(terms).length <= TERMS_MAX, `at most ${TERMS_MAX} names`)
    .optional(),
  perObligationMax: z.number().int().min(1).optional(),
};

const decided = z
  .object({ id: hex32, verdict: z.string(), outcome: z.string(), amount: minorUnits, reason: z.string() })
  .openapi('Decided');
const numbers = z.array(z.number());
const whatIfSchema = z
  .object({
    compared: z.int().openapi({ description: 'Obligations that were decided and could be decided again.' }),
    alike: z.int(),
    notComputed: z.int(),
    problems: z.record(z.string(), z.int()).openapi({ description: 'Why not computed: how many for each reason.' }),
    amountBefore: minorUnits,
    amountAfter: minorUnits,
    currency: z.string(),
    differing: z.array(
      z.object({
        id: hex32,
        fromMs: timeMs,
        toMs: timeMs,
        before: decided.optional(),
        after: decided.optional(),
        isSame: z.boolean(),
        problem: z.string().optional(),
      }),
    ),
    series: z
      .object({ timeMs: z.array(timeMs), before: numbers, after: numbers })
      .openapi({ description: 'Amounts added up from the first obligation on.' }),
  })
  .openapi('WhatIf');

export function replayRoutes(api: OpenAPIHono, node: Node): void {
  const { settings, genesis, domainsModule, policies } = node;
  const jobs = new ReplayJobs({ home: settings.home, network: genesis.network }, domainsModule);
  const about = 'What would have been decided with another model or under other terms. One question at a time.';
  post(
    api,
    '/replay',
    { about, params: {}, body: question, answer: whatIfSchema },
    ({ policy: wanted, terms, ...rest }) => {
      if (rest.fromMs >= rest.toMs) throw new TrineError('invalid', 'toMs: the period ends before it begins.');
      const logged = policies.find(wanted);
      if (logged === undefined) throw new TrineError('not-found', 'No such agreement or monitor is known here.');
      // No terms change nothing.
      const others = terms && Object.keys(terms).length > 0 ? terms : undefined;
      if (others) checkTerms(node, logged.policy, others);
      return jobs.ask({ policy: logged.hash, ...rest, terms: others });
    },
  );
}

/** A name that the domain lacks would change nothing, and look as if it had. @throws FormatError naming the field */
function checkTerms({ domains }: Node, { domain, terms }: { domain: string; terms: unknown }, given: object): void {
  domains.get(domain).domain.terms.parse({ ...(terms as object), ...given });
}
