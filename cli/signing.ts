// Acts of parties and arbiters from the command line: signed here with a key file, handed in to any node.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { actAsJson, type Schemas } from '@trine/client';
import {
  type Act,
  actDigest,
  addressOfPrivateKey,
  encodeNetwork,
  equalBytes,
  type Hex,
  hexOf,
  type NetworkDocument,
  signDigest,
} from '@trine/protocol';
import { type Command, Option } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { readGivenText } from './files.ts';
import { homeFolder, readNetworkFile } from './home.ts';
import { CommandError, exitStatus, print, printJson } from './output.ts';

export interface SignerFlags extends NodeFlags {
  readonly key?: string;
  readonly as?: keyof typeof PRACTICE_KEYS;
  readonly network?: string;
  readonly json?: boolean;
}

/** Files of the data folder, by what they are on a practice network. */
const PRACTICE_KEYS = { payer: 'account', recipient: 'recipient', arbiter: 'arbiter' } as const;
/** 64 hex digits, and what editors leave around them. */
const KEY_BYTES_MAX = 1_024;
/** Whoever waits longer signs anew. */
const VALID_S = 3_600;
const POLLS_MAX = 240;
const POLL_MS = 500;

/** Adds the options that say who acts. */
export function withSigner(command: Command): Command {
  return withNode(command)
    .option('--key <file>', 'whose act it is: a file with a secp256k1 private key, 64 hex digits')
    .addOption(
      new Option('--as <role>', 'on a practice network: with the key of this role, from the data folder').choices(
        Object.keys(PRACTICE_KEYS),
      ),
    )
    .option('--network <file>', 'network document you trust: nothing is signed for another one that the node shows')
    .option('--json', 'print the answer as JSON');
}

/** An account whose key is at hand. */
export interface OwnAccount {
  readonly key: Uint8Array;
  readonly address: Hex;
}

/** @throws CommandError where the file holds no key */
export function readKey(path: string): Uint8Array {
  if (!existsSync(path)) throw new CommandError(`There is no key file ${path}.`);
  const text = readGivenText(path, 'key file', KEY_BYTES_MAX).trim().replace(/^0x/, '');
  if (/^[0-9a-fA-F]{64}$/.test(text)) {
    const key = Uint8Array.from(Buffer.from(text, 'hex'));
    try {
      addressOfPrivateKey(key);
      return key;
    } catch {
      // Said below.
    }
  }
  throw new CommandError(`${path} holds no secp256k1 private key: 64 hex digits.`);
}

/** Currencies, contracts and members are as the network document says: a node of others could show another one. */
function checkNetwork(shown: NetworkDocument, file: string): void {
  if (!equalBytes(encodeNetwork(shown), encodeNetwork(readNetworkFile(file))))
    throw new CommandError(`The node shows another network document than ${file}: nothing is signed.`);
}

/** A node, its network, and whoever acts. */
export class Desk {
  readonly client: Client;
  readonly network: Schemas['Network'];
  readonly account: OwnAccount | undefined;

  private constructor(client: Client, network: Schemas['Network'], account: OwnAccount | undefined) {
    this.client = client;
    this.network = network;
    this.account = account;
  }

  static async open(flags: SignerFlags): Promise<Desk> {
    if (flags.key !== undefined && flags.as !== undefined)
      throw new CommandError('Give --key or --as, not both: one of them says who acts.');
    const client = new Client(flags);
    const network = await client.ask(client.api.GET('/network.json'));
    if (flags.network !== undefined) checkNetwork(network as NetworkDocument, flags.network);
    if (flags.as !== undefined && network.chain.kind !== 'practice')
      throw new CommandError('--as is for practice networks, whose keys are all in one place: give --key FILE.');
    const file = flags.as ? join(homeFolder(flags.home), 'keys', `${PRACTICE_KEYS[flags.as]}.secret`) : flags.key;
    if (file === undefined) return new Desk(client, network, undefined);
    const key = readKey(file);
    return new Desk(client, network, { key, address: addressOfPrivateKey(key) });
  }

  /** @throws CommandError where nobody was named */
  get own(): OwnAccount {
    if (this.account === undefined)
      throw new CommandError('Say who acts: --key FILE, or --as payer, recipient or arbiter on a practice network.');
    return this.account;
  }

  /** What stands in every act. */
  get signed(): { account: Hex; nonce: bigint; deadline: bigint } {
    const deadline = BigInt(Math.floor(Date.now() / 1000) + VALID_S);
    return { account: this.own.address, nonce: BigInt(hexOf(randomBytes(32))), deadline };
  }

  /**
   * Signs an act, hands it in, and waits until the chain has done it.
   * @param words that are said then
   * @param settler the contract of the agreement it is about; entry by entry by default
   * @param said of a contest: what its statement is the hash of
   * @returns the exit status
   */
  async does(
    act: Act,
    flags: SignerFlags,
    words: string[],
    {
      permit,
      settler,
      said,
    }: { permit?: { deadline: number; signature: string }; settler?: string; said?: string } = {},
  ): Promise<number> {
    const { chain } = this.network;
    const isMoney = act.kind === 'deposit' || act.kind === 'withdraw';
    if (settler !== undefined && settler !== chain.direct && settler !== chain.batch)
      throw new CommandError('It is settled by a contract that the network document does not have.');
    const verifyingContract = (isMoney ? chain.accounts : (settler ?? chain.direct)) as Hex;
    const signature = signDigest(actDigest(act, { chainId: BigInt(chain.id), verifyingContract }), this.own.key);
    const more = { ...(permit && { permit }), ...(said !== undefined && { words: said }) };
    return this.handIn({ act: actAsJson(act), signature, ...more }, flags, words);
  }

  /** Hands in an act, and waits until the chain has done it. @param words that are said then */
  async handIn(body: HandedIn, flags: SignerFlags, words: string[]): Promise<number> {
    const { client } = this;
    let state = await client.ask(client.api.POST('/api/v1/acts', { body }));
    const params = { path: { id: state.id } };
    for (let polls = 0; polls < POLLS_MAX && ['queued', 'submitted'].includes(state.state); polls++) {
      await sleep(POLL_MS);
      state = await client.ask(client.api.GET('/api/v1/acts/{id}', { params }));
    }
    if (flags.json) printJson(state);
    if (state.state === 'confirmed') {
      if (!flags.json) print(words);
      return exitStatus.ok;
    }
    if (state.state === 'refused') throw new CommandError(state.error ?? 'The contract refused it.', exitStatus.failed);
    throw new CommandError(
      `It was handed in and is not yet done${state.error ? ` (${state.error})` : ''}: the node goes on trying for an hour.`,
      exitStatus.later,
    );
  }
}

interface HandedIn {
  readonly act: Schemas['Act'];
  readonly signature?: string;
  readonly permit?: { deadline: number; signature: string };
  readonly words?: string;
}

/** @param given an id, or its beginning where the node's token is at hand */
export async function agreementGiven({ client }: Desk, given: string): Promise<Hex> {
  const wanted = given.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(wanted)) return `0x${wanted}`;
  if (!/^[0-9a-f]{6,}$/.test(wanted)) throw new CommandError(`${given} is no id: give its first 6 or more digits.`);
  const all = await client.ask(client.api.GET('/api/v1/agreements', { params: { query: { limit: 1_000 } } }));
  const found = all.filter(({ id }) => id.startsWith(wanted));
  if (found.length !== 1)
    throw new CommandError(
      `${found.length === 0 ? 'No agreement' : 'More than one agreement'} has an id that begins with ${given}.`,
    );
  return `0x${found[0]?.id}`;
}
