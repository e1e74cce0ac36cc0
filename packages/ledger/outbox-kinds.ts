// What the outbox must know of each kind of item: how to make its call, and how to see that it is done already.
import {
  decodeIntent,
  encodeIntent,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  originHash,
  ZERO_HASH,
} from '@trine/protocol';
import { endHoldCall, expireCall } from './acts.ts';
import { findAnnouncement, findSettlement, readObligation } from './agreements.ts';
import { announceBatchCall, readBatch, settleBatchCall } from './batches.ts';
import { anchorCall, announceCall, type Inclusion, settleCall, supersedeCall } from './calls.ts';
import type { Chain } from './chain.ts';
import { findAnchor, latestAnchor } from './checkpoints.ts';
import type { Call, Contracts } from './contracts.ts';
import { LedgerError, type Revert } from './errors.ts';
import type { OutboxItem } from './outbox-store.ts';

export type Done = { readonly txHash: Hex; readonly blockNumber: bigint };

/** Every call must be such that a second execution is refused by its contract. */
export interface OutboxKind<Payload> {
  /** Natural key within the kind. */
  key(payload: Payload): string;
  /** Items that must be sent one after the other, or null. */
  lane(payload: Payload): string | null;
  /** The transaction that did it already, if any. */
  findDone(payload: Payload): Promise<Done | undefined>;
  /** The call as it must be now. @throws LedgerError when it can never be, or not yet */
  call(payload: Payload): Promise<Call>;
  /** After a refusal that may pass: when to try next, Unix milliseconds; undefined: the usual back-off. */
  retryAt?(revert: Revert): number | undefined;
  /** Does the first make the second, of the same lane, unneeded? A queued one gives up its place to it. */
  supersedes?(newer: Payload, older: Payload): boolean;
  /** Most of its kind that are not yet sent: of what anybody hands in, so that it leaves room for everything else. */
  readonly queuedMax?: number;
  /** Names of the contract's errors that mean that it was done before. */
  readonly doneBy?: readonly string[];
  /** Names of those that mean that another transaction may have done it a moment ago: the next try finds that. */
  readonly overtakenBy?: readonly string[];
  /** Names of those that mean that it waits for people, for however long: no sign that something is stuck. */
  readonly waitsFor?: readonly string[];
}

export type AnchorPayload = {
  readonly origin: string;
  /** decimal */
  readonly size: string;
  readonly root: Hex;
  /** EIP-712 over the anchor, sorted by signer */
  readonly signatures: readonly Hex[];
};

/**
 * Checkpoints to anchor. The proof is made when it is sent, from whatever is anchored then.
 *
 * @param consistency the log's proof between two of its sizes, hashes as hex
 */
export function anchorKind(
  chain: Chain,
  contracts: Contracts,
  consistency: (origin: string, from: bigint, to: bigint) => Promise<readonly Hex[]>,
): OutboxKind<AnchorPayload> {
  return {
    key: ({ origin, size }) => `${origin}:${size}`,
    lane: ({ origin }) => `anchor:${origin}`,
    // Whatever the smaller tree holds the larger one holds: of those that wait, the newest is enough.
    supersedes: (newer, older) => BigInt(newer.size) > BigInt(older.size),
    overtakenBy: ['NotLarger'],
    async findDone({ origin, size, root }) {
      const last = await latestAnchor(chain, contracts, origin);
      if (last === undefined || last.size < BigInt(size)) return undefined;
      const done = await findAnchor(chain, contracts, origin, BigInt(size), root);
      if (done === undefined)
        throw new LedgerError(
          'overtaken',
          `Overtaken: a checkpoint of size ${last.size} is anchored already; what this one holds is under that.`,
          'never',
        );
      return done;
    },
    async call({ origin, size, root, signatures }) {
      const last = await latestAnchor(chain, contracts, origin);
      const proof = last === undefined ? [] : await consistency(origin, last.size, BigInt(size));
      return anchorCall(contracts, { origin, size: BigInt(size), root, consistency: proof, signatures });
    },
  };
}

export type SettlePayload = {
  /** ABI encoding of the intent, hex */
  readonly intent: Hex;
  /** deciders' signatures, sorted by signer */
  readonly signatures: readonly Hex[];
  /** origin of the log, and the leaf's position in it */
  readonly origin: string;
  readonly index: string;
  /** of a batch: keccak256 of each chunk of its rows */
  readonly hashes?: readonly Hex[];
  /** ABI encoding of the intent whose place it takes, hex */
  readonly replaces?: Hex;
};

