// Policies: what is agreed and what is watched, and proposing another.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import {
  type Agreement,
  agreementPayload,
  fromHex,
  type Monitor,
  monitorPayload,
  movesMoney,
  type Plausibility,
  policyHash,
  TrineError,
  toHex,
} from '@trine/protocol';
import { monitorOf } from '../../decide/monitor.ts';
import type { Node } from '../../node.ts';
import type { LoggedPolicy } from '../../projections/policies.ts';
import { signInPractice } from '../../proposals/open.ts';
import { isPractice } from '../../settings.ts';
import { isOwnPractice } from '../../settle/agreements.ts';
import { hex32, json, limit, subject, text } from '../schema.ts';
import { agreements, monitors } from '../views/policies.ts';
import { agreementSchema, monitorSchema } from '../views/policy-schemas.ts';
import { get, post } from './route.ts';

const time = z.number().int().min(0);

const monitorRequest = {
  subject,
  domain: text(40),
  title: text(200),
  /** As the form of the domain asks for them. */
  terms: z.record(z.string().max(100), json),
  /** Obligations from here on are decided; those that are over at once. Default: from now on. */
  startMs: time.optional(),
  endMs: time.optional(),
  plausibility: json.optional(),
  correctableMs: z.number().int().min(1).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
};

const proposed = z.object({ policy: hex32.openapi({ description: 'Its hash.' }), leaf: z.int() });

export function policyRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/agreements',
    { about: 'Agreements, in the order they were made.', fields: { limit }, answer: z.array(agreementSchema) },
    (given) => agreements(node, given.limit),
  );
  get(
    api,
    '/monitors',
    { about: 'Monitors, in the order they were made.', fields: { limit }, answer: z.array(monitorSchema) },
    (given) => monitors(node, given.limit),
  );
  const policy = z.record(z.string().max(40), json);
  post(
    api,
    '/policies',
    {
      about:
        'Appends a monitor, or on a practice network an agreement, which the node signs for the parties whose keys it keeps: as its payload with hex for bytes.',
      params: {},
      body: { policy },
      answer: proposed,
    },
    async (given) => {
      const policy = readPolicy(given.policy);
      return movesMoney(policy) ? signed(node, policy) : propose(node, policy);
    },
  );
  post(
    api,
    '/monitors',
    { about: 'Proposes a monitor.', params: {}, body: monitorRequest, answer: proposed },
    (given) =>
      propose(
        node,
        monitorOf(node, { ...given, plausibility: given.plausibility as Plausibility | undefined }, node.clock()),
      ),
  );
}

async function propose(node: Node, policy: Monitor): Promise<{ policy: string; leaf: number }> {
  const { hash, index }: LoggedPolicy = await node.decisions.propose(policy);
  await node.runner.flush();
  return { policy: hash, leaf: index };
}

/** @throws TrineError `conflict` where other parties must sign as well */
async function signed(node: Node, policy: Agreement): Promise<{ policy: string; leaf: number }> {
  const { keys } = node.genesis;
  const known = node.policies.get(toHex(policyHash(policy)));
  if (known) return { policy: known.hash, leaf: known.index };
  if (!isPractice(node.settings, node.genesis.chain.kind) || !isOwnPractice(policy, keys))
    throw new TrineError('conflict', 'Other parties have to sign it: propose it by POST /api/v1/proposals.');
  const { policy: hash } = await signInPractice(node.proposals, policy, node.genesis);
  await node.runner.flush();
  const logged = node.policies.get(hash as string) as LoggedPolicy;
  return { policy: logged.hash, leaf: logged.index };
}

/** Members that are bytes. */
const BYTES = ['shadows', 'replaces'];

/** @throws FormatError naming the field */
function readPolicy(given: Readonly<Record<string, unknown>>): Agreement | Monitor {
  const entries = Object.entries(given).map(([name, value]) => {
    if (!BYTES.includes(name)) return [name, value];
    const id = hex32.safeParse(value);
    if (!id.success) throw new TrineError('invalid', `policy.${name}: an id of 64 hex digits.`);
    return [name, fromHex(id.data)];
  });
  const policy = Object.fromEntries(entries) as Agreement | Monitor;
  if (policy.trine === 'agreement/1') return agreementPayload.decode(agreementPayload.encode(policy));
  if (policy.trine === 'monitor/1') return monitorPayload.decode(monitorPayload.encode(policy));
  throw new TrineError('invalid', 'policy.trine: agreement/1 or monitor/1.');
}
