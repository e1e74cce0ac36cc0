// The data folder of a second decider.
import { join } from 'node:path';
import { connectExternal } from '@trine/ledger/external.ts';
import { openSecret, openSigner } from '@trine/node/access/keystore.ts';
import { CoDecider } from '@trine/node/codecide/co-decider.ts';
import { LogForkedError } from '@trine/node/codecide/copy.ts';
import {
  addressOfPrivateKey,
  didKey,
  encodeNetwork,
  fromUtf8,
  type Hex,
  type NetworkDocument,
  TrineError,
} from '@trine/protocol';
import { replaceNow } from '@trine/system/disk.ts';
import { systemDisk } from '@trine/system/system-disk.ts';
import { peerOf } from './decider-peer.ts';
import { domains } from './domains.ts';
import { CommandError } from './output.ts';
import { readKey } from './signing.ts';

export interface DeciderFolder {
  readonly decider: CoDecider;
  /** Is it of no use to try again? */
  isFinal(error: unknown): boolean;
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