/** The payload for an intent. @param more hashes of a batch's chunks; the intent whose place it takes */
export function settlePayload(
  intent: Intent,
  signatures: readonly Hex[],
  origin: string,
  index: bigint,
  more: { readonly hashes?: readonly Hex[] | undefined; readonly replaces?: Intent | undefined } = {},
): SettlePayload {
  const { hashes, replaces } = more;
  return {
    ...{ intent: hexOf(encodeIntent(intent)), signatures, origin, index: String(index) },
    ...(hashes && { hashes }),
    ...(replaces && { replaces: hexOf(encodeIntent(replaces)) }),
  };
}

/** Is it settled in a batch? That has rows; what is settled entry by entry has none. */
export function isBatch({ rowsHash }: Pick<Intent, 'rowsHash'>): boolean {
  return rowsHash !== ZERO_HASH;
}

/** Both contracts that settle keep obligations in the same way: those of the one an intent names. */
export function settling(contracts: Contracts, { settler }: Pick<Intent, 'settler'>): Contracts {
  return { ...contracts, direct: settler };
}

export const intentOf = ({ intent }: Pick<SettlePayload, 'intent'>): Intent => decodeIntent(fromHex(intent));

const NOT_ANCHORED = 'The intent is not under an anchored checkpoint yet: it follows the next anchor.';
const notAnchored = () => new LedgerError('not-anchored', NOT_ANCHORED, 'later');
/** Was it tried, and waits for the next anchor? */
export const waitsForAnchor = ({ state, error }: Pick<OutboxItem, 'state' | 'error'>): boolean =>
  state === 'queued' && error === NOT_ANCHORED;
const NO_PROOF = { size: 0n, root: ZERO_HASH, path: [] } as const;
/** What time lifts, and when, as the contract says. */
export const retryAt = ({ name, args }: Revert) =>
  name === 'TooEarly' || name === 'NotYet' ? Number(args[0]) * 1000 : undefined;
/** What waits for people: a ruling, a superseding intent, more money, a party that joins. */
const waitsFor = [
  ...['OnHold', 'OtherIntentPending', 'AboveLimit', 'NotCovered', 'NotAParty', 'NoSuchAgreement'],
  // One batch is under way in an agreement at a time.
  'BatchUnderWay',
];

/** The leaf's inclusion under an anchored root, or undefined while none holds it. */
export type ProveLeaf = (origin: string, index: bigint) => Promise<Omit<Inclusion, 'originHash' | 'index'> | undefined>;

/**
 * Intents to settle: one that was announced, or, where the terms name no window, at once. The inclusion proof is made when
 * it is sent, under a root that stands on the chain then: the newest lasts longest.
 */
export function settleKind(chain: Chain, contracts: Contracts, prove: ProveLeaf): OutboxKind<SettlePayload> {
  return {
    key: (payload) => settleKey(intentOf(payload)),
    lane: () => null,
    async findDone(payload) {
      const intent = intentOf(payload);
      const { agreement, obligation } = intent;
      const at = settling(contracts, intent);
      const { phase, intent: settled } = await readObligation(chain, at, agreement, obligation);
      if (phase === 'dropped')
        throw new LedgerError('overtaken', 'The obligation was disputed and dropped: it is never paid.', 'never');
      if (phase !== 'settled') return undefined;
      if (settled !== intentDigest(intent))
        throw new LedgerError(
          'overtaken',
          `The obligation was paid as the intent ${settled} says, not this one.`,
          'never',
        );
      return findSettlement(chain, at, agreement, obligation);
    },
    async call(payload) {
      const intent = intentOf(payload);
      if (isBatch(intent)) return settleBatch(chain, contracts, intent);
      const index = BigInt(payload.index);
      const pending = await readObligation(chain, contracts, intent.agreement, intent.obligation);
      // What was announced is verified already: its root may be gone, and is not needed.
      if (pending.phase !== 'none')
        return settleCall(intent, [], { ...NO_PROOF, originHash: originHash(payload.origin), index });
      const proof = await prove(payload.origin, index);
      if (proof === undefined) throw notAnchored();
      return settleCall(intent, payload.signatures, { originHash: originHash(payload.origin), index, ...proof });
    },
    retryAt,
    overtakenBy: ['AlreadyFinal'],
    waitsFor,
  };
}

