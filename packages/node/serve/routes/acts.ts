// Acts of parties and arbiters: signed by them, handed in by anybody, and what became of them. A signature is the only
// right that they need, so there is no token.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { type Act, addressGiven, encodeIntent, type Hex, hexOf, TrineError } from '@trine/protocol';
import { plainAddress } from '../../ingest/transports/connection-gate.ts';
import type { Node } from '../../node.ts';
import type { HandedIn, Release } from '../../settle/acts.ts';
import { WORDS_MAX } from '../../settle/contests.ts';
import { actInPractice, ruleContestInPractice } from '../../settle/practice-acts.ts';
import { hex32, idOrPrefix, minorUnits, text } from '../schema.ts';
import { accountOf, accountSchema } from '../views/accounts.ts';
import { idBytesOf } from './ids.ts';
import { get, post } from './route.ts';

const address = z.string().regex(/^0x[0-9a-f]{40}$/, 'an address: 0x and 40 lower-case hex digits');
const amount = minorUnits.min(1);
const seconds = z.int().min(0);
const signed = {
  account: address,
  nonce: hex32.openapi({ description: 'Any number: an act with one that was used is refused.' }),
  deadline: seconds.openapi({ description: 'Seconds since 1970, at most 7 days from now.' }),
};
const pending = { agreement: hex32, obligation: hex32, intent: hex32 };
const signature = z.string().regex(/^0x[0-9a-f]{130}$/, '65 bytes as 0x-hex');

const actSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('deposit'), token: address, amount, ...signed }),
    z.strictObject({ kind: z.literal('withdraw'), token: address, to: address, amount, ...signed }),
    z.strictObject({
      ...{ kind: z.literal('authorize'), agreement: hex32 },
      ...{ perObligation: minorUnits.min(0), perPeriod: minorUnits.min(0), period: seconds, amount: minorUnits.min(0) },
      ...{ from: seconds, until: seconds, ...signed },
    }),
    z.strictObject({ kind: z.literal('revoke'), agreement: hex32, ...signed }),
    z.strictObject({ kind: z.literal('claim'), agreement: hex32, amount, ...signed }),
    z.strictObject({ kind: z.literal('hold'), ...pending, ...signed }),
    z.strictObject({ kind: z.literal('rule'), ...pending, ruling: z.enum(['pay', 'drop', 'redecide']), ...signed }),
    z.strictObject({
      ...{ kind: z.literal('contest'), agreement: hex32, obligation: hex32 },
      statement: hex32.openapi({ description: 'SHA-256 of `words`, handed in beside it.' }),
      ...signed,
    }),
    z.strictObject({
      ...{ kind: z.literal('rule-contest'), agreement: hex32, obligation: hex32 },
      justified: z.boolean().openapi({ description: 'The bond goes back; else to the residuary of the terms.' }),
      ...signed,
      account: address.openapi({ description: 'Who contests. The signature is by the arbiter.' }),
    }),
    z.strictObject({ kind: z.literal('release'), agreement: hex32, account: address }),
  ])
  .openapi('Act', { description: 'As the contracts have it (EIP-712): docs/reference/contracts.md.' });

const actStateSchema = z
  .object({
    id: hex32.openapi({ description: 'Its digest.' }),
    state: z.enum(['queued', 'submitted', 'confirmed', 'refused']),
    error: z.string().optional().openapi({ description: 'Why it waits, or was refused after all.' }),
    transaction: z.string().optional(),
    block: z.int().optional(),
  })
  .openapi('ActState');

export function actRoutes(api: OpenAPIHono, node: Node): void {
  const { settler } = node;
  post(
    api,
    '/acts',
    {
      about: 'Hands in what a party or an arbiter signed: it is checked, then submitted to the chain.',
      params: {},
      body: {
        act: actSchema,
        signature: signature.optional().openapi({
          description: 'By `account`, or the arbiter of `rule-contest`, over the digest; of all but `release`.',
        }),
        words: text(WORDS_MAX).optional().openapi({
          description: 'Of a contest: what is wrong. Kept by the node, shown to who sees payments, and in no log.',
        }),
        permit: z
          .strictObject({ deadline: seconds, signature })
          .optional()
          .openapi({ description: 'EIP-2612, for the amount of a deposit, in place of an approval.' }),
      },
      answer: actStateSchema,
      isPublic: true,
    },
    ({ act, signature: by, permit, words }, c) => {
      const { remoteAddress } = (c.env as HttpBindings).incoming.socket;
      const handedIn: HandedIn = {
        act: actOf(act),
        ...{ signature: by as Hex | undefined, words },
        permit: permit && { deadline: BigInt(permit.deadline), signature: permit.signature as Hex },
      };
      return settler.acts.take(handedIn, plainAddress(remoteAddress));
    },
  );
  get(
    api,
    '/acts/:id',
    {
      about: 'What became of an act that was handed in here.',
      fields: { id: hex32 },
      answer: actStateSchema,
      isPublic: true,
    },
    ({ id }) => settler.acts.of(id),
  );
  get(
    api,
    '/intents/:id',
    {
      about: 'The intent of a payment, as it stands in the public log: what is held and ruled on.',
      fields: { id: idOrPrefix },
      answer: z
        .object({ digest: hex32, intent: z.string().openapi({ description: 'ABI encoding, 0x-hex.' }) })
        .openapi('Intent'),
      isPublic: true,
    },
    async ({ id }) => {
      const payment = await settler.payment(await idBytesOf(node, id, 'payment'));
      return payment && { digest: payment.digest, intent: hexOf(encodeIntent(payment.intent)) };
    },
  );
  practiceRoutes(api, node);
  get(
    api,
    '/accounts/:address',
    {
      about: 'What an account has, and what agreements hold of it.',
      fields: { address: z.string().max(42) },
      answer: accountSchema,
    },
    ({ address: given }) => {
      const account = addressGiven(given);
      if (account === undefined) throw new TrineError('invalid', 'address: 0x and 40 hex digits.');
      return accountOf(node, account);
    },
  );
}

/** Where all keys are in one place, the node signs in the name of whoever acts. */
function practiceRoutes(api: OpenAPIHono, node: Node): void {
  post(
    api,
    '/payments/:id/practice',
    {
      about:
        'On a practice network: objects in the name of who pays (of a batch: the arbiter), or rules in the name of the arbiter.',
      params: { id: hex32 },
      body: { act: z.enum(['hold', 'pay', 'drop', 'redecide']) },
      answer: actStateSchema,
    },
    ({ id, act }) => actInPractice(node, id, act),
  );
  post(
    api,
    '/payments/:id/contests/practice',
    {
      about: 'On a practice network: rules on a contest of a batch in the name of the arbiter.',
      params: { id: hex32 },
      body: { account: address.openapi({ description: 'Who contests.' }), justified: z.boolean() },
      answer: actStateSchema,
    },
    ({ id, account, justified }) => ruleContestInPractice(node, id, account as Hex, justified),
  );
}

/** Ids get their `0x`, numbers become exact. */
function actOf(given: z.output<typeof actSchema>): Act | Release {
  const ids: readonly string[] = ['agreement', 'obligation', 'intent', 'statement'];
  const entries = Object.entries(given).map(([name, value]) => {
    if (ids.includes(name)) return [name, `0x${value}`];
    if (name === 'nonce') return [name, BigInt(`0x${value}`)];
    return [name, typeof value === 'number' ? BigInt(value) : value];
  });
  return Object.fromEntries(entries) as Act | Release;
}
