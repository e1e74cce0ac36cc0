// A circle of members whose obligations are netted in batches, on a chain in memory: what tests of batches do again and
// again. Members sign; the operator submits.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  actDigest,
  type BatchAct,
  type BatchRow,
  commitRows,
  type Hex,
  type Intent,
  intentDigest,
  intentLeaf,
  type OnChainTerms,
  originHash,
  Positions,
  type RowsCommitment,
  signDigest,
  termsDigest,
  ZERO_HASH,
} from '@trine/protocol';
import { actCall, NEVER } from '../acts.ts';
import { openCall } from '../agreements.ts';
import {
  type ActProof,
  announceBatchCall,
  type Joining,
  joinCall,
  NO_PERIODS,
  publishCalls,
  settleBatchCall,
} from '../batches.ts';
import { approveCall, type Inclusion, mintCall } from '../calls.ts';
import { publicClient } from '../chain.ts';
import type { Call } from '../contracts.ts';
import { minedNonce, sendCall, signTransaction, waitForReceipt } from '../transactions.ts';
import { type MemoryOptions, startMemory } from './memory-chain.ts';
import { type Account, accountOf, fundedKeys, ORIGIN, setUp } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

/** The contract's shortest. */
export const WINDOW_S = 3_600n;
const DAY_S = 86_400n;

export type Batch = RowsCommitment & {
  readonly intent: Intent;
  readonly rows: readonly BatchRow[];
  readonly after: Positions;
};
export type Circle = Awaited<ReturnType<typeof startCircle>>;
export type CircleOptions = {
  readonly members: number;
  /** minor units that each locks, and may lose by one obligation */
  readonly amount?: bigint;
  readonly perObligation?: bigint;
  readonly terms?: Partial<OnChainTerms>;
  readonly chain?: Partial<MemoryOptions>;
};

