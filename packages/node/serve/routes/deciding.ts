// For other deciders of an agreement: what they need to compute its decisions again, and their signatures. A request is
// signed by the account that the terms name; there is no token.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { matchesSubject, subjectsOf } from '@trine/engine';
import { decodeLeaf, fromHex, hexOf, parseStatement, TrineError, toHex } from '@trine/protocol';
import type { Context } from 'hono';
import { DeciderRequests } from '../../access/decider-requests.ts';
import { policySecret } from '../../access/salts.ts';
import { Tries } from '../../access/tries.ts';
import { plainAddress } from '../../ingest/transports/connection-gate.ts';
import type { Node } from '../../node.ts';
import type { LoggedAgreement } from '../../projections/policies.ts';
import { hex32 } from '../schema.ts';
import { post } from './route.ts';

const LEAVES_MAX = 256;
/** Of bodies in one answer: beyond, the rest is asked for again. */
const ANSWER_BYTES_MAX = 4_194_304;
/** Of an address: each takes a signature to be recovered and a question to the tables. */
const SIGNATURES = { most: 240, perSecond: 2 };

const bodiesSchema = z
  .object({
    secret: hex32.openapi({ description: 'Of the policy: from it follow the salts of states and rows.' }),
    bodies: z.array(
      z.object({
        leaf: z.int(),
        body: z
          .string()
          .nullable()
          .openapi({ description: 'Salt and body, base64; null: it is not kept here, or about no line that joined.' }),
      }),
    ),
  })
  .openapi('DeciderBodies');

export function decidingRoutes(api: OpenAPIHono, node: Node): void {
  const { genesis, policies, clock, timers, settler } = node;
  const { network, origin } = genesis;
  const requests = new DeciderRequests({ network, origin, policies, now: clock, timers });
  const params = { policy: hex32 };
  post(
    api,
    '/deciding/:policy/bodies',
    {
      about:
        'For a decider of an agreement: bodies of what the agreement looks at, and of accounts that joined it. Fewer than were asked for, where they are large.',
      params,
      body: { leaves: z.array(z.int().min(0)).max(LEAVES_MAX) },
      answer: bodiesSchema,
      isPublic: true,
    },
    async ({ policy, leaves }, c) => {
      const logged = requests.check(await askedOf(c), policy, leaves.length + 1);
      return { secret: toHex(policySecret(genesis.keys.salts, policy)), bodies: bodiesOf(node, logged, leaves) };
    },
  );
  post(
    api,
    '/deciding/:policy/rows',
    {
      about: 'For a decider of an agreement: the rows of a batch, as they are to be published.',
      params,
      body: { intent: hex32 },
      answer: z.object({ rows: z.string().openapi({ description: '12 bytes each, 0x-hex.' }) }).openapi('BatchRows'),
      isPublic: true,
    },
    async ({ policy, intent }, c) => {
      const logged = requests.check(await askedOf(c), policy);
      const payment = await settler.payment(fromHex(intent));
      const isOf = payment?.intent.agreement === hexOf(logged.id);
      const rows = isOf ? settler.rowsOf(fromHex(intent)) : undefined;
      return rows && { rows: hexOf(rows) };
    },
  );
  signatureRoute(api, node);
}

function signatureRoute(api: OpenAPIHono, { settler, timers }: Node): void {
  const tries = new Tries(timers, SIGNATURES.most, SIGNATURES.perSecond);
  post(
    api,
    '/intents/:id/signatures',
    {
      about: 'A decider’s signature over a payment: it says by itself whose it is.',
      params: { id: hex32 },
      body: { signature: z.string().regex(/^0x[0-9a-f]{130}$/, '65 bytes as 0x-hex') },
      answer: z.object({ taken: z.literal(true) }),
      isPublic: true,
    },
    async (given, c) => {
      tries.charge(addressOf(c), 'From here more is handed in than is looked at: try again in a minute.');
      await settler.addSignature(fromHex(given.id), fromHex(given.signature));
      return { taken: true as const };
    },
  );
}

function addressOf(c: Context): string {
  return plainAddress((c.env as HttpBindings).incoming.socket.remoteAddress);
}

async function askedOf(c: Context) {
  return {
    method: c.req.method,
    path: c.req.path,
    body: await c.req.text(),
    authorization: c.req.header('authorization'),
    from: addressOf(c),
  };
}

/** @throws TrineError `forbidden` for a leaf that the policy does not look at: none is told apart */
function bodiesOf(node: Node, logged: LoggedAgreement, leaves: readonly number[]) {
  const subjects = subjectsOf(logged.policy, node.domains);
  const found: { leaf: number; body: string | null }[] = [];
  let length = 0;
  for (const leaf of leaves) {
    const looked = looksAt(node, logged, subjects, leaf);
    if (looked === 'no') throw new TrineError('forbidden', `The agreement does not look at leaf ${leaf}.`);
    if (length > ANSWER_BYTES_MAX) break;
    const disclosure = looked === 'yes' ? node.bodies.read(leaf) : undefined;
    length += disclosure?.length ?? 0;
    found.push({ leaf, body: disclosure ? Buffer.from(disclosure).toString('base64') : null });
  }
  return found;
}

/**
 * Of accounts all are given that were said of a line which joined, in whatever agreement: else a decider could not know that
 * none of them came first. Those of other lines are nothing to it, and none is told apart.
 */
function looksAt(
  { log, policies }: Node,
  { hash, policy }: LoggedAgreement,
  subjects: readonly string[],
  leaf: number,
): 'yes' | 'nothing' | 'no' {
  if (leaf >= log.durableSize) return 'no';
  const decoded = decodeLeaf(log.read(leaf));
  if (decoded.kind !== 'statement') return 'no';
  const { kind, subject, issuer } = parseStatement(decoded.statement).header;
  if (kind === 'account' && policy.joining?.by.includes(issuer))
    return policies.account(hash, subject) === undefined ? 'nothing' : 'yes';
  return (kind === 'pack' || kind === 'event') && matchesSubject(subjects, subject) ? 'yes' : 'no';
}
