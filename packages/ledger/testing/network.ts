// A small network for tests: contracts on a chain, one agreement, a log in memory. The same seed gives the same
// accounts, intents and log, so that a test may begin again in another process.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ReferenceLog } from '@trine/contracts/test/log.ts';
import {
  addressOfPrivateKey,
  anchorDigest,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  intentLeaf,
  NO_BATCH,
  type OnChainTerms,
  originHash,
  signDigest,
  ZERO_HASH,
} from '@trine/protocol';
import { openAgreement, readLimits } from '../agreements.ts';
import type { Chain } from '../chain.ts';
import { latestAnchor } from '../checkpoints.ts';
import type { Contracts } from '../contracts.ts';
import { deployContracts } from '../deploy.ts';
import {
  type AnchorPayload,
  anchorKind,
  announceKind,
  callKind,
  type SettlePayload,
  settleKind,
  settlePayload,
} from '../outbox-kinds.ts';

export const ORIGIN = 'log.example/test';
const NOBODY: Hex = `0x${'00'.repeat(20)}`;
const YEAR = 366n * 86_400n;

export type Account = { readonly key: Hex; readonly bytes: Uint8Array; readonly address: Hex };
export type Network = Awaited<ReturnType<typeof setUp>>;

export function accountOf(seed: string, name: string): Account {
  const bytes = createHash('sha256').update(`${seed} ${name}`).digest();
  return { bytes, key: hexOf(bytes), address: addressOfPrivateKey(bytes) };
}

/** The accounts that hold ether from the beginning. */
export function fundedKeys(seed: string): Uint8Array[] {
  return ['operator', 'payer', 'arbiter'].map((name) => accountOf(seed, name).bytes);
}

const word = (text: string): Hex => `0x${createHash('sha256').update(text).digest('hex')}`;

/**
 * Deploys, funds and opens whatever is not there yet.
 *
 * @param operator pays transactions; `fundedKeys(seed)[0]` on the embedded chain
 * @param folder for the deployment's progress
 */
export async function setUp(chain: Chain, seed: string, folder: string, deposit = 1_000_000n, windowS = 0n) {
  const [operator, payer, recipient, arbiter, decider] = ['operator', 'payer', 'recipient', 'arbiter', 'decider'].map(
    (name) => accountOf(seed, name),
  ) as [Account, Account, Account, Account, Account];
  const contracts: Contracts = await deployContracts({
    chain,
    deployerKey: operator.key,
    file: join(folder, 'contracts.json'),
    members: [{ address: operator.address, organisation: 'did:web:operator.example' }],
    quorum: 1,
    currency: { code: 'EUR', minorDigits: 2, practice: true, issuerKey: operator.key },
    funds: [{ to: payer.address, amount: deposit }],
  });
  const terms: OnChainTerms = {
    ...{ network: word('network'), settler: contracts.direct, termsHash: word('terms'), token: contracts.token },
    ...{ validFrom: 0n, validUntil: 2_000_000_000n + YEAR, obligationMax: YEAR, settleWithin: 3n * YEAR },
    ...{ window: windowS, holdMax: 3_600n, payAfterHold: true },
    ...{ arbiter: arbiter.address, registrar: NOBODY, residuary: payer.address, bond: 0n, threshold: 1 },
    ...{ deciders: [decider.address], origins: [originHash(ORIGIN)] },
    ...{ parties: [payer.address, recipient.address], salt: ZERO_HASH },
  };
  const limits = { perObligation: 100_000n, amount: deposit };
  const agreement = await openAgreement(chain, contracts, { key: payer.key, account: payer.address }, terms, limits);
  // The same in every process that uses this network: the moment at which the payer joined, as the chain tells the time.
  const { since: nowS } = await readLimits(chain, contracts, agreement, payer.address);
  const log = new ReferenceLog();

  const intentFor = (obligation: string, amount: bigint): Intent => ({
    ...{ network: terms.network, chainId: chain.chainId, settler: contracts.direct, agreement },
    ...{ termsHash: terms.termsHash, obligation: word(obligation), begin: nowS, end: nowS },
    entries: [{ from: payer.address, to: recipient.address, amount }],
    ...NO_BATCH,
    ...{ token: contracts.token, validAfter: 0n, deadline: nowS + terms.settleWithin },
    ...{ decision: word(`decision ${obligation}`), supersedes: ZERO_HASH },
  });
  /** Signs an intent and puts it into the log. */
  const decide = (obligation: string, amount: bigint): SettlePayload => {
    const intent = intentFor(obligation, amount);
    log.append(intentLeaf(intent));
    return settlePayload(intent, [signDigest(intentDigest(intent), decider.bytes)], ORIGIN, BigInt(log.size - 1));
  };
  const checkpoint = (size = log.size): AnchorPayload => {
    const anchor = { origin: ORIGIN, size: BigInt(size), root: log.root(size) };
    const domain = { chainId: chain.chainId, verifyingContract: contracts.checkpoints };
    return { ...anchor, size: String(size), signatures: [signDigest(anchorDigest(anchor, domain), operator.bytes)] };
  };
  const prove = async (origin: string, index: bigint) => {
    const last = await latestAnchor(chain, contracts, origin);
    if (last === undefined || last.size <= index) return undefined;
    return { size: last.size, root: last.root, path: log.inclusion(Number(index), Number(last.size)) };
  };
  const kinds = {
    anchor: anchorKind(chain, contracts, async (_, from, to) => log.consistency(Number(from), Number(to))),
    settle: settleKind(chain, contracts, prove),
    announce: announceKind(chain, contracts, prove),
    registerKey: callKind(['KeyExists']),
  };
  return {
    ...{ chain, contracts, terms, agreement, log, operator, payer, recipient, arbiter, decider },
    ...{ intentFor, decide, checkpoint, prove, kinds, word },
  };
}
