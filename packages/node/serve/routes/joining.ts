// Accounts of lines that join an agreement. The account's own signature and the code of its line are all that it takes.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, TrineError } from '@trine/protocol';
import { plainAddress } from '../../ingest/transports/connection-gate.ts';
import type { Node } from '../../node.ts';
import { hex32 } from '../schema.ts';
import { get, post } from './route.ts';

/** So many fit into a request. */
const AT_ONCE = 150;
const address = z.string().regex(/^0x[0-9a-f]{40}$/, 'an address: 0x and 40 lower-case hex digits');
const signature = z.string().regex(/^0x[0-9a-f]{130}$/, '65 bytes as 0x-hex');
const code = z.string().regex(/^[0-9a-f]{32}$/, 'a code of 32 hex digits');
const key = z.string().min(1).max(128);
const params = { id: hex32 };

export function joiningRoutes(api: OpenAPIHono, node: Node): void {
  post(
    api,
    '/agreements/:id/accounts',
    {
      about: 'Lets accounts join, each for a line: durable when it answers. The same again changes nothing.',
      params,
      body: {
        accounts: z
          .array(
            z.strictObject({
              key: key.openapi({ description: 'Of the line.' }),
              address,
              signature: signature.openapi({
                description: 'By `address`, over LineAccount (EIP-712): docs/reference/decisions.md.',
              }),
              code: code.openapi({ description: 'Of the line, as its holder was given it.' }),
            }),
          )
          .min(1)
          .max(AT_ONCE),
      },
      answer: z.object({
        accounts: z.array(
          z
            .object({
              key,
              leaf: z.int().optional().openapi({ description: 'Where it stands; absent where it did not join.' }),
              error: z.string().optional(),
            })
            .openapi('JoinedAccount'),
        ),
      }),
      isPublic: true,
    },
    async ({ id, accounts }, c) => {
      const { remoteAddress } = (c.env as HttpBindings).incoming.socket;
      const from = plainAddress(remoteAddress ?? '');
      const one = async ({ signature: given, ...rest }: (typeof accounts)[number]) => {
        try {
          return {
            key: rest.key,
            leaf: await node.proposals.joining.join(id, { ...rest, signature: fromHex(given) }, from),
          };
        } catch (error) {
          // One of many says nothing about the others; alone it is the answer.
          if (accounts.length === 1 || !(error instanceof TrineError) || error.code === 'rate-limited') throw error;
          return { key: rest.key, error: error.message };
        }
      };
      return { accounts: await Promise.all(accounts.map(one)) };
    },
  );
  get(
    api,
    '/agreements/:id/codes',
    {
      about: 'Codes of the lines of an agreement that accounts join: each for the holder of its line alone.',
      fields: params,
      answer: z.array(z.object({ key, code, hasAccount: z.boolean() }).openapi('LineCode')),
    },
    ({ id }) => node.proposals.joining.codes(id),
  );
}
