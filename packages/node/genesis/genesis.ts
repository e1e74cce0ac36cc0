// Founding: on first start, the keys of this installation, its contracts, its network document and its log's first
// leaves. Every step may be repeated: a crash half-way is continued.
import { join } from 'node:path';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { deployContracts } from '@trine/ledger/deploy.ts';
import { type EmbeddedChain, startEmbedded } from '@trine/ledger/embedded.ts';
import { connectExternal } from '@trine/ledger/external.ts';
import {
  addressOfPrivateKey,
  didKey,
  encodeNetwork,
  formatVerifierKey,
  type Hex,
  hexOf,
  type NetworkDocument,
  networkId,
  parseNetwork,
  sha256,
  TrineError,
  toHex,
  toUtf8,
  verifierKey,
} from '@trine/protocol';
import { type Disk, makeFolderNow, replaceNow } from '@trine/system/disk.ts';
import { machine, type System } from '@trine/system/system.ts';
import { type KeySystem, type LocalSigner, openSecret, openSigner } from '../access/keystore.ts';
import type { Settings } from '../settings.ts';
import { keepVerifier } from './verifier.ts';

/** Keys of this installation. Accounts of the practice recipient and arbiter are kept here only on a practice chain. */
export interface NodeKeys {
  readonly member: LocalSigner;
  readonly gateway: LocalSigner;
  readonly log: LocalSigner;
  readonly device: LocalSigner;
  readonly account: Uint8Array;
  readonly issuer: Uint8Array;
  readonly recipient: Uint8Array;
  readonly arbiter: Uint8Array;
  /** Under which the salts of states and rows are made: whoever decides again needs the same. */
  readonly salts: Uint8Array;
  /** Bearer token of the HTTP interface, hex. */
  readonly token: string;
}

export interface Genesis {
  readonly keys: NodeKeys;
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly network: NetworkDocument;
  readonly origin: string;
}

export function openKeys(home: string, system: KeySystem = machine): NodeKeys {
  const directory = join(home, 'keys');
  return {
    member: openSigner(directory, 'member', 'Ed25519', system),
    gateway: openSigner(directory, 'gateway', 'Ed25519', system),
    log: openSigner(directory, 'log', 'Ed25519', system),
    device: openSigner(directory, 'device', 'Ed25519', system),
    account: openSecret(directory, 'account', system),
    issuer: openSecret(directory, 'issuer', system),
    recipient: openSecret(directory, 'recipient', system),
    arbiter: openSecret(directory, 'arbiter', system),
    salts: openSecret(directory, 'salts', system),
    token: toHex(openSecret(directory, 'token', system)),
  };
}

/** Opens the chain of an installation; accounts are funded for practice. */
export type OpenChain = (settings: Settings, keys: NodeKeys, networkId: string) => Promise<Chain>;

/**
 * Starts the chain and founds the network, or finds it as it was founded.
 * @param open the chain
 * @param verifierFile the verifier that a network founded now names
 */
export async function found(
  settings: Settings,
  open: OpenChain,
  system: Pick<System, 'clock' | 'disk' | 'random'>,
  verifierFile?: Uint8Array,
): Promise<Genesis> {
  const { disk } = system;
  const keys = openKeys(settings.home, system);
  const record = openGenesisRecord(settings, didKey(keys.member.publicKey), system);
  const chain = await open(settings, keys, record.id);
  makeFolderNow(disk, join(settings.home, 'chain'), 0o700);
  await checkFunds(chain, addressOfPrivateKey(keys.account));
  // Elsewhere than on the embedded chain one funded account is enough to ask for.
  const issuer = chain.kind === 'embedded' ? keys.issuer : keys.account;
  const contracts = await deployContracts({
    chain,
    deployerKey: hexOf(keys.account),
    file: join(settings.home, 'chain', 'contracts.json'),
    disk,
    members: [
      {
        address: addressOfPrivateKey(keys.account),
        organisation: record.key,
        logKey: hexOf(sha256(toUtf8(record.vkey(keys)))),
      },
    ],
    quorum: 1,
    currency: { code: 'EUR', minorDigits: 2, practice: true, issuerKey: hexOf(issuer) },
  });
  const verifier = keepVerifier(disk, settings.home, verifierFile);
  const network: NetworkDocument = {
    trine: 'network/1',
    id: record.id,
    name: record.name,
    founded: record.founded,
    members: [
      {
        name: record.operator,
        key: record.key,
        address: addressOfPrivateKey(keys.account),
        logs: [{ origin: record.origin, vkey: record.vkey(keys) }],
      },
    ],
    quorum: 1,
    chain: {
      id: Number(chain.chainId),
      kind: chain.kind === 'embedded' ? 'practice' : 'evm',
      registry: lower(contracts.registry),
      checkpoints: lower(contracts.checkpoints),
      accounts: lower(contracts.accounts),
      terms: lower(contracts.terms),
      direct: lower(contracts.direct),
      batch: lower(contracts.batch),
      tokens: [{ address: lower(contracts.token), currency: 'EUR', decimals: 2 }],
    },
    ...(verifier && { verifier }),
  };
  return {
    keys: { ...keys, issuer },
    chain,
    contracts,
    network: pin(disk, settings.home, network),
    origin: record.origin,
  };
}

