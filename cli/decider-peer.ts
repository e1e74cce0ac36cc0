// The way of a second decider to a node, which may answer anything: for how long, how much and what is taken is bounded here.
import { randomBytes } from 'node:crypto';
import { answer, connect, type TrineApi } from '@trine/client';
import { openSource } from '@trine/log/fsck/source.ts';
import type { DeciderPeer } from '@trine/node/codecide/co-decider.ts';
import {
  deciderRequestDigest,
  fromHex,
  type Hex,
  hexOf,
  type NetworkDocument,
  sha256,
  signDigest,
  TrineError,
  toUtf8,
} from '@trine/protocol';
import { z } from 'zod';

/** More than a node says at once: 4 MB of bodies, in base64, or the rows of as many accounts as an agreement may have. */
const ANSWER_BYTES_MAX = 33_554_432;
const ANSWER_MS_MAX = 30_000;
const hex = (pattern: RegExp) => z.string().regex(pattern);
const bodiesAnswer = z.object({
  secret: hex(/^[0-9a-f]{64}$/),
  bodies: z.array(z.object({ body: z.base64().nullable() })),
});
const rowsAnswer = z.object({ rows: hex(/^0x([0-9a-f]{2})*$/) });

/**
 * @param url of the node
 * @param key of the account that asks, 32 bytes
 * @param answerMsMax how long an answer may take
 */
export function peerOf(
  url: string,
  origin: string,
  network: NetworkDocument,
  key: Uint8Array,
  answerMsMax: number = ANSWER_MS_MAX,
): DeciderPeer {
  const api = connect({ url, fetch: (request) => bounded(request, answerMsMax) });
  const headersOf = (path: string, body: object) => ({
    authorization: authorizationOf({ network, origin, key }, path, body),
  });
  return {
    source: openSource(`${url}/log`),
    async bodies(policy, leaves) {
      const path = `/api/v1/deciding/${policy}/bodies`;
      const found: (Uint8Array | undefined)[] = [];
      let secret = new Uint8Array();
      do {
        const body = { leaves: leaves.slice(found.length) };
        const params = { path: { policy } };
        const headers = headersOf(path, body);
        const call = api.POST('/api/v1/deciding/{policy}/bodies', { params, body, headers });
        const given = await asked(call, bodiesAnswer);
        secret = fromHex(given.secret) as Uint8Array<ArrayBuffer>;
        if (given.bodies.length === 0 && body.leaves.length > 0) break;
        for (const one of given.bodies)
          found.push(one.body === null ? undefined : Uint8Array.from(Buffer.from(one.body, 'base64')));
      } while (found.length < leaves.length);
      return { secret, bodies: found };
    },
    async rows(policy, intent) {
      const body = { intent };
      const params = { path: { policy } };
      const headers = headersOf(`/api/v1/deciding/${policy}/rows`, body);
      const call = api.POST('/api/v1/deciding/{policy}/rows', { params, body, headers });
      return fromHex((await asked(call, rowsAnswer)).rows);
    },
    handIn: (id, signature) => handIn(api, id, signature),
  };
}

async function handIn(api: TrineApi, id: string, signature: Hex): Promise<void> {
  await asked(api.POST('/api/v1/intents/{id}/signatures', { params: { path: { id } }, body: { signature } }), z.any());
}

/** @throws TrineError, whatever comes back */
async function asked<S extends z.ZodType>(call: Promise<{ readonly data?: unknown }>, schema: S): Promise<z.output<S>> {
  const { data, error } = schema.safeParse(await answer(call));
  if (error) throw new TrineError('malformed', 'The node’s answer is not of the form that its interface has.');
  return data;
}

/** What does not come in time, or does not end, is no answer. */
async function bounded(request: Request, answerMsMax: number): Promise<Response> {
  const response = await fetch(request, { redirect: 'error', signal: AbortSignal.timeout(answerMsMax) });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > ANSWER_BYTES_MAX) throw new TrineError('too-large', 'The node’s answer does not end.');
    parts.push(part);
  }
  const { status, statusText, headers } = response;
  return new Response(length === 0 ? null : Buffer.concat(parts), { status, statusText, headers });
}

function authorizationOf(
  { network, origin, key }: { readonly network: NetworkDocument; readonly origin: string; readonly key: Uint8Array },
  path: string,
  body: object,
): string {
  const nonce = hexOf(randomBytes(32));
  const time = Math.floor(Date.now() / 1000);
  const request = {
    ...{ origin, method: 'POST', path, nonce, time: BigInt(time) },
    body: hexOf(sha256(toUtf8(JSON.stringify(body)))),
  };
  const domain = { chainId: BigInt(network.chain.id), verifyingContract: network.chain.terms as Hex };
  return `Trine-Decider ${time} ${nonce.slice(2)} ${signDigest(deciderRequestDigest(request, domain), key)}`;
}