/** Deploys, opens an agreement that settles in batches, and lets its members join: their numbers are 1, 2, … */
export async function startCircle(t: TestContext, options: CircleOptions) {
  const { members, amount = 1_000n, perObligation = 400n } = options;
  const seed = 'circle';
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const time = new VirtualTime();
  const people = Array.from({ length: members }, (_, i) => accountOf(seed, `member ${i + 1}`));
  const keys = [...fundedKeys(seed), accountOf(seed, 'arbiter').bytes, ...people.map(({ bytes }) => bytes)];
  const chain = await startMemory({ chainId: 31_997n, keys, clock: time, timers: time, ...options.chain });
  const network = await setUp(chain, seed, folder);
  const { contracts, operator, decider, log } = network;
  const terms: OnChainTerms = {
    ...network.terms,
    ...{ settler: contracts.batch, window: WINDOW_S, bond: 50n, parties: people.map(({ address }) => address) },
    ...options.terms,
  };
  const agreement = termsDigest(chain.chainId, contracts.terms, terms);
  const send = (call: Call, by: Account = operator) => sendCall(chain, by.key, call);
  let count = 0n;

  const now = async () => (await publicClient(chain).getBlock({ blockTag: 'latest' })).timestamp;
  /** Moves the chain's clock on: it may be ahead of ours, by a second for each block. */
  const pass = async (seconds: bigint) => {
    time.set(Number((await now()) + seconds) * 1000);
    await chain.refresh();
  };
  const once = () => ({ nonce: count++, deadline: 2n ** 63n });
  const domain = { chainId: chain.chainId, verifyingContract: contracts.batch };
  const sign = (act: BatchAct, by: Account): ActProof => ({
    signer: '0x',
    signature: signDigest(actDigest(act, domain), by.bytes),
  });
  /** Mints and deposits. */
  async function fund(who: Account, sum: bigint) {
    const reference = network.word(`funds ${count++}`);
    await send(mintCall(contracts, who.address, sum, reference));
    await send(approveCall(contracts, contracts.accounts, sum), who);
    const deposit = { kind: 'deposit', account: who.address, token: contracts.token, amount: sum } as const;
    await send(actCall(contracts, { ...deposit, nonce: count++, deadline: NEVER }), who);
  }
  async function enter(who: Account, over: Partial<Joining> = {}, admission?: ActProof) {
    const covered = { from: terms.validFrom, until: terms.validUntil };
    const act = { agreement, account: who.address, perObligation, amount, ...covered, ...once(), ...over };
    return send(joinCall(contracts, act, sign({ kind: 'authorize', ...NO_PERIODS, ...act }, who), admission));
  }

  /** An intent over rows; `after` unless told is the truth. */
  async function batchOf(
    tree: Positions,
    rows: readonly BatchRow[],
    { after = tree.clone().apply(rows), over = {} }: { after?: Positions; over?: Partial<Intent> } = {},
  ): Promise<Batch> {
    const commitment = commitRows(rows);
    const nowS = await now();
    const intent: Intent = {
      ...{ network: terms.network, chainId: chain.chainId, settler: contracts.batch, agreement },
      ...{ termsHash: terms.termsHash, obligation: network.word(`batch ${count++}`), begin: nowS, end: nowS },
      ...{ entries: [], rowsHash: commitment.rowsHash, rowCount: commitment.rowCount },
      ...{ positionsBefore: tree.root(), positionsAfter: after.root(), token: contracts.token },
      ...{ validAfter: 0n, deadline: nowS + 30n * DAY_S, decision: network.word('decision'), supersedes: ZERO_HASH },
      ...over,
    };
    return { ...commitment, intent, rows, after };
  }
  /** Logs, anchors and announces. @param to the contract that is called */
  async function announce({ intent, hashes }: Batch, to: Hex = contracts.batch) {
    log.append(intentLeaf(intent));
    await send(await network.kinds.anchor.call(network.checkpoint()));
    const index = BigInt(log.size - 1);
    const proof: Inclusion = { originHash: originHash(ORIGIN), index, ...(await network.prove(ORIGIN, index))! };
    const signatures = [signDigest(intentDigest(intent), decider.bytes)];
    return send({ ...announceBatchCall(intent, hashes, signatures, proof), to });
  }
  async function publish(batch: Batch) {
    for (const call of publishCalls(batch.intent, batch)) await send(call);
  }
  /** The arbiter holds a batch, or rules on one that it holds. */
  async function arbiter(what: 'hold' | 'drop', intent: Intent) {
    const { address: account } = network.arbiter;
    const { obligation } = intent;
    const about = { agreement, obligation, intent: intentDigest(intent), account, nonce: count++, deadline: NEVER };
    const act =
      what === 'hold' ? ({ kind: 'hold', ...about } as const) : ({ kind: 'rule', ruling: what, ...about } as const);
    // Both contracts that settle take these acts in the same form.
    return send(actCall({ ...contracts, direct: contracts.batch }, act, { intent }), network.arbiter);
  }
  const settle = ({ intent }: Batch) => send(settleBatchCall(intent));

  await send(openCall(contracts, terms));
  for (const person of people) {
    await fund(person, amount);
    await enter(person);
  }
  return {
    ...{ chain, time, network, contracts, agreement, terms, people, tree: new Positions() },
    ...{ send, now, pass, once, sign, fund, enter, batchOf, announce, publish, arbiter, settle },
  };
}

/** A batch as it was decided, announced and published. */
export async function underWay(circle: Circle, ...given: Parameters<Circle['batchOf']>): Promise<Batch> {
  const batch = await circle.batchOf(...given);
  await circle.announce(batch);
  await circle.publish(batch);
  return batch;
}

/** One that nobody refutes: its positions are everybody's. */
export async function settled(circle: Circle, rows: readonly BatchRow[]): Promise<Batch> {
  const batch = await underWay(circle, circle.tree, rows);
  await circle.pass(WINDOW_S);
  await circle.settle(batch);
  circle.tree.apply(rows);
  return batch;
}

/** Rows from numbers and amounts. */
export const rows = (...pairs: readonly (readonly [number: number, amount: bigint])[]): BatchRow[] =>
  pairs.map(([number, amount]) => ({ number, amount }));

/**
 * Deploys a contract that passes on whatever it is called with: what it is given stands in no calldata of a transaction to
 * the contract behind it.
 */
export async function forwarderOf({ chain, contracts, network }: Circle): Promise<Hex> {
  const { key, address } = network.operator;
  const runtime = `365f5f375f5f365f5f73${contracts.batch.slice(2)}5af13d5f5f3e602a573d5ffd5b3d5ff3`;
  const data: Hex = `0x602e8060095f395ff3${runtime}`;
  const { raw, hash } = await signTransaction(chain, key, { data }, await minedNonce(chain, address), 200_000n);
  await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
  return (await waitForReceipt(chain, hash)).contractAddress?.toLowerCase() as Hex;
}