/** @throws LedgerError `later` while rows are missing: the contract would refuse it for good */
async function settleBatch(chain: Chain, contracts: Contracts, intent: Intent): Promise<Call> {
  const batch = await readBatch(chain, contracts, intent.agreement);
  if (batch?.obligation !== intent.obligation || batch.completeAt === 0n)
    throw new LedgerError('not-included', 'The rows of the batch are not all published yet.', 'later');
  return settleBatchCall(intent);
}

/** The natural key of a settlement: of several intents for an obligation, one in the place of the other, the contract settles one. */
export function settleKey(intent: Intent): string {
  return intentDigest(intent);
}

/**
 * Intents to announce, which starts the window in which they can be disputed. The payload is that of {@link settleKind}.
 *
 * @param prove as for {@link settleKind}
 */
export function announceKind(chain: Chain, contracts: Contracts, prove: ProveLeaf): OutboxKind<SettlePayload> {
  return {
    key: (payload) => intentDigest(intentOf(payload)),
    lane: () => null,
    async findDone(payload) {
      const intent = intentOf(payload);
      const at = settling(contracts, intent);
      const { agreement, obligation } = intent;
      const done = await findAnnouncement(chain, at, agreement, obligation, intentDigest(intent));
      if (done !== undefined) return done;
      const { phase } = await readObligation(chain, at, agreement, obligation);
      if (phase === 'settled' || phase === 'dropped')
        throw new LedgerError('overtaken', `The obligation is ${phase} without this intent.`, 'never');
      return undefined;
    },
    async call(payload) {
      const index = BigInt(payload.index);
      const proof = await prove(payload.origin, index);
      if (proof === undefined) throw notAnchored();
      const inclusion = { originHash: originHash(payload.origin), index, ...proof };
      const { signatures, hashes, replaces } = payload;
      const intent = intentOf(payload);
      if (hashes) return announceBatchCall(intent, hashes, signatures, inclusion);
      return replaces
        ? supersedeCall(intentOf({ intent: replaces }), intent, signatures, inclusion)
        : announceCall(intent, signatures, inclusion);
    },
    retryAt,
    overtakenBy: ['AlreadyFinal'],
    waitsFor,
  };
}

export type EndPayload = {
  /** ABI encoding of the intent, hex */
  readonly intent: Hex;
  /** when its obligation came into the phase that is to end, decimal seconds: one intent may be held twice */
  readonly since: string;
};

/** The payload for what a pending intent needs of nobody in particular. */
export function endPayload(intent: Intent, since: bigint): EndPayload {
  return { intent: hexOf(encodeIntent(intent)), since: String(since) };
}

/** Ends of pending intents that time brings, and nobody's word: of a hold, or of what was not paid in time. */
function endKind(callOf: (intent: Intent) => Call): OutboxKind<EndPayload> {
  return {
    key: (payload) => `${intentDigest(intentOf(payload))}:${payload.since}`,
    lane: () => null,
    findDone: () => Promise.resolve(undefined),
    call: (payload) => Promise.resolve(callOf(intentOf(payload))),
    retryAt,
    // Somebody was faster, or it went another way.
    doneBy: ['WrongPhase', 'AlreadyFinal', 'OtherIntentPending'],
  };
}

/** Holds on which nobody ruled in time. */
export const endHoldKind: OutboxKind<EndPayload> = endKind(endHoldCall);

/** Pending intents that were not paid in time. */
export const expireKind: OutboxKind<EndPayload> = endKind(expireCall);

export type CallPayload = { readonly key: string; readonly call: Call };

/** Half of what an outbox holds: acts that wait for money may wait for a week. */
const ACTS_MAX = 5_000;

/**
 * Acts that somebody signed, and calls that need no signature: what was tried before it was taken, and is worthless after
 * its deadline. However it fails then, that is nothing of ours.
 */
export const actKind: OutboxKind<CallPayload> = {
  ...callKind(['NonceUsed', 'NothingToRelease']),
  retryAt,
  queuedMax: ACTS_MAX,
  waitsFor: [...waitsFor, 'BalanceTooLow', 'TooEarly'],
};

/**
 * Any other call that its contract refuses the second time (registering a key, minting under a reference).
 *
 * @param doneBy names of the contract's errors that mean that it was done before
 */
export function callKind(doneBy: readonly string[]): OutboxKind<CallPayload> {
  return {
    key: ({ key }) => key,
    lane: () => null,
    findDone: () => Promise.resolve(undefined),
    call: ({ call }) => Promise.resolve(call),
    doneBy,
  };
}
