// The data folder of a second decider, and its way to a node.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { answer, connect, type TrineApi, UnreachableError } from '@trine/client';
import { connectExternal } from '@trine/ledger/external.ts';
import { openSource } from '@trine/log/fsck/source.ts';
import { openSecret, openSigner } from '@trine/node/access/keystore.ts';
import { CoDecider, type DeciderPeer } from '@trine/node/codecide/co-decider.ts';
import { LogForkedError } from '@trine/node/codecide/copy.ts';
import {
  addressOfPrivateKey,
  deciderRequestDigest,
  didKey,
  encodeNetwork,
  fromHex,
  fromUtf8,
  type Hex,
  hexOf,
  type NetworkDocument,
  sha256,
  signDigest,
  TrineError,
  toUtf8,
} from '@trine/protocol';
import { replaceNow } from '@trine/system/disk.ts';
import { systemDisk } from '@trine/system/system-disk.ts';
import { domains } from './domains.ts';
import { CommandError } from './output.ts';
import { readKey } from './signing.ts';

export interface DeciderFolder {
  readonly decider: CoDecider;
  /** Is it of no use to try again? */
  isFinal(error: unknown): boolean;
  /** @throws what is an error of the program */
  known(error: unknown): Error;
  close(): Promise<void>;
}

/** The keys in a folder, made where there are none. @param file of the account, in place of the folder's own */
export function keysOf(home: string, file?: string): { key: Uint8Array; account: Hex; did: string } {
  const folder = join(home, 'keys');
  const key = file === undefined ? openSecret(folder, 'decider') : readKey(file);
  return { key, account: addressOfPrivateKey(key), did: didKey(openSigner(folder, 'decider').publicKey) };
}

/**
 * Opens the folder of a second decider for this process alone.
 * @throws CommandError, TrineError saying what to do
 */
export async function openDeciderFolder({
  of,
  home,
  network,
  origin: named,
  chain: rpc,
  key: file,
}: {
  /** Address of the node. */
  readonly of: string;
  readonly home: string;
  readonly network: NetworkDocument;
  /** Which log of the network, where it has several. */
  readonly origin?: string;
  /** EVM JSON-RPC of its own. */
  readonly chain?: string;
  readonly key?: string;
}): Promise<DeciderFolder> {
  const url = of.replace(/\/+$/, '');
  const origin = originOf(network, named);
  const { key } = keysOf(home, file);
  const free = systemDisk.lock(join(home, 'lock'));
  // Two of them would each remember half of what was signed.
  if (free === undefined) throw new TrineError('in-use', `Another process decides in ${home}.`);
  replaceNow(systemDisk, join(home, 'network.json'), fromUtf8(encodeNetwork(network)));
  const memory = systemDisk.database(join(home, 'decider.sqlite'));
  const copy = systemDisk.database(join(home, 'log.sqlite'));
  const { id, kind, tokens, ...contracts } = network.chain;
  const chain = await connectExternal({
    url: rpc ?? `${url}/chain`,
    chainId: BigInt(id),
    ...(kind === 'practice' && { confirmations: 1 }),
  });
  const decider = new CoDecider({
    ...{ memory, copy, network, origin, key, chain },
    domains: await domains(home),
    contracts: { ...contracts, token: tokens[0]?.address, fromBlock: 0n } as never,
    peer: peerOf(url, origin, network, key),
    now: Date.now,
  });
  return {
    decider,
    isFinal: (error) => error instanceof LogForkedError,
    known(error) {
      if (!(error instanceof TrineError)) throw error;
      return error;
    },
    async close() {
      await chain.stop();
      memory.close();
      copy.close();
      free();
    },
  };
}

/** @throws CommandError */
function originOf({ members }: NetworkDocument, named: string | undefined): string {
  const origins = members.flatMap(({ logs }) => logs.map(({ origin }) => origin));
  const found = named === undefined ? origins : origins.filter((one) => one === named);
  if (found.length !== 1) throw new CommandError(`Name one log with --origin: ${origins.join(', ')}.`);
  return found[0] as string;
}

function peerOf(url: string, origin: string, network: NetworkDocument, key: Uint8Array): DeciderPeer {
  const api = connect({ url });
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
        const given = await asked(api.POST('/api/v1/deciding/{policy}/bodies', { params, body, headers }));
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
      const { rows } = await asked(api.POST('/api/v1/deciding/{policy}/rows', { params, body, headers }));
      return fromHex(rows);
    },
    handIn: (id, signature) => handIn(api, id, signature),
  };
}

async function handIn(api: TrineApi, id: string, signature: Hex): Promise<void> {
  await asked(api.POST('/api/v1/intents/{id}/signatures', { params: { path: { id } }, body: { signature } }));
}

async function asked<T>(call: Promise<{ readonly data?: T }>): Promise<Exclude<T, undefined>> {
  try {
    return await answer(call);
  } catch (error) {
    if (error instanceof UnreachableError) throw new TrineError('unavailable', error.message);
    throw error;
  }
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
