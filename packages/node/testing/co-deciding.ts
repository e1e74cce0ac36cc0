// A second decider beside a node of the tests: the class that `trine decide` runs, over the node's own interface.
import type { Source } from '@trine/log/fsck/source.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  deciderRequestDigest,
  fromHex,
  type Hex,
  hexOf,
  sha256,
  signDigest,
  toUtf8,
} from '@trine/protocol';
import { type Database, makeFolderNow } from '@trine/system/disk.ts';
import { CoDecider, type CoDeciderOptions, type DeciderPeer, type Said } from '../codecide/co-decider.ts';
import type { Node } from '../node.ts';
import type { Answered, ServedNode } from './served.ts';

/** Its account. */
export const SECOND: Uint8Array = new Uint8Array(32).fill(7);

/** Terms by which both must sign. */
export function twoDeciders({ deciders }: Agreement, key: Uint8Array = SECOND): Pick<Agreement, 'deciders'> {
  const second = { key: deciders.list[0]?.key as string, address: addressOfPrivateKey(key) };
  return { deciders: { list: [...deciders.list, second], quorum: 2 } };
}

/** What a request of a decider is signed with, for the node. */
export function authorizationOf(
  { node }: { readonly node: Pick<Node, 'genesis' | 'clock'> },
  asked: {
    readonly path: string;
    readonly body: object;
    readonly nonce: Hex;
    readonly key?: Uint8Array;
    readonly timeS?: number;
    readonly origin?: string;
  },
): string {
  const { network, origin } = node.genesis;
  const time = asked.timeS ?? Math.floor(node.clock() / 1000);
  const body = hexOf(sha256(toUtf8(JSON.stringify(asked.body))));
  const { path, nonce } = asked;
  const request = { method: 'POST', path, nonce, body, time: BigInt(time), origin: asked.origin ?? origin };
  const domain = { chainId: BigInt(network.chain.id), verifyingContract: network.chain.terms as Hex };
  const signature = signDigest(deciderRequestDigest(request, domain), asked.key ?? SECOND);
  return `Trine-Decider ${time} ${asked.nonce.slice(2)} ${signature}`;
}

/** How a decider reaches a node's interface. */
interface Reaching {
  readonly source: Source;
  /** Posts JSON to the interface. @throws where there is no answer */
  readonly post: (
    path: string,
    body: object,
    headers: Readonly<Record<string, string>>,
  ) => Promise<Pick<Answered, 'status' | 'text' | 'json'>>;
  /** Signs a request. @returns its header `authorization` */
  readonly authorize: (path: string, body: object) => string;
}

/** The node's interface as a decider asks it. */
export function peerOver({ source, post, authorize }: Reaching): DeciderPeer {
  const ask = async <T>(path: string, body: object): Promise<T> =>
    readJson<T>(await post(path, body, { authorization: authorize(path, body) }));
  return {
    source,
    async bodies(policy, leaves) {
      type Given = { secret: string; bodies: { leaf: number; body: string | null }[] };
      const { secret, bodies } = await ask<Given>(`/api/v1/deciding/${policy}/bodies`, { leaves });
      const read = ({ body }: { body: string | null }) =>
        body === null ? undefined : Uint8Array.from(Buffer.from(body, 'base64'));
      return { secret: fromHex(secret), bodies: bodies.map(read) };
    },
    async rows(policy, intent) {
      return fromHex((await ask<{ rows: string }>(`/api/v1/deciding/${policy}/rows`, { intent })).rows);
    },
    async handIn(id, signature) {
      readJson(await post(`/api/v1/intents/${id}/signatures`, { signature }, {}));
    },
  };
}

let count = 0;

export function peerOf(served: ServedNode, key: Uint8Array = SECOND): DeciderPeer {
  const { log, world } = served.parts;
  return peerOver({
    // The route serves files of the machine's own disk; these are on another.
    source: {
      async read(path) {
        const file = `${log.publicDirectory}/${path}`;
        return world.disk.has(file) ? Uint8Array.from(world.disk.read(file)) : undefined;
      },
    },
    authorize: (path, body) =>
      authorizationOf(served, { path, body, nonce: hexOf(sha256(toUtf8(`nonce ${count++}`))), key }),
    post: (path, body, headers) => served.post(path, body, { token: '', headers }),
  });
}

/** @throws Error with what the node said */
function readJson<T>({ status, text, json }: Pick<Answered, 'status' | 'text' | 'json'>): T {
  if (status !== 200) throw new Error(`${status} ${text}`);
  return json() as T;
}

/** What it keeps, on the disk of the world: it outlives the process. */
export interface Kept {
  readonly memory: Database;
  readonly copy: Database;
}

export function keptIn({ parts }: ServedNode, folder = '/second'): Kept {
  const { disk } = parts.world;
  makeFolderNow(disk, folder, 0o700);
  return { memory: disk.database(`${folder}/decider.sqlite`), copy: disk.database(`${folder}/log.sqlite`) };
}

/** @param change of what it works with */
export function secondDecider(
  served: ServedNode,
  kept: Kept,
  change: Partial<CoDeciderOptions> = {},
): { readonly decider: CoDecider; round(): Promise<Said[]> } {
  const { genesis, domains, clock } = served.node;
  const { network, origin, chain, contracts } = genesis;
  const own = { ...kept, network, origin, key: SECOND, domains, chain, contracts, peer: peerOf(served), now: clock };
  const decider = new CoDecider({ ...own, ...change });
  const round = async () => {
    await served.does(served.parts.log.publish());
    return served.does(decider.round());
  };
  return { decider, round };
}
