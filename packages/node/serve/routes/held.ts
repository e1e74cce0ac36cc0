// What the gate held: shown, and released or dropped by hand. A signature is the only right that it needs.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { addressOfPrivateKey, fromHex, signDigest, TrineError, toHex } from '@trine/protocol';
import { Tries } from '../../access/tries.ts';
import { plainAddress } from '../../ingest/transports/connection-gate.ts';
import type { Node } from '../../node.ts';
import type { HeldDecision, SaidByHand } from '../../settle/held.ts';
import { hex32, limit, minorUnits, pageOf, text, timeMs } from '../schema.ts';
import { get, post } from './route.ts';

/** Of an address that may be anybody: each takes a signature to be recovered. */
const TRIES = { most: 60, perSecond: 1 };
const ruling = z.enum(['pay', 'drop']).openapi({ description: '`pay` releases it, `drop` ends it unpaid.' });

const words = z
  .array(z.object({ ruling, account: z.string() }))
  .openapi({ description: 'Who has signed what; too few yet.' });

const heldSchema = z
  .object({
    id: hex32.openapi({ description: 'Of the decision.' }),
    agreement: hex32,
    policy: hex32.openapi({ description: 'Hash of the policy.' }),
    title: z.string(),
    subject: z.string(),
    fromMs: timeMs,
    toMs: timeMs,
    amount: minorUnits.openapi({
      description: 'What it would move, lines included; where lines alone are held, these.',
    }),
    currency: z.string(),
    reason: z.string(),
    gate: z.array(z.string()).openapi({ description: 'Why it is held.' }),
    lines: z.int().optional().openapi({
      description:
        'How many of its lines are held, where they are settled in batches: released all at once, or one by one.',
    }),
    quorum: z.int().openapi({ description: 'Deciders that it takes; or all parties.' }),
    words,
  })
  .openapi('Held');

const lineSchema = z
  .object({
    key: z.string(),
    id: hex32.openapi({ description: 'Of the line’s statement.' }),
    amount: minorUnits,
    reason: z.string(),
    gate: z.array(z.string()).openapi({ description: 'Why it is held.' }),
    words,
  })
  .openapi('HeldLine', { description: 'A line of one party that is held.' });
const linePageSchema = pageOf('HeldLinePage', lineSchema, z.object({ total: z.int() }));

const answer = z
  .object({ state: z.enum(['sealed', 'waits']).openapi({ description: '`waits`: more signatures are needed.' }) })
  .openapi('HeldWord');

export function heldRoutes(api: OpenAPIHono, node: Node): void {
  const { settler, timers } = node;
  const tries = new Tries(timers, TRIES.most, TRIES.perSecond);
  const params = { id: hex32 };
  const row = text(128).min(1).optional().openapi({
    description: 'Key of the one line that is meant, where they are settled in batches; absent: all that is held.',
  });
  const body = { ruling, row, reason: text(200) };
  get(
    api,
    '/held',
    {
      about: 'What the gate held and can be released or dropped by hand, the newest first.',
      fields: {},
      answer: z.array(heldSchema),
    },
    async () => (await settler.held.list()).map(shown),
  );
  get(
    api,
    '/held/:id/lines',
    {
      about: 'Lines of a decision that are held and can be released or dropped one by one, by key.',
      fields: { ...params, limit, after: text(128).optional() },
      answer: linePageSchema,
    },
    async ({ id, ...page }) => {
      const found = await settler.held.linesOf(fromHex(id), page);
      return (
        found && {
          items: found.items.map(({ words: signed, ...line }) => ({
            ...line,
            gate: [...line.gate],
            words: signed.map(wordOf),
          })),
          next: found.next,
          counts: { total: found.total },
        }
      );
    },
  );
  post(
    api,
    '/held/:id/release',
    {
      about:
        'A decider’s or a party’s word on what is held. It counts once enough deciders, or all parties, have said the same.',
      params,
      body: {
        ...body,
        signature: z
          .string()
          .regex(/^0x[0-9a-f]{130}$/, '65 bytes as 0x-hex')
          .openapi({ description: 'Over Release (EIP-712): docs/reference/decisions.md.' }),
      },
      answer,
      isPublic: true,
    },
    async ({ id, signature, ...said }, c) => {
      const { remoteAddress } = (c.env as HttpBindings).incoming.socket;
      tries.charge(
        plainAddress(remoteAddress),
        'From here more is handed in than is looked at: try again in a minute.',
      );
      return stateOf(await settler.held.take(fromHex(id), said, fromHex(signature)));
    },
  );
  post(
    api,
    '/held/:id/practice',
    {
      about: 'On a practice network: says it in the name of the decider whose key is here, and of both parties.',
      params,
      body,
      answer,
    },
    async ({ id, ...said }) => stateOf(await inPractice(node, fromHex(id), said)),
  );
}

const stateOf = (isSealed: boolean) => ({ state: isSealed ? ('sealed' as const) : ('waits' as const) });

async function inPractice({ genesis, settler }: Node, id: Uint8Array, said: SaidByHand): Promise<boolean> {
  const { network, keys } = genesis;
  if (network.chain.kind !== 'practice')
    throw new TrineError(
      'forbidden',
      'Only on a practice network are all keys here: sign with your own, by trine held.',
    );
  const { logged } = await settler.held.find(id, said);
  const digest = settler.held.digestOf(logged, id, said);
  const { parties, deciders } = logged.policy;
  const known = [...deciders.list, ...parties].map(({ address }) => address);
  for (const key of [keys.account, keys.recipient]) {
    if (!known.includes(addressOfPrivateKey(key))) continue;
    if (await settler.held.take(id, said, fromHex(signDigest(digest, key)))) return true;
  }
  return false;
}

function shown({ id, logged, decision, amount, reason, gate, lines, words: signed }: HeldDecision) {
  const { policy, hash } = logged;
  const { fromMs, toMs } = decision.obligation;
  return {
    ...{ id, agreement: toHex(logged.id), policy: hash, title: policy.title, subject: policy.subject },
    ...{ fromMs, toMs, amount, currency: policy.money.currency, reason, gate: [...gate], lines },
    quorum: policy.deciders.quorum,
    words: signed.map(wordOf),
  };
}

function wordOf({ ruling: said, signer }: HeldDecision['words'][number]) {
  return { ruling: said, account: signer };
}