/** @throws Error naming the account that needs funds for gas */
async function checkFunds(chain: Chain, account: Hex): Promise<void> {
  const balance = BigInt((await chain.request({ method: 'eth_getBalance', params: [account, 'latest'] })) as string);
  if (balance === 0n)
    throw new TrineError(
      'invalid',
      `The node's account ${account} has nothing to pay for transactions with on chain ${chain.chainId}. Fund it, then start again.`,
    );
}

function lower(address: Hex): Hex {
  return address.toLowerCase() as Hex;
}

interface GenesisRecord {
  readonly name: string;
  readonly operator: string;
  readonly founded: string;
  readonly key: string;
  readonly id: string;
  readonly origin: string;
  vkey(keys: NodeKeys): string;
}

/** Name and time are fixed at the first start: later changes of the settings do not make another network. */
function openGenesisRecord(
  settings: Settings,
  key: string,
  { disk, clock }: Pick<System, 'clock' | 'disk'>,
): GenesisRecord {
  const path = join(settings.home, 'founding.json');
  if (!disk.has(path)) {
    const fresh = { name: settings.name, operator: settings.operator, founded: new Date(clock()).toISOString() };
    replaceNow(disk, path, `${JSON.stringify(fresh, undefined, 2)}\n`, 0o644);
  }
  const { name, operator, founded } = JSON.parse(disk.read(path).toString('utf8')) as Record<string, string>;
  const id = networkId({ name: name as string, founded: founded as string, keys: [key] });
  const origin = `${id.slice(6)}.trine.example/log/1`;
  return {
    name: name as string,
    operator: operator as string,
    founded: founded as string,
    key,
    id,
    origin,
    vkey: (keys) => formatVerifierKey(verifierKey(origin, keys.log.publicKey.raw)),
  };
}

/** The chain of the settings: the embedded one, or one of others. */
export async function openChain(settings: Settings, keys: NodeKeys, id: string): Promise<Chain | EmbeddedChain> {
  const { url, confirmations } = settings.chain;
  if (url) return connectExternal({ url, ...(confirmations !== undefined && { confirmations }) });
  return startEmbedded({
    folder: join(settings.home, 'chain'),
    // Every installation has a chain id of its own, so that nothing signed for one counts on another.
    chainId: BigInt(1_000_000_000 + (Number.parseInt(id.slice(6, 13), 16) % 1_000_000_000)),
    keys: [keys.account, keys.issuer, keys.recipient, keys.arbiter],
  });
}

/** The network document on disk is what evidence is checked against: it must not change under way. */
function pin(disk: Disk, home: string, network: NetworkDocument): NetworkDocument {
  const path = join(home, 'network.json');
  if (!disk.has(path)) {
    replaceNow(disk, path, `${JSON.stringify(network, undefined, 2)}\n`, 0o644);
    return network;
  }
  const pinned = parseNetwork(disk.read(path).toString('utf8'));
  if (toHex(encodeNetwork(pinned)) !== toHex(encodeNetwork(network)))
    throw new TrineError(
      'conflict',
      `${path} is not the network of these keys and this chain. If the chain or the keys were replaced, start with a new data folder.`,
    );
  return pinned;
}
